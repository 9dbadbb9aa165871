package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.config.TataaConfig;
import org.tataa.graph.DecoderControl;
import org.tataa.graph.Evaluator;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.lower.CachedDecoder;
import org.tataa.machine.CoreMachine;
import org.tataa.onnx.OnnxBuilder;
import org.tataa.onnx.OnnxImporter;
import org.tataa.quant.Calibration;
import org.tataa.tensor.Element;
import org.tataa.tensor.StateOp;

/** Decoders with past keys and values in the spellings of exporters, kept on the device. */
class PastDecodersTest {
  private static final String MS = "com.microsoft.";
  private static final int FEATURES = 64;
  private static final int VOCABULARY = 40;
  private static final long[] TEXT = {5, 17, 3, 39, 22, 0, 8, 8, 31, 12, 25};

  private final OnnxBuilder b = new OnnxBuilder(17, 3);
  private final Map<String, Integer> pastAxes = new LinkedHashMap<>();

  private String past(String name, int axis, int... dims) {
    pastAxes.put(name, axis);
    return b.input(name, dims);
  }

  private OnnxImporter.Model model(String spelling) throws IOException {
    String ids = b.tokens("input_ids", 1, -1);
    String x = b.op("Gather", b.weight(0, 1, VOCABULARY, FEATURES), ids);
    List<String> attention =
        switch (spelling) {
          case "GroupQueryAttention" -> grouped(x);
          case "MultiHeadAttention" -> separate(x);
          default -> packed(x);
        };
    String sum = b.op("Add", x, b.linear(attention.get(0), FEATURES, FEATURES));
    String logits = b.product(sum, FEATURES, VOCABULARY);
    List<String> outputs = new ArrayList<>(List.of(logits));
    outputs.addAll(attention.subList(1, attention.size()));
    return OnnxImporter.read(
        new ByteArrayInputStream(b.build(outputs.toArray(new String[0]))), spelling);
  }

  private List<String> grouped(String x) {
    b.integers("seqlens_k", 1);
    b.integers("total_sequence_length", 1);
    return b.ops(
        MS + "GroupQueryAttention",
        3,
        Map.of("num_heads", 4L, "kv_num_heads", 2L, "do_rotary", 1L, "local_window_size", 6L),
        b.linear(x, FEATURES, FEATURES),
        b.linear(x, FEATURES, FEATURES / 2),
        b.linear(x, FEATURES, FEATURES / 2),
        past("past_key_values.0.key", 2, 1, 2, -1, 16),
        past("past_key_values.0.value", 2, 1, 2, -1, 16),
        "seqlens_k",
        "total_sequence_length",
        b.weight(0, 1, 64, 8),
        b.weight(0, 1, 64, 8));
  }

  private List<String> separate(String x) {
    return b.ops(
        MS + "MultiHeadAttention",
        3,
        Map.of("num_heads", 2L, "unidirectional", 1L),
        b.linear(x, FEATURES, FEATURES),
        b.linear(x, FEATURES, FEATURES),
        b.linear(x, FEATURES, FEATURES),
        "",
        "",
        "",
        past("past_key_values.0.key", 2, 1, 2, -1, 32),
        past("past_key_values.0.value", 2, 1, 2, -1, 32));
  }

  // Keys and values in one tensor; a mask of all tokens.
  private List<String> packed(String x) {
    return b.ops(
        MS + "Attention",
        2,
        Map.of("num_heads", 2L, "unidirectional", 1L),
        x,
        b.weight(0, 0.2, FEATURES, 3 * FEATURES),
        b.weight(0, 0.2, 3 * FEATURES),
        b.tokens("attention_mask", 1, -1),
        past("past_0", 3, 2, 1, 2, -1, 32));
  }

  private float[] float32(OnnxImporter.Model model, long[] ids) {
    Map<String, NdTensor> inputs =
        DecoderControl.inputs(
            model.graph(), "input_ids", pastAxes, NdTensor.of(ids, 1, ids.length), 0);
    inputs.replaceAll(
        (name, value) -> value.isKnown() ? value : NdTensor.of(new float[0], value.shape()));
    return new Evaluator(model.graph(), model.opset())
        .run(inputs, null)
        .get(model.graph().outputs().get(0))
        .floats();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GroupQueryAttention", "MultiHeadAttention", "Attention"})
  void aTokenAfterTheOtherIsTheWholeText(String spelling) throws IOException {
    OnnxImporter.Model source = model(spelling);
    OnnxImporter.Model model = CachedDecoder.of(source, 64);
    Compiler compiler = new Compiler(TataaConfig.u280(), model, CompilerOptions.DEFAULT);
    int tokens = TEXT.length;
    Calibration calibration =
        compiler.calibrate(
            List.of(CachedDecoder.inputs(model.graph(), TEXT, 0, tokens, tokens)),
            Set.of(),
            (done, of) -> {});
    float[] whole = run(compiler, calibration, Arrays.copyOf(TEXT, 32), new int[] {tokens});
    assertThat(CompiledModel.cosine(whole, float32(source, TEXT))).isGreaterThan(0.99);
    int[] single = new int[tokens];
    Arrays.fill(single, 1);
    assertThat(run(compiler, calibration, TEXT, single)).isEqualTo(whole);
  }

  // Logits of a text that is read in parts.
  private static float[] run(
      Compiler compiler, Calibration calibration, long[] text, int[] counts) {
    OnnxImporter.Model model = compiler.model();
    int rows = counts.length == 1 ? text.length : 1;
    CompiledModel program =
        compiler.compile(
            CachedDecoder.inputs(model.graph(), new long[rows], 0, rows, 64),
            Set.of(),
            calibration);
    assertThat(program.levels().tensors().states())
        .hasSize(2)
        .extracting(StateOp::result)
        .allMatch(value -> value.element() == Element.INT8);
    CoreMachine machine = CoreMachine.simulated(program.core());
    program.load(machine);
    float[] logits = new float[Arrays.stream(counts).sum() * VOCABULARY];
    int position = 0;
    for (int count : counts) {
      Map<String, NdTensor> inputs =
          CachedDecoder.inputs(
              model.graph(),
              Arrays.copyOfRange(text, position, position + rows),
              position,
              count,
              64);
      float[] own = program.run(machine, inputs).outputs().values().iterator().next().floats();
      System.arraycopy(own, 0, logits, position * VOCABULARY, count * VOCABULARY);
      position += count;
    }
    return logits;
  }

  @Test
  void aModelWithoutPastHasNothingToKeep() throws IOException {
    String ids = b.tokens("input_ids", 1, -1);
    String logits = b.op("Gather", b.weight(0, 1, VOCABULARY, FEATURES), ids);
    OnnxImporter.Model model =
        OnnxImporter.read(new ByteArrayInputStream(b.build(logits)), "plain");
    assertThat(CachedDecoder.hasPast(model.graph())).isFalse();
    assertThatThrownBy(() -> CachedDecoder.of(model, 64))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining("no past keys and values");
  }
}
