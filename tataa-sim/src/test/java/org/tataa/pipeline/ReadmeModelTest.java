package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tataa.compiler.CompilerOptions;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxBuilder;
import org.tataa.onnx.OnnxImporter;

/** The model example of the README compiles, runs, and is the one printed there. */
class ReadmeModelTest {
  @TempDir Path directory;

  private static String example(Path file, float[] values, String output) {
    // README
    TataaConfig config = TataaConfig.u280();
    OnnxImporter.Model model = OnnxImporter.read(file); // a java.nio.file.Path
    ModelSession session = new ModelSession(config, model, Set.of(), CompilerOptions.DEFAULT);
    List<Map<String, NdTensor>> items = List.of(Map.of("x", NdTensor.of(values, 1, 5, 12)));
    session.calibrate(items, (done, of) -> {});
    BatchResult batch = session.run(items, true, (done, of) -> {});
    float[] y = batch.items().get(0).result().outputs().get(output).floats();
    double cosine = batch.items().get(0).cosine(output); // with float32
    String cost = batch.deviceCycles() + " cycles, " + batch.kinds();
    // README
    return y.length + " values, " + (cosine > 0.999) + ", " + cost;
  }

  @Test
  void theReadmeShowsThisExample() throws IOException {
    OnnxBuilder b = new OnnxBuilder(17, 1);
    String output = b.linear(b.input("x", 1, 5, 12), 12, 8);
    Path file = directory.resolve("model.onnx");
    Files.write(file, b.build(output));
    float[] values = new float[60];
    Random random = new Random(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    assertThat(example(file, values, output)).startsWith("40 values, true, ").contains("LINEAR");
    Path source = Path.of("src/test/java/org/tataa/pipeline/ReadmeModelTest.java");
    String code = Files.readString(source).split("// README\n")[1];
    String readme = Files.readString(Path.of("../README.md"));
    String shown = readme.split("```java\n")[2].split("```")[0];
    assertThat(shown.replaceAll("\\s+", "")).isEqualTo(code.replaceAll("\\s+", ""));
  }
}
