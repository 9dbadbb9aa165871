package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.Partitioning;
import org.tataa.config.TataaConfig;
import org.tataa.graph.Evaluator;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxImporter;
import org.tataa.task.ImageTask;
import org.tataa.task.Metric;
import org.tataa.task.PerplexityTask;
import org.tataa.task.ReadingStore;
import org.tataa.task.Task;
import org.tataa.task.TaskRow;
import org.tataa.task.TaskStudy;

/** The models that come with the library: what they reach, on the machine too. */
class TrainedModelsTest {
  private static final int MOST_BYTES = 3_000_000;
  private static final int SEEN = 100;

  private static byte[] resource(String name) throws IOException {
    try (InputStream stream = TrainedModels.class.getResourceAsStream("trained/" + name)) {
      return stream == null ? new byte[0] : stream.readAllBytes();
    }
  }

  private static IdxFile test(String name) {
    return IdxFile.read(TrainedModelsTest.class.getResourceAsStream(name), name);
  }

  private static ImageTask clothes(int count) {
    return ImageTask.fashion(
        test("t10k-images-idx3-ubyte.gz"), test("t10k-labels-idx1-ubyte.gz"), count);
  }

  private static double float32(Task task) {
    List<float[]> readings = new ArrayList<>();
    Evaluator evaluator = new Evaluator(task.model().graph(), task.model().opset());
    for (Map<String, NdTensor> item : task.items()) {
      readings.add(task.reading(item, evaluator.run(item, null)));
    }
    Metric metric = task.metric(List.of(), readings);
    int[] all = new int[readings.size()];
    Arrays.setAll(all, i -> i);
    return metric.value(readings, all);
  }

  @Test
  void filesAreSmallAndSayWhoseTheyAre() throws IOException {
    for (String name : TrainedModels.names()) {
      assertThat(resource(name + ".onnx")).hasSizeBetween(100_000, MOST_BYTES);
    }
    assertThat(new String(resource("LICENCES.md"), StandardCharsets.UTF_8))
        .contains("Apache-2.0", "Copyright (c) 2017 Zalando SE", "King James");
    assertThatThrownBy(() -> TrainedModels.model("vit-fashoin"))
        .hasMessage("no trained model vit-fashoin, expected one of [vit-fashion, gpt-small]");
  }

  @Test
  void clothesAreToldApart() {
    assertThat(float32(clothes(SEEN))).isGreaterThanOrEqualTo(88);
    assertThat(TrainedModels.images()).hasSize(48);
    assertThat(TrainedModels.card().labels()).hasSize(10);
  }

  @Test
  void unseenTextIsFollowed() {
    PerplexityTask task = PerplexityTask.unseen(128, 8);
    assertThat(task.items()).hasSize(8);
    assertThat(float32(task)).isBetween(5.0, 40.0);
  }

  @Test
  void theTokenizerGivesTextBack() {
    try (TextTokenizer words = TrainedModels.tokenizer(64)) {
      String text = "In the beginning God created the heaven and the earth. Ærøskøbing!\n";
      long[] ids = words.encode(text);
      assertThat(words.decode(ids)).isEqualTo(text);
      assertThat(ids).hasSizeLessThan(text.length() / 2);
    }
    assertThat(TrainedModels.unseenText()).doesNotContain("In the beginning God created");
    assertThat(TrainedModels.learntText()).startsWith("In the beginning God created the heaven");
  }

  /** A few items of each on the machine. */
  @Test
  void theMachineLosesLittle() {
    TaskStudy study = new TaskStudy(ReadingStore.inMemory(), 10);
    TaskRow images = study.row(clothes(4), TaskStudy.schemes().get(0), (done, of) -> {});
    assertThat(images.simulated()).isGreaterThanOrEqualTo(75);
    PerplexityTask texts = PerplexityTask.unseen(32, 2);
    TaskRow text = study.row(texts, TaskStudy.schemes().get(0), (done, of) -> {});
    assertThat(text.drop()).isBetween(-5.0, 5.0);
  }

  private static DecoderSession session(int tokens) {
    OnnxImporter.Model model = TrainedModels.model(TrainedModels.TEXT);
    DecoderSession session =
        new DecoderSession(
            TataaConfig.u280(),
            model,
            CompilerOptions.DEFAULT.withPartitioning(Partitioning.OFF),
            GenerationSizes.DEFAULT.forTokens(tokens));
    try (TextTokenizer words = TrainedModels.tokenizer(TrainedModels.CONTEXT)) {
      session.calibrate(
          TrainedModels.texts(words, TrainedModels.learntText(), 64), (done, of) -> {});
    }
    return session;
  }

  private static long[] prompt(int tokens) {
    try (TextTokenizer words = TrainedModels.tokenizer(TrainedModels.CONTEXT)) {
      return TrainedModels.texts(words, TrainedModels.unseenText(), tokens).get(0);
    }
  }

  private static List<Long> generated(
      DecoderSession session, int prompt, int tokens, boolean keys) {
    return session
        .generate(prompt(prompt), tokens, keys, TokenChoice.greedy(), token -> {})
        .tokens();
  }

  @Tag("heavy")
  @ParameterizedTest
  @CsvSource({"9, 200", "1, 20", "31, 20", "32, 20", "33, 20", "512, 20"})
  void theSameTokensOfLongTextsWithAndWithoutKeys(int prompt, int tokens) {
    DecoderSession session = session(prompt + tokens);
    List<Long> kept = generated(session, prompt, tokens, true);
    assertThat(kept).isEqualTo(generated(session, prompt, tokens, false));
    assertThat(kept.stream().distinct().count()).isGreaterThan(3);
  }
}
