package org.tataa.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxBuilder;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pipeline.AccuracyStudy;

/** Metrics, intervals, stored readings, and a small model through the whole study. */
class TaskStudyTest {
  private static final int FEATURES = 32;

  @TempDir private Path directory;

  // Whether the first of two results is larger.
  private static final class Comparing implements Task {
    private final OnnxImporter.Model model;
    private final List<Map<String, NdTensor>> items = new ArrayList<>();
    private final List<Map<String, NdTensor>> samples = new ArrayList<>();
    private final AtomicInteger read = new AtomicInteger();

    Comparing(int count) {
      OnnxBuilder b = new OnnxBuilder(17, 5);
      byte[] file = b.build(b.linear(b.input("x", 1, -1, FEATURES), FEATURES, 2));
      model = OnnxImporter.read(new ByteArrayInputStream(file), "comparing");
      Random random = new Random(2);
      for (int i = 0; i < count + 8; i++) {
        int rows = 1 + i % 3;
        float[] values = new float[rows * FEATURES];
        for (int j = 0; j < values.length; j++) {
          values[j] = (float) random.nextGaussian();
        }
        (i < count ? items : samples).add(Map.of("x", NdTensor.of(values, 1, rows, FEATURES)));
      }
    }

    @Override
    public String name() {
      return "comparing";
    }

    @Override
    public String modelName() {
      return "small";
    }

    @Override
    public OnnxImporter.Model model() {
      return model;
    }

    @Override
    public List<Map<String, NdTensor>> calibration() {
      return samples;
    }

    @Override
    public List<Map<String, NdTensor>> items() {
      return items;
    }

    @Override
    public float[] reading(Map<String, NdTensor> inputs, Map<String, NdTensor> outputs) {
      read.incrementAndGet();
      return Arrays.copyOf(outputs.values().iterator().next().floats(), 2);
    }

    @Override
    public Metric metric(List<float[]> training, List<float[]> float32) {
      boolean[] expected = new boolean[float32.size()];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = isFirst(float32.get(i));
      }
      return new Accuracy((item, reading) -> isFirst(reading) == expected[item]);
    }

    private static boolean isFirst(float[] reading) {
      return reading[0] > reading[1];
    }
  }

  @Test
  void aSmallModelUnderTwoSchemes() {
    Comparing task = new Comparing(60);
    List<AccuracyStudy.Scheme> schemes = TaskStudy.schemes();
    assertThat(schemes.stream().map(AccuracyStudy.Scheme::name))
        .containsExactly(
            AccuracyStudy.DEFAULT,
            AccuracyStudy.PACKED_INT16,
            AccuracyStudy.PUBLISHED,
            AccuracyStudy.AUTHORS);
    TaskRow row =
        new TaskStudy(new FileReadings(directory), 200).row(task, schemes.get(0), (d, of) -> {});
    assertThat(task.read).hasValue(120);
    assertThat(row.items()).isEqualTo(60);
    assertThat(row.float32()).isEqualTo(100);
    assertThat(row.simulated()).isBetween(90.0, 100.0);
    assertThat(row.drop()).isEqualTo(100 - row.simulated());
    assertThat(row.interval().low()).isLessThanOrEqualTo(row.drop());
    assertThat(row.interval().high()).isGreaterThanOrEqualTo(row.drop());
    // Nothing is computed twice, in another process either.
    TaskRow again =
        new TaskStudy(new FileReadings(directory), 200).row(task, schemes.get(0), (d, of) -> {});
    assertThat(again).isEqualTo(row);
    assertThat(task.read).hasValue(120);
    TaskRow other =
        new TaskStudy(new FileReadings(directory), 200).row(task, schemes.get(3), (d, of) -> {});
    assertThat(other.scheme()).isEqualTo(AccuracyStudy.AUTHORS);
    assertThat(task.read).hasValue(180);
  }

  @Test
  void recordsThatWereCutOff() throws IOException {
    List<Map<String, NdTensor>> items = new Comparing(3).items();
    FileReadings readings = new FileReadings(directory);
    readings.keep("m", "s", items.subList(0, 2), List.of(new float[] {1, 2}, new float[] {3}));
    Path file;
    try (var files = Files.list(directory)) {
      file = files.findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(file);
    for (int cut = 1; cut < 40; cut++) {
      Files.write(file, Arrays.copyOf(bytes, bytes.length - cut));
      FileReadings after = new FileReadings(directory);
      assertThat(after.find("m", "s", items.get(0))).containsExactly(1, 2);
      assertThat(after.find("m", "s", items.get(1))).isNull();
      after.keep("m", "s", items.subList(2, 3), List.of(new float[] {4}));
      assertThat(new FileReadings(directory).find("m", "s", items.get(2))).containsExactly(4);
    }
    assertThat(new FileReadings(directory).find("other", "s", items.get(0))).isNull();
  }

  @Test
  void intervals() {
    Random random = new Random(3);
    List<float[]> right = new ArrayList<>();
    List<float[]> mixed = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      right.add(new float[] {1});
      mixed.add(new float[] {random.nextInt(10) == 0 ? 0 : 1});
    }
    Metric metric = new Accuracy((item, reading) -> reading[0] > 0.5);
    Bootstrap.Interval interval = Bootstrap.drop(metric, right, mixed, 1000);
    // A share of 0.1 of 400: 1.96 deviations are 2.9 points.
    double drop = 100 * mixed.stream().filter(r -> r[0] == 0).count() / 400.0;
    assertThat(interval.low()).isCloseTo(drop - 2.9, Offset.offset(0.7));
    assertThat(interval.high()).isCloseTo(drop + 2.9, Offset.offset(0.7));
    assertThat(Bootstrap.drop(metric, right, mixed, 1000)).isEqualTo(interval);
    assertThat(Bootstrap.drop(metric, right, right, 50)).isEqualTo(new Bootstrap.Interval(0, 0));
    assertThatThrownBy(() -> Bootstrap.drop(metric, List.of(), List.of(), 10))
        .hasMessageContaining("0 items");
  }

  @Test
  void aHeadFindsALine() {
    Random random = new Random(4);
    List<float[]> points = new ArrayList<>();
    List<Integer> classes = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      float[] point = new float[12];
      for (int j = 0; j < point.length; j++) {
        point[j] = (float) random.nextGaussian();
      }
      points.add(point);
      classes.add(point[0] - 2 * point[5] > 0 ? 1 : 0);
    }
    LinearHead head = LinearHead.fit(points.subList(0, 200), classes.subList(0, 200));
    int right = 0;
    for (int i = 200; i < 300; i++) {
      right += head.classify(points.get(i)) == classes.get(i) ? 1 : 0;
    }
    assertThat(right).isGreaterThanOrEqualTo(88);
  }

  @Test
  void renderedLinesAreTheSameAndDiffer() {
    List<String> lines = RenderedText.lines(50, 40);
    assertThat(lines).hasSize(50).doesNotHaveDuplicates().isEqualTo(RenderedText.lines(50, 40));
    float[] image = RenderedText.image(lines.get(0), 1).floats();
    assertThat(RenderedText.image(lines.get(0), 1).floats()).isEqualTo(image);
    assertThat(RenderedText.image(lines.get(1), 1).floats()).isNotEqualTo(image);
    int dark = 0;
    for (float value : image) {
      assertThat(value).isBetween(-1f, 1f);
      dark += value < 0 ? 1 : 0;
    }
    assertThat(dark).isBetween(1000, image.length / 3);
    // What does not fit is narrowed: nothing is cut off at the right.
    float[] wide = RenderedText.image("mmmmm mmmmm mmmmm mmmmm mmmmm mmmmm", 1).floats();
    for (int row = 0; row < RenderedText.HEIGHT; row++) {
      assertThat(wide[row * RenderedText.WIDTH + RenderedText.WIDTH - 2]).isEqualTo(1);
    }
  }

  @Test
  void composedSentences() {
    List<String> sentences = ComposedSentences.first(600, text -> true);
    assertThat(sentences).hasSize(600).doesNotHaveDuplicates();
    assertThat(ComposedSentences.first(100, text -> true)).isEqualTo(sentences.subList(0, 100));
  }
}
