package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.PackLimit;
import org.tataa.compiler.Partitioning;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxBuilder;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pack.PackingException;

/** Short items of a batch, packed and alone. */
class PackedSessionTest {
  private static final int FEATURES = 32;
  private static final OnnxImporter.Model MODEL = model();

  // Attention of one head, and a product.
  private static OnnxImporter.Model model() {
    OnnxBuilder b = new OnnxBuilder(17, 1);
    String x = b.input("x", 1, -1, FEATURES);
    String q = b.linear(x, FEATURES, FEATURES);
    String k = b.transpose(b.linear(x, FEATURES, FEATURES), 0, 2, 1);
    String v = b.linear(x, FEATURES, FEATURES);
    String p = b.op("Softmax", Map.of("axis", -1L), b.op("MatMul", q, k));
    String context = b.op("MatMul", p, v);
    return read(b.build(b.op("Add", x, b.linear(context, FEATURES, FEATURES))));
  }

  private static OnnxImporter.Model read(byte[] file) {
    return OnnxImporter.read(new ByteArrayInputStream(file), "test");
  }

  private static List<Map<String, NdTensor>> items(int... tokens) {
    Random random = new Random(2);
    List<Map<String, NdTensor>> items = new ArrayList<>();
    for (int count : tokens) {
      float[] values = new float[count * FEATURES];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      items.add(new LinkedHashMap<>(Map.of("x", NdTensor.of(values, 1, count, FEATURES))));
    }
    return items;
  }

  private static BatchResult run(
      List<Map<String, NdTensor>> items, PackLimit limit, Partitioning partitioning) {
    ModelSession session = session(MODEL, limit, partitioning);
    session.calibrate(items(9, 12, 16), (done, of) -> {});
    return session.run(items, true, (done, of) -> {});
  }

  private static ModelSession session(
      OnnxImporter.Model model, PackLimit limit, Partitioning partitioning) {
    return new ModelSession(
        TataaConfig.u280(),
        model,
        Set.of(),
        CompilerOptions.DEFAULT.withPacking(limit).withPartitioning(partitioning));
  }

  private static List<List<Integer>> packs(BatchResult result) {
    return result.runs().stream().map(BatchResult.Run::items).toList();
  }

  // Results of the same shapes, about as near to float32.
  private static void assertAreLike(BatchResult packed, BatchResult alone) {
    String output = MODEL.graph().outputs().get(0);
    for (int i = 0; i < alone.items().size(); i++) {
      CompiledModel.Result own = packed.items().get(i).result();
      assertThat(own.outputs().get(output).shape())
          .isEqualTo(alone.items().get(i).result().outputs().get(output).shape());
      assertThat(packed.items().get(i).cosine(output))
          .isGreaterThan(alone.items().get(i).cosine(output) - 1e-3);
    }
  }

  @Test
  void asManyAsFitAndEvenly() {
    List<Map<String, NdTensor>> items = items(13, 7, 12, 11, 11, 13, 40);
    BatchResult packed = run(items, new PackLimit(32), Partitioning.OFF);
    assertThat(packs(packed))
        .containsExactly(List.of(0, 3), List.of(2, 1), List.of(5, 4), List.of(6));
    BatchResult alone = run(items, PackLimit.OFF, Partitioning.OFF);
    assertThat(packs(alone))
        .containsExactlyElementsOf(IntStream.range(0, 7).mapToObj(List::of).toList());
    assertThat(packed.items()).hasSize(7);
    assertThat(packed.isPacked()).isTrue();
    assertThat(alone.isPacked()).isFalse();
    // The useful work is the same, whatever the array multiplies besides.
    assertThat(packed.total().macs()).isEqualTo(alone.total().macs());
    assertThat(packed.counters().macs()).isLessThan(alone.counters().macs());
    assertThat(packed.total().macs() + packed.total().paddedMacs())
        .isEqualTo(packed.counters().macs());
    long cycles = 0;
    for (BatchResult.Run run : packed.runs()) {
      cycles += run.result().coreCycles();
    }
    assertThat(packed.coreCyclesTotal()).isEqualTo(cycles).isEqualTo(packed.total().cycles());
    assertThat(packed.coreCyclesPerItem()).isEqualTo(cycles / 7.0);
    assertAreLike(packed, alone);
    for (int i = 0; i < items.size(); i++) {
      CompiledModel.Result own = packed.items().get(i).result();
      assertThat(own.steps()).isEqualTo(packed.runs().get(packed.runOf(i)).result().steps());
    }
    // What is compared step by step is what all items of the pack have.
    assertThat(packed.runs().get(0).result().steps())
        .anyMatch(step -> step.cosine() > 0.99)
        .noneMatch(step -> step.cosine() < 0.99);
  }

  @Test
  void atMostAsManyAsSaid() {
    List<Map<String, NdTensor>> items = items(4, 4, 4, 4, 4);
    assertThat(packs(run(items, new PackLimit(2), Partitioning.OFF)))
        .containsExactly(List.of(0, 3), List.of(1, 4), List.of(2));
    assertThat(packs(run(items, new PackLimit(9), Partitioning.OFF)))
        .containsExactly(List.of(0, 1, 2, 3, 4));
  }

  /** On one core each, six items take no longer than one; together they share two groups. */
  @Test
  void predictedCyclesDecide() {
    List<Map<String, NdTensor>> items = items(13, 7, 12, 11, 11, 13);
    assertThat(packs(run(items, PackLimit.AUTO, Partitioning.OFF))).hasSize(6);
    BatchResult both = run(items, PackLimit.AUTO, Partitioning.AUTO);
    long alone = run(items, PackLimit.OFF, Partitioning.AUTO).deviceCycles();
    long packed = run(items, new PackLimit(6), Partitioning.AUTO).deviceCycles();
    assertThat(both.deviceCycles()).isEqualTo(Math.min(alone, packed));
  }

  @Test
  void firstItemAsItIsRun() {
    List<Map<String, NdTensor>> items = items(4, 5, 6);
    ModelSession session = session(MODEL, new PackLimit(3), Partitioning.OFF);
    session.calibrate(items, (done, of) -> {});
    CompiledModel compiled = session.compileFirst(items);
    BatchResult result = session.run(items, false, (done, of) -> {});
    assertThat(compiled.steps()).isEqualTo(result.runs().get(0).result().steps().size());
    ModelSession.Activity activity = session.activity(items, result);
    assertThat(activity.layer().busy()).isNotEmpty();
  }

  /** Of two blocks each, the second of which has room for another's; equal ones only. */
  @Test
  void longItemsShareABlock() {
    List<Map<String, NdTensor>> items = items(37, 40, 37, 13, 40, 37, 60);
    BatchResult packed = run(items, new PackLimit(2), Partitioning.OFF);
    assertThat(packs(packed))
        .containsExactly(List.of(0, 2), List.of(1, 4), List.of(3), List.of(5), List.of(6));
    BatchResult alone = run(items, PackLimit.OFF, Partitioning.OFF);
    assertThat(packed.total().macs()).isEqualTo(alone.total().macs());
    assertThat(packed.total().macs() + packed.total().paddedMacs())
        .isEqualTo(packed.counters().macs());
    assertThat(packed.total().cycles()).isLessThan(alone.total().cycles());
    assertAreLike(packed, alone);
    // Padding, whose numbers are nobody's, is not compared.
    assertThat(packed.runs().get(0).result().steps())
        .anyMatch(step -> step.cosine() > 0.99)
        .noneMatch(step -> step.cosine() < 0.99);
  }

  /** With a core for every item a pair takes longer; with half as many it takes less. */
  @Test
  void longItemsArePairedWhereItPays() {
    List<Map<String, NdTensor>> eight = items(37, 37, 37, 37, 37, 37, 37, 37);
    assertThat(run(eight, PackLimit.AUTO, Partitioning.OFF).runs()).hasSize(8);
    List<Map<String, NdTensor>> sixteen = new ArrayList<>(eight);
    sixteen.addAll(eight);
    BatchResult pairs = run(sixteen, PackLimit.AUTO, Partitioning.OFF);
    assertThat(pairs.runs()).hasSize(8);
    assertThat(pairs.deviceCycles())
        .isLessThan(run(sixteen, PackLimit.OFF, Partitioning.OFF).deviceCycles());
    ModelSession session = session(MODEL, PackLimit.AUTO, Partitioning.OFF);
    session.calibrate(items(9, 12, 16), (done, of) -> {});
    BatchResult first = session.runFirst(sixteen, false, (done, of) -> {});
    assertThat(packs(first)).containsExactly(List.of(0, 1));
    assertThat(first.deviceCycles()).isEqualTo(pairs.runs().get(0).result().cycles());
  }

  @Test
  void modelsThatCannotBePacked() {
    OnnxBuilder b = new OnnxBuilder(17, 1);
    String x = b.linear(b.input("x", 1, -1, FEATURES), FEATURES, 8);
    String turned = b.transpose(x, 0, 2, 1);
    OnnxImporter.Model mixing = read(b.build(b.linear(b.op("MatMul", turned, x), 8, 8)));
    List<Map<String, NdTensor>> items = items(4, 5);
    ModelSession forced = session(mixing, new PackLimit(2), Partitioning.OFF);
    forced.calibrate(items, (done, of) -> {});
    assertThatThrownBy(() -> forced.run(items, false, (done, of) -> {}))
        .isInstanceOf(PackingException.class)
        .hasMessageContaining("MatMul");
    ModelSession free = session(mixing, PackLimit.AUTO, Partitioning.OFF);
    free.calibrate(items, (done, of) -> {});
    assertThat(free.run(items, false, (done, of) -> {}).isPacked()).isFalse();
  }

  @Test
  void limits() {
    assertThat(PackLimit.parse("AUTO")).isEqualTo(PackLimit.AUTO);
    assertThat(PackLimit.parse("off")).isEqualTo(new PackLimit(1));
    assertThatThrownBy(() -> PackLimit.parse("all"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pack `all`, expected auto, off or a number of items");
    assertThatThrownBy(() -> new PackLimit(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("items=-1, expected 0 or more");
  }
}
