package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tataa.compiler.CompilerOptions;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.TataaConfig;
import org.tataa.graph.Evaluator;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.observe.Counters;
import org.tataa.onnx.OnnxImporter;

/** The attention of a pre-trained layer as a model of its own. */
class ModelPartTest {
  private static final String HIDDEN = "/embeddings/LayerNorm/Add_1_output_0";
  private static final String MASK = "/Mul_output_0";
  private static final String SELF = "/encoder/layer.0/attention/self";
  private static final String CONTEXT = SELF + "/Reshape_3_output_0";

  private static OnnxImporter.Model model;

  @BeforeAll
  static void load() {
    model = SentenceEncoder.miniLmModel();
  }

  private static Map<String, NdTensor> item(int count) {
    long[] tokens = new long[count];
    for (int i = 0; i < count; i++) {
      tokens[i] = i == 0 ? 101 : i == count - 1 ? 102 : 1996 + 37L * i % 9000;
    }
    return TextInputs.of(model.graph(), tokens);
  }

  private record Run(double cosine, Counters counters, BatchResult.Item item) {}

  private static Run run(AccumulatorKind accumulator, boolean rangeScaling, int tokens) {
    TataaConfig config = TataaConfig.u280();
    config = config.withProfiles(config.profiles().withAccumulator(accumulator));
    Map<String, NdTensor> whole = item(tokens);
    ModelPart part = ModelPart.of(model, SELF, whole);
    CompilerOptions options = CompilerOptions.DEFAULT.withRangeScaling(rangeScaling);
    ModelSession session =
        new ModelSession(config, part.model(), part.fixed(TextInputs.FIXED), options);
    List<Map<String, NdTensor>> items = List.of(part.inputs(whole));
    session.calibrate(items, (done, of) -> {});
    BatchResult result = session.run(items, true, (done, of) -> {});
    BatchResult.Item item = result.items().get(0);
    return new Run(item.cosine(CONTEXT), result.counters(), item);
  }

  @Test
  void isWhatTheModelComputesThere() {
    Map<String, NdTensor> whole = item(20);
    ModelPart part = ModelPart.of(model, SELF, whole);
    assertThat(part.model().graph().inputs()).extracting(i -> i.name()).containsOnly(HIDDEN, MASK);
    assertThat(part.model().graph().outputs()).containsExactly(CONTEXT);
    assertThat(part.fixed(TextInputs.FIXED)).containsExactly(MASK);
    assertThat(part.fixed(Set.of())).isEmpty();
    Map<String, NdTensor> all = new Evaluator(model.graph(), model.opset()).all(whole);
    Map<String, NdTensor> inputs = part.inputs(whole);
    assertThat(inputs.get(HIDDEN).floats()).isEqualTo(all.get(HIDDEN).floats());
    Map<String, NdTensor> results =
        new Evaluator(part.model().graph(), model.opset()).run(inputs, null);
    assertThat(results.get(CONTEXT).floats()).isEqualTo(all.get(CONTEXT).floats());
    assertThatThrownBy(() -> ModelPart.of(model, "/encoder/layer.6", whole))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining("no value begins with `/encoder/layer.6/`");
  }

  /** One block, exactly one block, one more token, two and more blocks: padding must not leak. */
  @Test
  void sentencesOfAnyLength() {
    for (int count : new int[] {1, 2, 16, 17, 31, 32, 33, 64, 100}) {
      Run run = run(AccumulatorKind.PACKED_FULL, true, count);
      assertThat(run.cosine()).as(count + " tokens").isGreaterThan(0.998);
      assertThat(run.counters().wraps()).isZero();
      assertThat(run.counters().modeSwitches()).isPositive();
    }
  }

  @Test
  void sixteenBitSumsWrapAndScalingAvoidsIt() {
    Run wrapped = run(AccumulatorKind.PACKED_INT16, false, 28);
    assertThat(wrapped.counters().wraps()).isPositive();
    assertThat(wrapped.cosine()).isLessThan(0.9);
    Run scaled = run(AccumulatorKind.PACKED_INT16, true, 28);
    assertThat(scaled.counters().wraps()).isZero();
    assertThat(scaled.cosine()).isGreaterThan(0.98);
  }

  /** The work of the model, whatever the array adds to it. */
  @Test
  void usefulProductsAreThoseOfTheModel() {
    int tokens = 20;
    Run run = run(AccumulatorKind.PACKED_FULL, true, tokens);
    long macs = run.item().result().steps().stream().mapToLong(step -> step.macs()).sum();
    long padded = run.item().result().steps().stream().mapToLong(step -> step.paddedMacs()).sum();
    long projections = 3L * tokens * 384 * 384;
    long scoresAndContext = 2L * 12 * tokens * tokens * 32;
    assertThat(macs).isEqualTo(projections + scoresAndContext);
    assertThat(macs + padded).isEqualTo(run.counters().macs());
  }
}
