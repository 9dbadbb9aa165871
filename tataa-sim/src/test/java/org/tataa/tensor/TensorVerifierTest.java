package org.tataa.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tataa.config.IsaProfile;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.function.LaneProgram;
import org.tataa.fuzz.Fuzz;
import org.tataa.graph.ElementType;
import org.tataa.graph.GraphException;

/** What the verifier says, and that what it lets pass can be run. */
class TensorVerifierTest {
  private static final TataaConfig CONFIG = TataaConfig.u280();

  private final List<TensorOp> ops = new ArrayList<>();

  private Value bf16(String name, int... shape) {
    Value value = new Value(name, Element.BF16, shape);
    ops.add(new ConstantOp(new short[value.size()], value));
    return value;
  }

  private Value int8(String name, int... shape) {
    Value value = new Value(name, Element.INT8, shape);
    ops.add(new ConstantOp(new short[value.size()], value));
    return value;
  }

  private static Value result(int... shape) {
    return new Value("y", Element.BF16, shape);
  }

  private void says(TensorOp op, String... parts) {
    ops.add(op);
    List<String> problems = TensorVerifier.problems(new TensorProgram("p", ops, Map.of()));
    assertThat(problems).hasSize(1);
    assertThat(problems.get(0))
        .contains("operation " + (ops.size() - 1))
        .contains(op.getClass().getSimpleName())
        .contains(parts);
    assertThatThrownBy(() -> TensorVerifier.check(new TensorProgram("p", ops, Map.of())))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining(problems.get(0));
  }

  private static LaneProgram program(int inputs) {
    LaneProgram.Builder p = LaneProgram.builder("max", inputs);
    return p.build(p.max(p.input(0), p.input(inputs - 1)));
  }

  @Test
  void operandsAreMadeBefore() {
    Value x = new Value("x", Element.BF16, 2);
    says(new QuantiseOp(Scale.ONE, x, new Value("q", Element.INT8, 2)), "made before", "%x");
  }

  @Test
  void valuesAreMadeOnce() {
    Value x = bf16("x", 2);
    says(new ConstantOp(new short[2], x), "made once", "%x");
  }

  @Test
  void namesAreUnique() {
    bf16("x", 2);
    says(new ConstantOp(new short[2], new Value("x", Element.BF16, 2)), "unique name", "x");
  }

  @Test
  void kindsOfElements() {
    Value x = bf16("x", 2);
    says(new QuantiseOp(Scale.ONE, x, result(2)), "INT8", "%y: bf16[2]");
  }

  @Test
  void mapsTakeOneOperandPerInput() {
    Value x = bf16("x", 2);
    says(new MapOp(program(2), List.of(x), result(2)), "2 inputs", "found 1");
  }

  @Test
  void mapsBroadcast() {
    Value x = bf16("x", 2, 3);
    says(new MapOp(program(1), List.of(x), result(4, 3)), "broadcast", "[4,3]", "[2,3]");
  }

  @Test
  void reductionsNeedAnOrderOfTheLength() {
    Value x = bf16("x", 2, 3);
    says(
        new ReduceOp(ReduceOp.Kind.SUM, 1, ReductionOrder.natural(4), x, result(2, 1)),
        "order of 3",
        "found 4");
  }

  @Test
  void reductionsKeepTheAxis() {
    Value x = bf16("x", 2, 3);
    says(
        new ReduceOp(ReduceOp.Kind.SUM, 1, ReductionOrder.natural(3), x, result(2)),
        "[2, 1]",
        "[2]");
  }

  @Test
  void contractedDimensionsAreEqual() {
    Value a = int8("a", 2, 3);
    Value b = int8("b", 4, 5);
    says(
        ContractOp.of(a, b, ContractOp.Columns.N, Scale.ONE, result(2, 5)),
        "[..][M][K]",
        "%a: int8[2,3]");
  }

  @Test
  void batchesBroadcast() {
    Value a = int8("a", 2, 2, 3);
    Value b = int8("b", 4, 3, 5);
    says(
        ContractOp.of(a, b, ContractOp.Columns.N, Scale.ONE, result(4, 2, 5)),
        "leading dimensions");
  }

  @Test
  void scalesFitTheirAxis() {
    Value a = int8("a", 2, 2, 3);
    Value b = int8("b", 2, 3, 5);
    says(
        new ContractOp(a, b, ContractOp.Columns.N, List.of(Scale.ONE), 0, result(2, 2, 5)),
        "2 scales",
        "found 1");
  }

  @Test
  void scalesStandAlongALeadingAxis() {
    Value a = int8("a", 2, 2, 3);
    Value b = int8("b", 2, 3, 5);
    List<Scale> scales = List.of(Scale.ONE, Scale.ONE);
    says(
        new ContractOp(a, b, ContractOp.Columns.N, scales, 1, result(2, 2, 5)),
        "a scale axis of -1..0",
        "found 1");
  }

  @Test
  void scalesFitTheRequantiser() {
    Value x = bf16("x", 2);
    says(
        new QuantiseOp(new Scale(40000, 0), x, new Value("q", Element.INT8, 2)),
        "16-bit mantissa",
        "40000>>0");
  }

  @Test
  void int8ConstantsAreInRange() {
    says(new ConstantOp(new short[] {200}, new Value("w", Element.INT8, 1)), "[-128, 127]", "200");
  }

  @Test
  void movements() {
    Value x = bf16("x", 2, 3);
    says(new ViewOp(new Movement.Reshape(), x, result(7)), "6 elements", "[7]");
    ops.remove(ops.size() - 1);
    says(new ViewOp(new Movement.Transpose(new int[] {1, 1}), x, result(3, 2)), "permutation");
    ops.remove(ops.size() - 1);
    says(new ViewOp(new Movement.Transpose(new int[] {1, 0}), x, result(2, 3)), "[3, 2]");
    ops.remove(ops.size() - 1);
    int[] starts = {0, 1};
    int[] steps = {1, 2};
    says(new ViewOp(new Movement.Slice(starts, steps), x, result(2, 2)), "axis 1", "1 to 3 by 2");
    ops.remove(ops.size() - 1);
    says(new ViewOp(new Movement.Broadcast(), x, result(4, 3)), "broadcasts to");
    ops.remove(ops.size() - 1);
    says(new ViewOp(new Movement.Gather("gather", new int[] {6}), x, result(1)), "-1..5");
  }

  @Test
  void concatenationsAddUp() {
    Value x = bf16("x", 2, 3);
    says(new ConcatOp(0, List.of(x, x), result(5, 3)), "[4, 3]", "[5, 3]");
  }

  @Test
  void outputsAreOnTheHost() {
    Value x = bf16("x", 2);
    assertThat(TensorVerifier.problems(new TensorProgram("p", ops, Map.of("out", x))))
        .containsExactly("output out: expected a HOST value, found %x: bf16[2]");
    Value never = new Value("never", Element.HOST, 1);
    assertThat(TensorVerifier.problems(new TensorProgram("p", ops, Map.of("out", never))))
        .containsExactly("output out: expected a value that is made, found %never: host[1]");
  }

  @Test
  void publishedMachinesHaveNoMax() {
    Value x = bf16("x", 2);
    ops.add(new MapOp(program(1), List.of(x), result(2)));
    TensorProgram program = new TensorProgram("p", ops, Map.of());
    TataaConfig published = CONFIG.withProfiles(Profiles.DEFAULT.withIsa(IsaProfile.PUBLISHED));
    assertThat(TensorVerifier.problems(program, CONFIG)).isEmpty();
    assertThat(TensorVerifier.problems(program, published)).hasSize(1);
    assertThatThrownBy(() -> new TensorInterpreter(program, published))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("EXTENDED");
  }

  @Test
  void inputsMayHaveNoElements() {
    Value x = new Value("x", Element.HOST, 0);
    ops.add(new InputOp(x, ElementType.FLOAT));
    assertThat(TensorVerifier.problems(new TensorProgram("p", ops, Map.of("x", x)))).isEmpty();
    Value up = new Value("up", Element.BF16, 0);
    says(new UploadOp(x, up), "at least 1", "bf16[0]");
  }

  @Test
  void mutatedProgramsAreRefusedOrRun() {
    Fuzz.Count count = Fuzz.cases(0, 1500, TensorVerifierTest::isAccepted);
    assertThat(count.accepted()).isBetween(count.cases() / 10, count.cases() * 9 / 10);
  }

  @Tag("heavy")
  @Test
  void manyMutatedProgramsAreRefusedOrRun() {
    Fuzz.cases(100_000, 100_000, TensorVerifierTest::isAccepted);
  }

  @Tag("heavy")
  @Test
  void mutatedProgramsAreRefusedOrRunForSomeTime() {
    Fuzz.forSomeTime(TensorVerifierTest::isAccepted);
  }

  private static boolean isAccepted(long seed) {
    TensorProgram program = ProgramMutations.mutated(seed);
    String problem = problem(program, seed);
    if (problem == null || problem.isEmpty()) {
      return problem != null;
    }
    String kind = problem.split(" ", 2)[0];
    List<TensorOp> ops =
        Fuzz.smallest(
            program.ops(),
            fewer -> {
              String left = problem(with(program, fewer), seed);
              return left != null && left.startsWith(kind);
            });
    throw new AssertionError(
        "seed " + seed + ": " + problem + "\n" + TensorPrinter.print(with(program, ops)));
  }

  private static TensorProgram with(TensorProgram program, List<TensorOp> ops) {
    Map<String, Value> outputs = new HashMap<>(program.outputs());
    outputs.values().removeIf(value -> ops.stream().noneMatch(op -> op.results().contains(value)));
    return new TensorProgram(program.name(), ops, outputs);
  }

  // Null if the program is refused, empty if it runs, else what is wrong.
  private static @Nullable String problem(TensorProgram program, long seed) {
    try {
      TensorVerifier.check(program, CONFIG);
    } catch (TensorException e) {
      return null;
    } catch (RuntimeException e) {
      return "verifier: " + Fuzz.trace(e);
    }
    try {
      new TensorInterpreter(program, CONFIG, 1).run(RandomTensorPrograms.inputs(program, seed));
    } catch (TensorException | GraphException e) {
      // What a host function gives for other operands is only known when it is called.
      return program.ops().stream().anyMatch(HostOp.class::isInstance)
          ? ""
          : "interpreter: " + Fuzz.trace(e);
    } catch (RuntimeException e) {
      return "interpreter: " + Fuzz.trace(e);
    }
    return "";
  }
}
