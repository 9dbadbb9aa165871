package org.tataa.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.IsaProfile;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;
import org.tataa.function.LaneProgram;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;

/** The interpreter against a slow one that knows nothing of it. */
class TensorInterpreterTest {
  private static final TataaConfig BASE = TataaConfig.u280();

  static Stream<TataaConfig> machines() {
    return Stream.of(
        BASE,
        BASE.withName("int16")
            .withProfiles(Profiles.DEFAULT.withAccumulator(AccumulatorKind.PACKED_INT16)),
        BASE.withName("int32")
            .withProfiles(Profiles.DEFAULT.withAccumulator(AccumulatorKind.INT32)),
        BASE.withName("released").withProfiles(Profiles.RELEASED),
        BASE.withName("published").withProfiles(Profiles.DEFAULT.withIsa(IsaProfile.PUBLISHED)),
        single());
  }

  private static TataaConfig single() {
    ArrayGeometry geometry = new ArrayGeometry(8, 32, 1);
    return new TataaConfig(
        "single",
        1,
        geometry,
        BASE.buffers(),
        BASE.memory(),
        TimingConfig.released(geometry),
        Profiles.DEFAULT.withAccumulator(AccumulatorKind.INT32),
        BASE.clockHz(),
        false,
        false,
        false);
  }

  @ParameterizedTest
  @MethodSource("machines")
  void randomProgramsGiveTheBitsOfTheReference(TataaConfig config) {
    for (long seed = 0; seed < 120; seed++) {
      agrees(config, seed);
    }
  }

  @Tag("heavy")
  @ParameterizedTest
  @MethodSource("machines")
  void manyRandomProgramsGiveTheBitsOfTheReference(TataaConfig config) {
    for (long seed = 1000; seed < 3000; seed++) {
      agrees(config, seed);
    }
  }

  /** More elements than one thread takes at a time: each is computed and counted once. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void largeTensorsAreDoneInParts(int threads) {
    int size = 300_000;
    Value host = new Value("x", Element.HOST, size);
    Value x = new Value("x.bf16", Element.BF16, size);
    Value twice = new Value("twice", Element.BF16, size);
    Value codes = new Value("codes", Element.INT8, size);
    LaneProgram.Builder p = LaneProgram.builder("twice", 1);
    TensorProgram program =
        new TensorProgram(
            "large",
            List.of(
                new InputOp(host, ElementType.FLOAT),
                new UploadOp(host, x),
                new MapOp(p.build(p.add(p.input(0), p.input(0))), List.of(x), twice),
                new QuantiseOp(Scale.ONE, twice, codes)),
            Map.of());
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = i % 1000 == 999 ? Float.NaN : i % 100 == 98 ? 90 : i % 100 - 50;
    }
    Map<Value, short[]> seen = new HashMap<>();
    TensorResult result =
        new TensorInterpreter(program, BASE, threads)
            .run(
                Map.of("x", NdTensor.of(values, size)),
                (value, bits) -> seen.put(value, bits.clone()));
    OpCounts all = result.total();
    // Each is counted on its way to the device, doubled and converted.
    assertThat(all.nans()).isEqualTo(3L * size / 1000);
    assertThat(all.saturations()).isEqualTo(size / 100);
    short[] found = seen.get(codes);
    for (int i = 0; i < size; i++) {
      if (i % 1000 != 999) {
        assertThat(found[i]).as("%d", i).isEqualTo((short) Math.min(127, 2 * (int) values[i]));
      }
    }
  }

  private static void agrees(TataaConfig config, long seed) {
    TensorProgram program = RandomTensorPrograms.program(seed, config.profiles().isa());
    Map<String, NdTensor> inputs = RandomTensorPrograms.inputs(program, seed);
    SlowTensorReference reference = new SlowTensorReference(config);
    Map<Value, int[]> expected = reference.run(program, inputs);
    int threads = 1 + (int) (seed % 2);
    TensorResult result =
        new TensorInterpreter(program, config, threads)
            .run(
                inputs,
                (value, bits) ->
                    assertThat(differences(expected.get(value), bits, value.element()))
                        .as("seed %d, %s in%n%s", seed, value, TensorPrinter.print(program))
                        .isEmpty());
    program
        .outputs()
        .forEach(
            (name, value) ->
                assertThat(result.outputs().get(name).floats())
                    .as("seed %d output %s", seed, name)
                    .isEqualTo(reference.output(value).floats()));
  }

  private static String differences(int[] expected, short[] found, Element element) {
    int mask = element == Element.INT8 ? -1 : 0xffff;
    for (int i = 0; i < expected.length; i++) {
      if (expected[i] != (found[i] & mask)) {
        return "[" + i + "] expected " + expected[i] + ", found " + (found[i] & mask);
      }
    }
    return "";
  }

  @Test
  void deepSumsAreExact() {
    int depth = 3000;
    Value a = new Value("a", Element.INT8, 3, depth);
    Value b = new Value("b", Element.INT8, depth, 2);
    Value sums = new Value("sums", Element.BF16, 3, 2);
    short[] left = new short[a.size()];
    short[] right = new short[b.size()];
    Arrays.fill(left, (short) -128);
    Arrays.fill(right, (short) -128);
    for (ContractOp.Columns columns : ContractOp.Columns.values()) {
      for (TataaConfig config : machines().toList()) {
        TensorProgram program =
            ended(
                sums,
                new ConstantOp(left, a),
                new ConstantOp(right, b),
                ContractOp.of(a, b, columns, Scale.of(1.0 / (1 << 14)), sums));
        Map<Value, int[]> expected = new SlowTensorReference(config).run(program, Map.of());
        new TensorInterpreter(program, config)
            .run(
                Map.of(),
                (value, bits) ->
                    assertThat(differences(expected.get(value), bits, value.element()))
                        .as("%s %s %s", config.name(), columns, value)
                        .isEmpty());
      }
    }
  }

  @Test
  void countsSaturationsNanAndWraps() {
    Value x = new Value("x", Element.BF16, 4);
    Value q = new Value("q", Element.INT8, 4);
    Value row = new Value("row", Element.INT8, 1, 4);
    Value w = new Value("w", Element.INT8, 4, 2);
    Value y = new Value("y", Element.BF16, 1, 2);
    Value nan = new Value("nan", Element.BF16, 1, 2);
    LaneProgram.Builder p = LaneProgram.builder("inf - inf", 1);
    LaneProgram.Value large = p.mul(p.input(0), p.constant(Float.POSITIVE_INFINITY));
    short[] ones = new short[8];
    Arrays.fill(ones, (short) 127);
    TensorProgram program =
        ended(
            nan,
            ConstantOp.of(new float[] {1000, 1000, Float.NaN, 127}, x),
            new QuantiseOp(Scale.ONE, x, q),
            new ViewOp(new Movement.Reshape(), q, row),
            new ConstantOp(ones, w),
            ContractOp.of(row, w, ContractOp.Columns.N, Scale.ONE, y),
            new MapOp(p.build(p.sub(large, large)), List.of(y), nan));
    TensorResult result = new TensorInterpreter(program, BASE).run(Map.of());
    assertThat(result.counts())
        .isEqualTo(Map.of(q, new OpCounts(2, 1, 0, 0), nan, new OpCounts(0, 2, 0, 0)));
    assertThat(result.total()).isEqualTo(new OpCounts(2, 3, 0, 0));
    TataaConfig int16 =
        BASE.withProfiles(Profiles.DEFAULT.withAccumulator(AccumulatorKind.PACKED_INT16));
    assertThat(new TensorInterpreter(ended(y, program.ops()), int16).run(Map.of()).counts())
        .isEqualTo(Map.of(q, new OpCounts(2, 1, 0, 0), y, new OpCounts(0, 0, 2, 0)));
  }

  @Test
  void inputsAreChecked() {
    Value x = new Value("x", Element.HOST, 2);
    TensorProgram program =
        new TensorProgram("p", List.of(new InputOp(x, ElementType.FLOAT)), Map.of("y", x));
    TensorInterpreter interpreter = new TensorInterpreter(program, BASE);
    assertThatThrownBy(() -> interpreter.run(Map.of()))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("x");
    assertThatThrownBy(() -> interpreter.run(Map.of("x", NdTensor.of(new float[3], 3))))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("[3]");
    assertThatThrownBy(() -> interpreter.run(Map.of("x", NdTensor.of(new long[2], 2))))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("INT");
    assertThat(interpreter.run(Map.of("x", NdTensor.of(new float[] {1, 2}, 2))).outputs())
        .containsKey("y");
  }

  @Test
  void uploadsRoundToNearestEven() {
    float[] values = new float[4096];
    Random random = new Random(5);
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(random.nextInt());
    }
    values[0] = Float.intBitsToFloat(0x007fffff);
    values[1] = Float.intBitsToFloat(0x807f8000);
    values[2] = Float.intBitsToFloat(0x3f808000);
    values[3] = Float.intBitsToFloat(0x3f818000);
    Value x = new Value("x", Element.HOST, values.length);
    Value y = new Value("y", Element.BF16, values.length);
    TensorProgram program = ended(y, new InputOp(x, ElementType.FLOAT), new UploadOp(x, y));
    Map<String, NdTensor> inputs = Map.of("x", NdTensor.of(values, values.length));
    int[] expected = new SlowTensorReference(BASE).run(program, inputs).get(y);
    new TensorInterpreter(program, BASE)
        .run(
            inputs,
            (value, bits) -> assertThat(differences(expected, bits, Element.BF16)).isEmpty());
  }

  static TensorProgram ended(Value value, TensorOp... ops) {
    return ended(value, List.of(ops));
  }

  static TensorProgram ended(Value value, List<TensorOp> ops) {
    Value host = new Value("end." + value.name(), Element.HOST, value.shape());
    List<TensorOp> all = new ArrayList<>(ops);
    all.add(new DownloadOp(value, host));
    Map<String, Value> outputs = new LinkedHashMap<>();
    outputs.put("y", host);
    return new TensorProgram("test", all, outputs).with(all);
  }
}
