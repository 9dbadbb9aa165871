package org.tataa.compiler;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.config.TataaConfig;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pipeline.TextInputs;
import org.tataa.pipeline.TextTokenizer;

/** Pre-trained sentence encoders as others saved them (opset 11), unmodified. */
class PackagedEncodersTest {
  private static final List<String> ENGLISH =
      List.of(
          "A man is playing the guitar on a street corner.",
          "The stock market fell sharply after the announcement.",
          "Rain is expected over the northern hills tomorrow morning.",
          "She opened the window and listened to the birds.");
  private static final List<String> CHINESE =
      List.of("一个男人在街角弹吉他。", "消息公布后股市大幅下跌。", "明天早上北部山区预计有雨。", "她打开窗户,听着鸟叫。");

  @TempDir private Path directory;

  @Tag("heavy")
  @ParameterizedTest
  @ValueSource(strings = {"e5-small-v2", "bge-small-en-v1.5", "bge-small-zh-v1.5"})
  void agreesWithOnnxRuntime(String name) throws Exception {
    byte[] file = resource("/" + name + ".onnx");
    Path tokens =
        Files.write(directory.resolve("t.json"), resource("/" + name + "-tokenizer.json"));
    Graph graph = OnnxImporter.read(new ByteArrayInputStream(file), name).graph();
    List<Map<String, NdTensor>> samples = new ArrayList<>();
    try (TextTokenizer tokenizer = TextTokenizer.read(tokens, 128)) {
      for (String text : name.contains("zh") ? CHINESE : ENGLISH) {
        samples.add(TextInputs.of(graph, tokenizer.encode(text)));
      }
    }
    Agreement.Case test = new Agreement.Case(file, samples, TextInputs.FIXED);
    Agreement.check(test, 0.99);
    CompilerOptions plain = CompilerOptions.DEFAULT.withoutPasses(Set.copyOf(Passes.names()));
    Agreement.check(test, 0.99, TataaConfig.u280(), plain);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream stream = PackagedEncodersTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(stream, name + " is not on the class path: use -Pheavy")
          .readAllBytes();
    }
  }
}
