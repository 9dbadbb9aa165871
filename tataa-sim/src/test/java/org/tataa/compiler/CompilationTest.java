package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.config.IsaProfile;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.graph.Evaluator;
import org.tataa.graph.NdTensor;
import org.tataa.machine.CoreMachine;
import org.tataa.onnx.OnnxBuilder;
import org.tataa.onnx.OnnxImporter;
import org.tataa.quant.Calibration;
import org.tataa.quant.QuantizationOptions;
import org.tataa.schedule.Schedule;
import org.tataa.tensor.Element;
import org.tataa.tensor.TensorInterpreter;
import org.tataa.tensor.Value;
import org.tataa.tile.HostExecutor;
import org.tataa.tile.StoredValue;
import org.tataa.tile.TileInterpreter;

/** Models through all levels: every value the same on each, results close to float32. */
class CompilationTest {
  private static final Set<String> ALL_PASSES = Set.copyOf(Passes.names());

  @Test
  void encoder() throws IOException {
    check(Agreement.random(Families.encoder(37, 1), 50, 1), 0.99, Set.of());
    check(Agreement.random(Families.encoder(37, 1), 50, 1), 0.985, Set.of("attention"));
    check(Agreement.random(Families.encoder(37, 1), 50, 1), 0.98, ALL_PASSES);
  }

  @Test
  void decoder() throws IOException {
    check(Agreement.random(Families.decoder(45, 2), 40, 2), 0.99, Set.of());
    check(Agreement.random(Families.decoder(45, 2), 40, 2), 0.98, Set.of("attention"));
    check(Agreement.random(Families.decoder(45, 2), 40, 2), 0.98, ALL_PASSES);
  }

  @Test
  void llama() throws IOException {
    check(Agreement.random(Families.llama(33, 2, true, 3), 40, 3), 0.985, Set.of());
    check(Agreement.random(Families.llama(33, 4, false, 3), 40, 3), 0.985, Set.of());
    check(Agreement.random(Families.llama(33, 2, true, 3), 40, 3), 0.98, ALL_PASSES);
  }

  @ParameterizedTest
  @CsvSource({"40, 2, 64", "128, 2, 64", "33, 3, 48", "17, 2, 128", "70, 4, 16"})
  void attentionOfAnyWidth(int tokens, int heads, int width) throws IOException {
    int columns = heads * width;
    OnnxBuilder b = new OnnxBuilder(17, 5);
    String x = b.input("x", 1, tokens, columns);
    String q = heads(b, b.linear(x, columns, columns), tokens, heads, width);
    String k = heads(b, b.linear(x, columns, columns), tokens, heads, width);
    String v = heads(b, b.linear(x, columns, columns), tokens, heads, width);
    String scores =
        b.op("Mul", b.op("MatMul", q, b.transpose(k, 0, 1, 3, 2)), b.number(1 / Math.sqrt(width)));
    String p = b.op("Softmax", Map.of("axis", -1L), scores);
    String context = b.reshape(b.transpose(b.op("MatMul", p, v), 0, 2, 1, 3), 1, tokens, columns);
    Agreement.Case test = Agreement.random(b.build(context), 0, 6);
    check(test, 0.99, Set.of());
    check(test, 0.98, Set.of("attention"));
    check(test, 0.98, ALL_PASSES);
  }

  private static String heads(OnnxBuilder b, String x, int tokens, int heads, int width) {
    return b.transpose(b.reshape(x, 1, tokens, heads, width), 0, 2, 1, 3);
  }

  static void check(Agreement.Case test, double minCosine, Set<String> disabled)
      throws IOException {
    check(test, minCosine, disabled, TataaConfig.u280());
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 32, 64})
  void productsInParts(int splitDepth) throws IOException {
    CompilerOptions options =
        CompilerOptions.DEFAULT.withQuantization(
            CompilerOptions.DEFAULT.quantization().withSplitDepth(splitDepth));
    Agreement.Case test = Agreement.random(Families.encoder(37, 1), 50, 1);
    check(test, 0.98, options, TataaConfig.u280());
    check(test, 0.98, options.withoutPasses(ALL_PASSES), TataaConfig.tiny());
  }

  @ParameterizedTest
  @EnumSource
  void twoCodesOfActivations(IsaProfile isa) throws IOException {
    CompilerOptions options =
        CompilerOptions.DEFAULT.withQuantization(
            QuantizationOptions.DEFAULT.withActivationCodes(2).withBiasCorrection(true));
    Agreement.Case test = Agreement.random(Families.encoder(37, 1), 50, 1);
    for (TataaConfig config : List.of(TataaConfig.u280(), TataaConfig.tiny())) {
      Profiles all = config.profiles();
      check(
          test,
          0.98,
          options,
          config.withProfiles(
              new Profiles(all.arithmetic(), all.accumulator(), isa, all.hazards())));
    }
    CompilerOptions inParts = options.withQuantization(options.quantization().withSplitDepth(32));
    check(test, 0.98, inParts.withoutPasses(ALL_PASSES), TataaConfig.u280());
  }

  @Test
  void secondCodesAndBiasesTakeErrorsAway() throws IOException {
    OnnxBuilder b = new OnnxBuilder(17, 7);
    String x = b.input("x", 40, 32);
    Agreement.Case test = Agreement.random(b.build(b.linear(b.op("Relu", x), 32, 64)), 3, 4);
    QuantizationOptions one = QuantizationOptions.DEFAULT;
    double plain = error(test, one);
    double corrected = error(test, one.withBiasCorrection(true));
    double twice = error(test, one.withActivationCodes(2));
    double both = error(test, one.withActivationCodes(2).withBiasCorrection(true));
    assertThat(corrected).isLessThan(plain);
    assertThat(twice).isLessThan(plain);
    assertThat(both).isLessThan(Math.min(corrected, twice));
  }

  // Root of the mean square error of the results.
  private static double error(Agreement.Case test, QuantizationOptions quantization)
      throws IOException {
    CompilerOptions options = CompilerOptions.DEFAULT.withQuantization(quantization);
    OnnxImporter.Model model = OnnxImporter.read(new ByteArrayInputStream(test.file()), "test");
    Map<String, NdTensor> inputs = test.samples().get(0);
    Compilation compilation = compilation(test, options, TataaConfig.u280(), model, inputs);
    Map<String, NdTensor> reference = new Evaluator(model.graph(), model.opset()).run(inputs, null);
    double sum = 0;
    for (Map.Entry<String, NdTensor> result : levels(compilation, inputs).entrySet()) {
      float[] actual = result.getValue().floats();
      float[] expected = reference.get(result.getKey()).floats();
      for (int i = 0; i < actual.length; i++) {
        sum += Math.pow((double) actual[i] - expected[i], 2) / actual.length;
      }
    }
    return Math.sqrt(sum);
  }

  static void check(Agreement.Case test, double minCosine, Set<String> disabled, TataaConfig config)
      throws IOException {
    check(test, minCosine, CompilerOptions.DEFAULT.withoutPasses(disabled), config);
  }

  static void check(
      Agreement.Case test, double minCosine, CompilerOptions options, TataaConfig config)
      throws IOException {
    OnnxImporter.Model model = OnnxImporter.read(new ByteArrayInputStream(test.file()), "test");
    Map<String, NdTensor> inputs = test.samples().get(0);
    Compilation compilation = compilation(test, options, config, model, inputs);
    Map<String, NdTensor> reference = new Evaluator(model.graph(), model.opset()).run(inputs, null);
    levels(compilation, inputs)
        .forEach(
            (name, value) ->
                assertThat(CompiledModel.cosine(value.floats(), reference.get(name).floats()))
                    .as(name)
                    .isGreaterThan(minCosine));
  }

  private static Compilation compilation(
      Agreement.Case test,
      CompilerOptions options,
      TataaConfig config,
      OnnxImporter.Model model,
      Map<String, NdTensor> inputs)
      throws IOException {
    Calibration calibration =
        new Compiler(config, model, options)
            .calibrate(
                test.samples(),
                test.fixed(),
                Compilation.requests(config, options, model, inputs, test.fixed()),
                (done, of) -> {});
    return Compilation.of(config, options, model, inputs, test.fixed(), calibration);
  }

  /** Executes every level, checks that all values are the same bits, and returns the results. */
  static Map<String, NdTensor> levels(Compilation compilation, Map<String, NdTensor> inputs) {
    Map<Value, short[]> expected = new HashMap<>();
    Map<String, NdTensor> outputs =
        new TensorInterpreter(compilation.tensors(), compilation.schedule().core())
            .run(inputs, (value, bits) -> expected.put(value, bits.clone()))
            .outputs();
    Schedule schedule = compilation.schedule();
    TileInterpreter.run(
        schedule.tiles(),
        ScheduleRun.inputs(compilation.tensors(), inputs),
        (step, memory) -> compare("level 3", schedule, step, memory, expected));
    for (boolean isClocked : new boolean[] {false, true}) {
      CoreMachine machine =
          isClocked
              ? CoreMachine.simulated(schedule.core())
              : CoreMachine.unclocked(schedule.core());
      ScheduleRun run = new ScheduleRun(schedule, machine);
      run.load();
      Map<String, NdTensor> actual =
          run.run(
              ScheduleRun.inputs(compilation.tensors(), inputs),
              comparing("level 4", schedule, run, expected));
      outputs.forEach(
          (name, value) -> assertThat(actual.get(name).floats()).isEqualTo(value.floats()));
    }
    return outputs;
  }

  static void compare(
      String level,
      Schedule schedule,
      int step,
      HostExecutor.Memory memory,
      Map<Value, short[]> expected) {
    for (StoredValue stored : schedule.tiles().values()) {
      if (stored.step() == step) {
        compare(level, stored, memory, expected);
      }
    }
  }

  /** Compares every stored value with level 2 when it can be read. */
  static ScheduleRun.Observer comparing(
      String what, Schedule schedule, HostExecutor.Memory memory, Map<Value, short[]> expected) {
    ReadableValues values = new ReadableValues(schedule);
    return new ScheduleRun.Observer() {
      @Override
      public void accepted(int step, int stored) {
        values.accepted(step, stored).forEach(value -> compare(what, value, memory, expected));
      }
    };
  }

  private static void compare(
      String level, StoredValue stored, HostExecutor.Memory memory, Map<Value, short[]> expected) {
    short[] bits = expected.get(stored.value());
    if (bits == null) {
      return;
    }
    int width = stored.value().element() == Element.INT8 ? 1 : 2;
    short[] actual = HostExecutor.elements(memory.read(stored.buffer()), stored.layout(), width);
    int[] placeOf = stored.layout().placeOf();
    for (int i = 0; i < placeOf.length; i++) {
      if (placeOf[i] >= 0 && actual[i] != bits[i]) {
        throw new AssertionError(
            String.format(
                "%s: %s element %d is %04x, level 2 has %04x",
                level, stored.value(), i, actual[i] & 0xffff, bits[i] & 0xffff));
      }
    }
  }
}
