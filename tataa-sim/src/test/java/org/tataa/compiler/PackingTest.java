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
import java.util.Random;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.config.IsaProfile;
import org.tataa.config.TataaConfig;
import org.tataa.graph.Evaluator;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxBuilder;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pack.PackedGraph;
import org.tataa.pack.Packing;
import org.tataa.pack.PackingException;
import org.tataa.quant.Calibration;

/** Several items as one graph: the same results for each, whatever the others are. */
class PackingTest {
  private static final Set<String> FIXED = Set.of("attention_mask", "position_ids");
  private static final int VOCABULARY = 50;

  // Two heads of 32 channels on any number of tokens; results of every token, means, extremes, and
  // of the first token.
  private static OnnxImporter.Model encoder() {
    OnnxBuilder b = new OnnxBuilder(17, 1);
    int d = 64;
    String ids = b.tokens("input_ids", 1, -1);
    String positions = b.tokens("position_ids", 1, -1);
    String mask = b.tokens("attention_mask", 1, -1);
    String open = b.op("Cast", Map.of("to", 1L), b.op("Unsqueeze", mask, b.longs(1, 2)));
    String addend = b.op("Mul", b.op("Sub", b.number(1), open), b.number(-1e4));
    String x =
        b.op(
            "Add",
            b.op("Gather", b.weight(0, 1, VOCABULARY, d), ids),
            b.op("Gather", b.weight(0, 1, 32, d), positions));
    x = b.layerNorm(x, d);
    for (int layer = 0; layer < 2; layer++) {
      String q = heads(b, b.linear(x, d, d));
      String k = b.transpose(heads(b, b.linear(x, d, d)), 0, 1, 3, 2);
      String v = heads(b, b.linear(x, d, d));
      String scores = b.op("Div", b.op("MatMul", q, k), b.number(Math.sqrt(32)));
      String p = b.op("Softmax", Map.of("axis", -1L), b.op("Add", scores, addend));
      String context = b.reshape(b.transpose(b.op("MatMul", p, v), 0, 2, 1, 3), 1, -1, d);
      x = b.layerNorm(b.op("Add", x, b.linear(context, d, d)), d);
      x = b.layerNorm(b.op("Add", x, b.linear(b.op("Tanh", b.linear(x, d, 96)), 96, d)), d);
    }
    Map<String, Object> tokens = Map.of("axes", new long[] {1}, "keepdims", 0L);
    String mean = b.op("ReduceMean", tokens, x);
    String largest = b.op("ReduceMax", Map.of("axes", new long[] {1}, "keepdims", 1L), x);
    String first = b.op("Gather", Map.of("axis", 1L), x, b.integer(0));
    String last = b.slice(x, 1, -1, Long.MAX_VALUE);
    return model(b.build(x, mean, largest, b.op("Tanh", b.linear(first, d, d)), last));
  }

  private static String heads(OnnxBuilder b, String x) {
    return b.transpose(b.reshape(x, 1, -1, 2, 32), 0, 2, 1, 3);
  }

  private static OnnxImporter.Model model(byte[] file) {
    return OnnxImporter.read(new ByteArrayInputStream(file), "test");
  }

  // Some tokens, of which the last are hidden.
  private static Map<String, NdTensor> item(int tokens, int hidden, long seed) {
    long[] mask = new long[tokens];
    Arrays.fill(mask, 0, tokens - hidden, 1);
    long[] positions = new long[tokens];
    Arrays.setAll(positions, i -> i);
    Map<String, NdTensor> item = new LinkedHashMap<>();
    item.put(
        "input_ids",
        NdTensor.of(new Random(seed).longs(tokens, 0, VOCABULARY).toArray(), 1, tokens));
    item.put("position_ids", NdTensor.of(positions, 1, tokens));
    item.put("attention_mask", NdTensor.of(mask, 1, tokens));
    return item;
  }

  private static PackedGraph pack(
      OnnxImporter.Model model, List<Map<String, NdTensor>> items, Set<String> fixed) {
    Compiler compiler = new Compiler(TataaConfig.u280(), model, CompilerOptions.DEFAULT);
    return Packing.pack(
        items.stream().map(item -> compiler.fused(Compiler.shapes(item, fixed))).toList(),
        model.opset(),
        items);
  }

  private static Map<String, NdTensor> float32(
      OnnxImporter.Model model, Map<String, NdTensor> inputs) {
    return new Evaluator(model.graph(), model.opset()).all(inputs);
  }

  private static void checkFloat32(
      OnnxImporter.Model model, List<Map<String, NdTensor>> items, Set<String> fixed) {
    PackedGraph packed = pack(model, items, fixed);
    Map<String, NdTensor> all =
        new Evaluator(packed.graph(), model.opset()).run(packed.inputs(items), null);
    List<Map<String, NdTensor>> results = packed.outputs(all);
    assertThat(results).hasSameSizeAs(items);
    for (int i = 0; i < items.size(); i++) {
      Map<String, NdTensor> alone = float32(model, items.get(i));
      for (String output : model.graph().outputs()) {
        NdTensor own = results.get(i).get(output);
        assertThat(own.shape()).as(output).isEqualTo(alone.get(output).shape());
        assertThat(own.floats())
            .as(output + " of item " + i)
            .usingComparatorWithPrecision(1e-5f)
            .containsExactly(alone.get(output).floats());
      }
    }
  }

  @Test
  void itemsOfOneAndOfSeveralLengths() {
    OnnxImporter.Model model = encoder();
    List<Map<String, NdTensor>> different = List.of(item(13, 0, 1), item(1, 0, 2), item(7, 0, 3));
    List<Map<String, NdTensor>> equal = List.of(item(9, 0, 1), item(9, 0, 2), item(9, 0, 3));
    List<Map<String, NdTensor>> single = List.of(item(1, 0, 1), item(1, 0, 2));
    for (Set<String> fixed : List.of(FIXED, Set.<String>of())) {
      checkFloat32(model, different, fixed);
      checkFloat32(model, equal, fixed);
      checkFloat32(model, single, fixed);
    }
  }

  @Test
  void masksOfTheItemsOwn() {
    OnnxImporter.Model model = encoder();
    List<Map<String, NdTensor>> items = List.of(item(12, 5, 1), item(12, 0, 2), item(8, 7, 3));
    checkFloat32(model, items, Set.of("position_ids"));
    checkFloat32(model, items, FIXED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"encoder", "decoder", "llama", "grouped llama"})
  void families(String family) throws IOException {
    byte[] file =
        switch (family) {
          case "encoder" -> Families.encoder(6, 1);
          case "decoder" -> Families.decoder(6, 2);
          case "llama" -> Families.llama(6, 2, true, 3);
          default -> Families.llama(6, 4, false, 3);
        };
    Agreement.Case test = Agreement.random(file, 40, 4);
    checkFloat32(model(file), test.samples().subList(0, 3), Set.of());
  }

  @Test
  void whatCannotBePacked() throws IOException {
    byte[] vision = Families.vision(1);
    List<Map<String, NdTensor>> images = Agreement.random(vision, 0, 1).samples().subList(0, 2);
    assertThatThrownBy(() -> pack(model(vision), images, Set.of()))
        .isInstanceOf(PackingException.class)
        .hasMessageContaining("cannot be applied to several items at once");
    OnnxBuilder b = new OnnxBuilder(17, 1);
    String x = b.input("x", 1, -1, 8);
    String turned = b.transpose(x, 0, 2, 1);
    OnnxImporter.Model mixed = model(b.build(b.op("MatMul", turned, x)));
    List<Map<String, NdTensor>> two =
        List.of(
            Map.of("x", NdTensor.of(new float[24], 1, 3, 8)),
            Map.of("x", NdTensor.of(new float[32], 1, 4, 8)));
    assertThatThrownBy(() -> pack(mixed, two, Set.of()))
        .isInstanceOf(PackingException.class)
        .hasMessageContaining("MatMul")
        .hasMessageContaining("cannot be applied to several items at once");
  }

  @Test
  void rowsOfAnItem() {
    OnnxImporter.Model model = encoder();
    Compiler compiler = new Compiler(TataaConfig.u280(), model, CompilerOptions.DEFAULT);
    Map<String, NdTensor> item = item(11, 0, 1);
    assertThat(Packing.rows(compiler.fused(Compiler.shapes(item, FIXED)), model.opset(), item))
        .isEqualTo(11);
  }

  /**
   * On all levels the same bits; an item has the same bits whatever its neighbours hold, and those
   * it has alone but for the rounding of sums over its keys.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void onTheMachine(boolean isExtended) {
    TataaConfig u280 = TataaConfig.u280();
    IsaProfile isa = isExtended ? IsaProfile.EXTENDED : IsaProfile.PUBLISHED;
    TataaConfig config = u280.withProfiles(u280.profiles().withIsa(isa));
    OnnxImporter.Model model = encoder();
    List<Map<String, NdTensor>> samples = new ArrayList<>();
    for (int seed = 0; seed < 8; seed++) {
      samples.add(item(10 + seed % 4, 0, 100 + seed));
    }
    Compiler compiler = new Compiler(config, model, CompilerOptions.DEFAULT);
    Calibration calibration = compiler.calibrate(samples, FIXED, (done, of) -> {});
    List<Map<String, NdTensor>> items = List.of(item(13, 0, 1), item(7, 0, 2), item(11, 0, 3));
    List<Map<String, NdTensor>> others = List.of(item(13, 0, 1), item(7, 0, 4), item(11, 0, 3));
    PackedGraph packed = pack(model, items, FIXED);
    CompiledModel compiled =
        compiler.compile(packed.graph(), packed.inputs(items), Set.of(), calibration, 1);
    List<Map<String, NdTensor>> results =
        packed.outputs(CompilationTest.levels(compiled.levels(), packed.inputs(items)));
    List<Map<String, NdTensor>> beside =
        packed.outputs(CompilationTest.levels(compiled.levels(), packed.inputs(others)));
    for (int i = 0; i < items.size(); i++) {
      CompiledModel alone = compiler.compile(items.get(i), FIXED, calibration);
      Map<String, NdTensor> own = CompilationTest.levels(alone.levels(), items.get(i));
      Map<String, NdTensor> exact = float32(model, items.get(i));
      for (String output : model.graph().outputs()) {
        float[] actual = results.get(i).get(output).floats();
        boolean isSame = Arrays.equals(actual, beside.get(i).get(output).floats());
        assertThat(isSame).as(output + " of item " + i).isEqualTo(i != 1);
        double together = CompiledModel.cosine(actual, exact.get(output).floats());
        double apart = CompiledModel.cosine(own.get(output).floats(), exact.get(output).floats());
        assertThat(together).as(output).isCloseTo(apart, Offset.offset(1e-3));
        assertThat(CompiledModel.cosine(actual, own.get(output).floats()))
            .as(output)
            .isGreaterThan(isExtended ? 0.9999 : 0.9998);
      }
    }
  }
}
