package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
import org.tataa.tile.HostStep;
import org.tataa.tile.TileStep;

/** Two long items as one graph, their ends in one block. */
class PairingTest {
  private static final int FEATURES = 64;

  // A vision transformer of patches and a class token, without, or with biases and masks of its own
  // for attention; results of the class, of all tokens and of their mean.
  private static OnnxImporter.Model vision(int side, boolean hasMasks) {
    OnnxBuilder b = new OnnxBuilder(17, 3);
    int d = FEATURES;
    int tokens = side * side + 1;
    String image = b.input("image", 1, 3, 4 * side, 4 * side);
    String patches =
        b.op(
            "Conv",
            Map.of("kernel_shape", new long[] {4, 4}, "strides", new long[] {4, 4}),
            image,
            b.weight(0, 0.15, d, 3, 4, 4),
            b.weight(0, 0.2, d));
    String x = b.transpose(b.reshape(patches, 1, d, side * side), 0, 2, 1);
    x = b.op("Concat", Map.of("axis", 1L), b.weight(0, 1, 1, 1, d), x);
    x = b.op("Add", x, b.weight(0, 0.3, 1, tokens, d));
    for (int layer = 0; layer < 2; layer++) {
      String normal = b.layerNorm(x, d);
      String q = heads(b, b.linear(normal, d, d), tokens);
      String k = b.transpose(heads(b, b.linear(normal, d, d), tokens), 0, 1, 3, 2);
      String v = heads(b, b.linear(normal, d, d), tokens);
      String scores = b.op("Mul", b.op("MatMul", q, k), b.number(1 / Math.sqrt(32)));
      if (hasMasks) {
        scores = b.op("Add", scores, b.weight(0, 0.5, 1, 2, tokens, tokens));
        scores = b.op("Add", scores, b.floats(hiding(tokens), 1, 1, 1, tokens));
      }
      String p = b.op("Softmax", Map.of("axis", -1L), scores);
      String context = b.reshape(b.transpose(b.op("MatMul", p, v), 0, 2, 1, 3), 1, tokens, d);
      x = b.op("Add", x, b.linear(context, d, d));
      x = b.op("Add", x, b.linear(b.op("Tanh", b.linear(b.layerNorm(x, d), d, 96)), 96, d));
    }
    String mean = b.op("ReduceMean", Map.of("axes", new long[] {1}, "keepdims", 0L), x);
    String first = b.reshape(b.slice(b.layerNorm(x, d), 1, 0, 1), 1, d);
    return model(b.build(b.linear(first, d, 10), x, mean));
  }

  private static String heads(OnnxBuilder b, String x, int tokens) {
    return b.transpose(b.reshape(x, 1, tokens, 2, 32), 0, 2, 1, 3);
  }

  // Every third key is hidden.
  private static float[] hiding(int tokens) {
    float[] mask = new float[tokens];
    for (int i = 2; i < tokens; i += 3) {
      mask[i] = -1e4f;
    }
    return mask;
  }

  private static OnnxImporter.Model model(byte[] file) {
    return OnnxImporter.read(new ByteArrayInputStream(file), "test");
  }

  private static Map<String, NdTensor> image(int side, long seed) {
    float[] values = new float[3 * 16 * side * side];
    Random random = new Random(seed);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Map.of("image", NdTensor.of(values, 1, 3, 4 * side, 4 * side));
  }

  private static PackedGraph pair(
      OnnxImporter.Model model, Map<String, NdTensor> item, int block, int align) {
    Compiler compiler = new Compiler(TataaConfig.u280(), model, CompilerOptions.DEFAULT);
    return Packing.pair(
        compiler.fused(Compiler.shapes(item, Set.of())), model.opset(), item, block, align);
  }

  private static Map<String, NdTensor> float32(
      OnnxImporter.Model model, Map<String, NdTensor> inputs) {
    return new Evaluator(model.graph(), model.opset()).all(inputs);
  }

  /** Tokens are 10, 17, 26, 37 and 50: some of one block and some more, some of several. */
  @ParameterizedTest
  @CsvSource({
    "3, 8, 1, false",
    "3, 8, 2, true",
    "4, 8, 1, true",
    "4, 8, 4, false",
    "5, 8, 2, true",
    "5, 16, 4, false",
    "5, 20, 2, true",
    "6, 32, 4, true",
    "6, 16, 1, false",
    "7, 24, 4, false",
    "7, 48, 8, true"
  })
  void eachItemHasItsOwnResults(int side, int block, int align, boolean hasMasks) {
    int tokens = side * side + 1;
    OnnxImporter.Model model = vision(side, hasMasks);
    if (tokens % block > block / 2) {
      assertThatThrownBy(() -> pair(model, image(side, 1), block, align))
          .isInstanceOf(PackingException.class)
          .hasMessage("two items of %d rows share no block of %d rows", tokens, block);
      return;
    }
    List<Map<String, NdTensor>> items = List.of(image(side, 1), image(side, 2));
    PackedGraph packed = pair(model, items.get(0), block, align);
    Evaluator evaluator = new Evaluator(packed.graph(), model.opset());
    Map<String, NdTensor> all = evaluator.all(packed.inputs(items));
    List<Map<String, NdTensor>> alone = items.stream().map(item -> float32(model, item)).toList();
    // Every value that both have is that of each item at its place, and some padding.
    Map<String, NdTensor> expected = packed.values(alone);
    assertThat(expected).hasSizeGreaterThan(10);
    expected.forEach(
        (name, value) -> {
          float[] actual = all.get(name).floats();
          float[] wanted = value.floats();
          for (int i = 0; i < wanted.length; i++) {
            assertThat(actual[i]).as(name).isFinite();
            if (!Float.isNaN(wanted[i])) {
              assertThat(actual[i]).as(name).isCloseTo(wanted[i], Offset.offset(2e-5f));
            }
          }
        });
    List<Map<String, NdTensor>> results = packed.outputs(evaluator.run(packed.inputs(items), null));
    for (int i = 0; i < items.size(); i++) {
      for (String output : model.graph().outputs()) {
        NdTensor own = results.get(i).get(output);
        assertThat(own.shape()).isEqualTo(alone.get(i).get(output).shape());
        assertThat(own.floats())
            .as(output + " of item " + i)
            .usingComparatorWithPrecision(2e-5f)
            .containsExactly(alone.get(i).get(output).floats());
      }
    }
  }

  @Test
  void rowsAreThoseOfWholeBlocks() {
    Map<String, NdTensor> item = image(6, 1);
    PackedGraph packed = pair(vision(6, false), item, 32, 4);
    String rows = packed.graph().outputs().get(1);
    NdTensor all =
        new Evaluator(packed.graph(), 17).run(packed.inputs(List.of(item, item)), null).get(rows);
    assertThat(all.shape()).containsExactly(1, 3 * 32, FEATURES);
  }

  @Test
  void copiesHaveTheRangesOfTheirOriginals() {
    Calibration.Entry entry = new Calibration.Entry(new float[] {2}, null, null, null);
    Calibration calibration =
        new Calibration(
            "m",
            CompilerOptions.DEFAULT.quantization(),
            1,
            Map.of("x@1", entry, "x@0,1 around rows", entry, "xy@1", entry));
    Map<String, Calibration.Entry> all =
        calibration.withCopies(Map.of("x[0:4]", "x", "other", "none")).values();
    assertThat(all)
        .containsOnlyKeys("x@1", "x@0,1 around rows", "xy@1", "x[0:4]@1", "x[0:4]@0,1 around rows");
  }

  @Test
  void whatCannotBePaired() throws IOException {
    // Without a class token the patches are the rows, and a convolution's form is not theirs.
    OnnxBuilder b = new OnnxBuilder(17, 1);
    String image = b.input("image", 1, 3, 24, 24);
    String conv =
        b.op(
            "Conv",
            Map.of("kernel_shape", new long[] {4, 4}, "strides", new long[] {4, 4}),
            image,
            b.weight(0, 1, 16, 3, 4, 4));
    OnnxImporter.Model late =
        model(
            b.build(
                b.op(
                    "Conv",
                    Map.of("kernel_shape", new long[] {3, 3}, "pads", new long[] {1, 1, 1, 1}),
                    conv,
                    b.weight(0, 1, 16, 16, 3, 3))));
    Map<String, NdTensor> item = image(6, 1);
    assertThatThrownBy(() -> pair(late, item, 32, 4))
        .isInstanceOf(PackingException.class)
        .hasMessageContaining("cannot be applied to several items at once");
    // Products that add over tokens.
    OnnxBuilder c = new OnnxBuilder(17, 1);
    String x = c.input("x", 1, 37, 8);
    String y = c.linear(x, 8, 8);
    OnnxImporter.Model mixed = model(c.build(c.op("MatMul", c.transpose(y, 0, 2, 1), y)));
    Map<String, NdTensor> tokens = Map.of("x", NdTensor.of(new float[37 * 8], 1, 37, 8));
    assertThatThrownBy(() -> pair(mixed, tokens, 32, 4))
        .isInstanceOf(PackingException.class)
        .hasMessageContaining("MatMul");
  }

  /**
   * On all levels the same bits; an item has the same bits whatever its neighbour holds, and is as
   * close to float32 as alone. Between patches and results nothing is moved by the host.
   */
  @ParameterizedTest
  @ValueSource(strings = {"6", "6 masks", "8", "6 published", "3 tiny", "4 tiny masks"})
  void onTheMachine(String test) {
    int side = test.charAt(0) - '0';
    OnnxImporter.Model model = vision(side, test.endsWith("masks"));
    TataaConfig base = test.contains("tiny") ? TataaConfig.tiny() : TataaConfig.u280();
    TataaConfig config =
        test.contains("published")
            ? base.withProfiles(base.profiles().withIsa(IsaProfile.PUBLISHED))
            : base;
    int block = config.geometry().rows();
    List<Map<String, NdTensor>> samples = new ArrayList<>();
    for (int seed = 0; seed < 4; seed++) {
      samples.add(image(side, 100 + seed));
    }
    Compiler compiler = new Compiler(config, model, CompilerOptions.DEFAULT);
    Calibration calibration = compiler.calibrate(samples, Set.of(), (done, of) -> {});
    List<Map<String, NdTensor>> items = List.of(image(side, 1), image(side, 2));
    List<Map<String, NdTensor>> others = List.of(image(side, 3), image(side, 2));
    PackedGraph packed = pair(model, items.get(0), block, block / 8);
    CompiledModel compiled =
        compiler.compile(
            packed.graph(),
            packed.inputs(items),
            Set.of(),
            calibration.withCopies(packed.copies()),
            1);
    List<Map<String, NdTensor>> results =
        packed.outputs(CompilationTest.levels(compiled.levels(), packed.inputs(items)));
    List<Map<String, NdTensor>> beside =
        packed.outputs(CompilationTest.levels(compiled.levels(), packed.inputs(others)));
    CompiledModel alone = compiler.compile(items.get(0), Set.of(), calibration);
    for (int i = 0; i < items.size(); i++) {
      Map<String, NdTensor> own = CompilationTest.levels(alone.levels(), items.get(i));
      Map<String, NdTensor> exact = float32(model, items.get(i));
      for (String output : model.graph().outputs()) {
        float[] actual = results.get(i).get(output).floats();
        boolean isSame = Arrays.equals(actual, beside.get(i).get(output).floats());
        assertThat(isSame).as(output + " of item " + i).isEqualTo(i == 1);
        double together = CompiledModel.cosine(actual, exact.get(output).floats());
        double apart = CompiledModel.cosine(own.get(output).floats(), exact.get(output).floats());
        assertThat(together).as(output).isGreaterThan(apart - 2e-3);
      }
    }
    if (base.canTranspose() && !test.contains("published") && !test.contains("tiny")) {
      assertThat(moves(compiled)).isEqualTo(moves(alone));
    }
  }

  private static long moves(CompiledModel model) {
    List<TileStep> steps = model.levels().schedule().tiles().steps();
    return steps.stream().filter(step -> step instanceof HostStep.Move).count();
  }
}
