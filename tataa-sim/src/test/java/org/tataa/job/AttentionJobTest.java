package org.tataa.job;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.CodedInputStream;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.TataaConfig;
import org.tataa.model.MiniLm;
import org.tataa.reference.AttentionReference;
import org.tataa.reference.Comparison;
import org.tataa.reference.ErrorReport;
import org.tataa.reference.Float32Reference;

/** The attention job on the real model: its float32 side against ONNX Runtime, and its result. */
class AttentionJobTest {
  private static MiniLm model;

  @BeforeAll
  static void load() {
    model = MiniLm.load();
  }

  private static AttentionReport run(AccumulatorKind accumulator, boolean scaling, int... tokens) {
    TataaConfig config = TataaConfig.u280();
    config = config.withProfiles(config.profiles().withAccumulator(accumulator));
    return new AttentionJob(config, model.embed(tokens), model.attention(0), MiniLm.HEADS, scaling)
        .run();
  }

  private static int[] tokens(int count) {
    int[] tokens = new int[count];
    for (int i = 0; i < count; i++) {
      tokens[i] = i == 0 ? 101 : i == count - 1 ? 102 : 1996 + 37 * i % 9000;
    }
    return tokens;
  }

  @Test
  void referenceAgreesWithOnnxRuntime() throws Exception {
    String prefix = "/encoder/layer.0/attention/self/";
    Map<String, String> outputs = new LinkedHashMap<>();
    outputs.put("embedding", "/embeddings/LayerNorm/Add_1_output_0");
    outputs.put("query", prefix + "query/Add_output_0");
    outputs.put("key", prefix + "key/Add_output_0");
    outputs.put("value", prefix + "value/Add_output_0");
    outputs.put("context", prefix + "Reshape_3_output_0");
    OnnxMl.ModelProto.Builder extended;
    try (InputStream stream = MiniLm.class.getResourceAsStream("/all-minilm-l6-v2.onnx")) {
      CodedInputStream input = CodedInputStream.newInstance(stream);
      input.setSizeLimit(Integer.MAX_VALUE);
      extended = OnnxMl.ModelProto.parseFrom(input).toBuilder();
    }
    for (String name : outputs.values()) {
      extended.getGraphBuilder().addOutput(OnnxMl.ValueInfoProto.newBuilder().setName(name));
    }
    int[] ids = MiniLm.defaultTokens();
    long[][] tokenIds = new long[1][ids.length];
    long[][] ones = new long[1][ids.length];
    for (int i = 0; i < ids.length; i++) {
      tokenIds[0][i] = ids[i];
      ones[0][i] = 1;
    }
    FMatrixRMaj x = model.embed(ids);
    MiniLm.AttentionWeights weights = model.attention(0);
    AttentionReference reference =
        AttentionReference.of(
            Float32Reference.linear(x, weights.query(), weights.queryBias()),
            Float32Reference.linear(x, weights.key(), weights.keyBias()),
            Float32Reference.linear(x, weights.value(), weights.valueBias()),
            MiniLm.HEADS);
    Map<String, FMatrixRMaj> ours =
        Map.of(
            "embedding", x,
            "query", reference.query(),
            "key", reference.key(),
            "value", reference.value(),
            "context", reference.context());
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(extended.build().toByteArray());
        OnnxTensor idTensor = OnnxTensor.createTensor(environment, tokenIds);
        OnnxTensor mask = OnnxTensor.createTensor(environment, ones);
        OnnxTensor types = OnnxTensor.createTensor(environment, new long[1][ids.length]);
        OrtSession.Result result =
            session.run(
                Map.of("input_ids", idTensor, "attention_mask", mask, "token_type_ids", types))) {
      for (Map.Entry<String, String> output : outputs.entrySet()) {
        float[][] rows = ((float[][][]) result.get(output.getValue()).get().getValue())[0];
        ErrorReport error =
            Comparison.compare(
                output.getKey(), ours.get(output.getKey()), new FMatrixRMaj(rows), 1);
        assertThat(error.maxAbs()).as(error.toString()).isLessThan(2e-4);
      }
    }
  }

  @Test
  void defaultAccumulatorAgreesWithFloat32() {
    AttentionReport report = run(AccumulatorKind.PACKED_FULL, false, MiniLm.defaultTokens());
    assertThat(report.context().error().meanRowCosine()).isGreaterThan(0.998);
    assertThat(report.context().error().minRowCosine()).isGreaterThan(0.995);
    report.steps().forEach(step -> assertThat(step.run().total().wraps()).isZero());
    assertThat(report.context().run().total().modeSwitches()).isPositive();
  }

  @Test
  void sixteenBitSumsWrapAndScalingAvoidsIt() {
    AttentionReport wrapped = run(AccumulatorKind.PACKED_INT16, false, MiniLm.defaultTokens());
    long wraps = wrapped.steps().stream().mapToLong(step -> step.run().total().wraps()).sum();
    assertThat(wraps).isPositive();
    assertThat(wrapped.context().error().meanRowCosine()).isLessThan(0.9);
    AttentionReport scaled = run(AccumulatorKind.PACKED_INT16, true, MiniLm.defaultTokens());
    scaled.steps().forEach(step -> assertThat(step.run().total().wraps()).isZero());
    assertThat(scaled.context().error().meanRowCosine()).isGreaterThan(0.98);
  }

  /** One block, exactly one block, one more token, two and more blocks: padding must not leak. */
  @Test
  void sentencesOfAnyLength() {
    for (int count : new int[] {1, 2, 16, 17, 31, 32, 33, 64, 100}) {
      AttentionReport report = run(AccumulatorKind.PACKED_FULL, false, tokens(count));
      assertThat(report.context().error().meanRowCosine())
          .as(count + " tokens: " + report.context().error())
          .isGreaterThan(0.99);
      assertThat(report.context().error().notFinite()).isZero();
    }
  }

  @Test
  void exactSumsGiveTheSameResultAsPackedOnesThatFit() {
    AttentionReport packed = run(AccumulatorKind.PACKED_FULL, false, MiniLm.defaultTokens());
    AttentionReport exact = run(AccumulatorKind.INT32, false, MiniLm.defaultTokens());
    assertThat(exact.context().error()).isEqualTo(packed.context().error());
    assertThat(exact.cycles()).isEqualTo(packed.cycles());
  }
}
