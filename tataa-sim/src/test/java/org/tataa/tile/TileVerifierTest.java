package org.tataa.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tataa.config.IsaProfile;
import org.tataa.config.TataaConfig;
import org.tataa.isa.StoreMode;
import org.tataa.numeric.LaneOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.Scale;
import org.tataa.tensor.Value;
import org.tataa.tile.VectorStep.Operand;

/** What the verifier of tile programs says. */
class TileVerifierTest {
  private static final TataaConfig CONFIG = TataaConfig.tiny();
  private static final int VECTOR = CONFIG.geometry().vectorBytes();
  private static final int ROWS = CONFIG.geometry().rows();
  private static final int OUTPUTS = CONFIG.geometry().outputs();
  private static final Work WORK = new Work(Work.Kind.LANES, "y", 0, 0);

  private final Value input = new Value("in", Element.HOST, VECTOR);
  private final Value output = new Value("out", Element.HOST, VECTOR);
  private final Buffer from = Buffer.of("from", 2L * VECTOR);
  private final Buffer to = Buffer.of("to", 2L * VECTOR);
  private final List<TileStep> steps = new ArrayList<>();
  private TataaConfig config = CONFIG;

  /** A layout given by its table. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Table(int[] elements) implements Layout {
    @Override
    public int places() {
      return elements.length;
    }

    @Override
    public int[] placeOf() {
      return elements;
    }

    @Override
    public String describe() {
      return "table";
    }
  }

  private static Layout rowMajor(int places) {
    return new Table(IntStream.range(0, places).toArray());
  }

  private static Address at(Buffer buffer, long base, long... strides) {
    return new Address(buffer, base, strides);
  }

  private void upload() {
    steps.add(new HostStep.Upload(WORK, input, from, rowMajor(VECTOR)));
  }

  private void vectors(List<Integer> loops, int registers, VectorStep... body) {
    steps.add(new VectorNest(WORK, loops, registers, List.of(body)));
  }

  private static VectorStep load(int register, Address address) {
    return new VectorStep.Load(register, address);
  }

  private static VectorStep operate(LaneOp op, int register, int first, int second) {
    return new VectorStep.Operate(
        op, register, Operand.register(first), Operand.register(second), false);
  }

  private static VectorStep store(Address address, int... registers) {
    return new VectorStep.Store(StoreMode.BF16_TO_BF16, Scale.ONE, false, registers, address);
  }

  private static MatMulNest product(Address x, Address y, int depth, StoreMode mode, Address to) {
    return new MatMulNest(
        WORK, List.of(), x, y, depth, 1, 0, 0, mode, false, List.of(Scale.ONE), -1, to);
  }

  private List<String> problems(Map<String, Value> outputs, StoredValue... stored) {
    TileProgram program = new TileProgram("p", config, steps, List.of(stored), outputs);
    return TileVerifier.problems(program, List.of(input));
  }

  private void says(String... parts) {
    List<String> problems = problems(Map.of());
    assertThat(problems).hasSize(1);
    assertThat(problems.get(0)).contains(parts);
    TileProgram program = new TileProgram("p", config, steps, List.of(), Map.of());
    assertThatThrownBy(() -> TileVerifier.check(program, List.of(input)))
        .isInstanceOf(TileException.class)
        .hasMessageContaining(problems.get(0));
  }

  private void twice() {
    upload();
    vectors(
        List.of(2),
        2,
        load(0, at(from, 0, VECTOR)),
        operate(LaneOp.ADD, 1, 0, 0),
        store(at(to, 0, VECTOR), 1));
  }

  @Test
  void wellFormed() {
    twice();
    steps.add(new HostStep.Download(WORK, to, rowMajor(VECTOR), output));
    TileProgram program =
        new TileProgram(
            "p",
            CONFIG,
            steps,
            List.of(new StoredValue(new Value("y", Element.BF16, VECTOR), 1, to, rowMajor(VECTOR))),
            Map.of("out", output));
    assertThatCode(() -> TileVerifier.check(program, List.of(input))).doesNotThrowAnyException();
    assertThat(TileVerifier.readsPadding(program, List.of(input))).isFalse();
  }

  @Test
  void accessesStayWithinTheirBuffer() {
    upload();
    vectors(
        List.of(3),
        2,
        load(0, at(from, 0, VECTOR)),
        operate(LaneOp.ADD, 1, 0, 0),
        store(at(to, 0, 0), 1));
    says(
        "step 1, LANES y",
        "a load within @from",
        "@from+0+" + VECTOR + "*i",
        "to " + (3 * VECTOR - 1));
  }

  @Test
  void addressesThatOverflowAreOutside() {
    upload();
    steps.add(
        new VectorNest(WORK, List.of(3), 1, List.of(load(0, at(from, 16, Long.MAX_VALUE / 2)))));
    says("a load within @from");
  }

  @Test
  void accessesStartAtBeats() {
    upload();
    vectors(List.of(), 1, load(0, at(from, 1)));
    says("multiples of " + CONFIG.memory().portBytes() + " bytes", "@from+1");
  }

  /** A step that ends where the buffer ends is within it, and one of two strides must fit. */
  @Test
  void onlyLoopsThatTurnNeedAlignedStrides() {
    upload();
    vectors(List.of(1, 2), 1, load(0, at(from, 0, 1, VECTOR)));
    assertThat(problems(Map.of())).isEmpty();
  }

  @Test
  void scalesArePickedByALoop() {
    Buffer x = Buffer.constant("x", new byte[4 * ROWS]);
    Buffer y = Buffer.constant("y", new byte[4 * OUTPUTS]);
    int bytes = ROWS * StoreMode.ACC_TO_BF16.wordBytes(CONFIG.geometry());
    Buffer result = Buffer.of("result", 2L * bytes);
    for (int loop : new int[] {-2, 1}) {
      steps.clear();
      steps.add(
          new MatMulNest(
              WORK,
              List.of(2),
              at(x, 0, 0),
              at(y, 0, 0),
              4,
              1,
              0,
              0,
              StoreMode.ACC_TO_BF16,
              false,
              List.of(Scale.ONE, Scale.ONE),
              loop,
              at(result, 0, bytes)));
      says("a loop that picks the scale, or -1", String.valueOf(loop));
    }
  }

  @Test
  void buffersAreBelow2GiB() {
    Buffer large = Buffer.of("large", 1L << 31);
    steps.add(new HostStep.Upload(WORK, input, large, rowMajor(VECTOR)));
    says("buffers of less than 2 GiB", "@large");
  }

  @Test
  void buffersAreNotEmpty() {
    for (long bytes : new long[] {0, -1}) {
      assertThatThrownBy(() -> Buffer.of("b", bytes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("more than 0");
    }
    byte[] content = {1, 2};
    assertThat(Buffer.constant("c", content).content()).isSameAs(content);
  }

  @Test
  void everyLoopHasItsStride() {
    upload();
    vectors(List.of(2), 1, load(0, at(from, 0)));
    says("a load with 1 strides");
  }

  @Test
  void loopsRun() {
    upload();
    vectors(List.of(2, 0), 1, load(0, at(from, 0, 0, 0)));
    says("loops of at least 1", "[2, 0]");
  }

  @Test
  void buffersAreWrittenBeforeTheyAreRead() {
    vectors(List.of(), 1, load(0, at(from, 0)));
    says("step 0", "a load of what an earlier step writes", "@from");
  }

  @Test
  void paddingIsNotWrittenLater() {
    steps.add(new HostStep.Upload(WORK, input, from, rowMajor(VECTOR / 2)));
    vectors(List.of(2), 1, load(0, at(from, 0, VECTOR)));
    assertThat(problems(Map.of())).isEmpty();
    upload();
    says("step 2", "written before they are read", "byte " + VECTOR + " of @from");
  }

  @Test
  void nestsDoNotReadWhatTheyWrite() {
    upload();
    vectors(
        List.of(2),
        2,
        load(0, at(from, 0, VECTOR)),
        operate(LaneOp.ADD, 1, 0, 0),
        store(at(from, 0, VECTOR), 1));
    says("a load of bytes the nest does not write", "@from");
  }

  @Test
  void constantsAreNotWritten() {
    upload();
    vectors(
        List.of(),
        2,
        load(0, at(from, 0)),
        operate(LaneOp.ADD, 1, 0, 0),
        store(at(Buffer.constant("c", new byte[VECTOR]), 0), 1));
    says("to a buffer that is no constant", "@c");
  }

  @Test
  void namesAreUnique() {
    upload();
    steps.add(new HostStep.Upload(WORK, input, Buffer.of("from", 1 << 10), rowMajor(VECTOR)));
    says("step 1", "a unique name", "from");
  }

  @Test
  void registersAreWrittenOnceAndBefore() {
    upload();
    vectors(List.of(), 2, operate(LaneOp.ADD, 1, 0, 0), load(0, at(from, 0)));
    assertThat(problems(Map.of())).hasSize(2).allMatch(p -> p.contains("before they are read"));
    steps.remove(1);
    vectors(List.of(), 1, load(0, at(from, 0)), load(0, at(from, 0)));
    says("written once", "v0 = load");
    steps.remove(1);
    vectors(List.of(), 1, load(1, at(from, 0)), load(0, at(from, 0)));
    says("registers below 1", "v1 = load");
    steps.remove(1);
    vectors(List.of(), 2, load(0, at(from, 0)));
    says("as many registers as are written", "2");
  }

  @Test
  void storesTakeResultsOnce() {
    upload();
    VectorStep load = load(0, at(from, 0));
    VectorStep add = operate(LaneOp.ADD, 1, 0, 0);
    vectors(List.of(), 2, load, add, store(at(to, 0), 0));
    says("results of operations", "v[0]");
    steps.remove(1);
    vectors(List.of(), 2, load, add, store(at(to, 0), 1, 1));
    says("results of operations", "v[1,1]");
    steps.remove(1);
    vectors(List.of(), 3, load, add, operate(LaneOp.ADD, 2, 1, 0), store(at(to, 0), 1));
    says("nothing else reads", "v1");
    steps.remove(1);
    vectors(List.of(), 2, load, add, store(at(to, 0)));
    says("registers, what the buffers hold");
    steps.remove(1);
    vectors(
        List.of(),
        2,
        load,
        add,
        new VectorStep.Store(StoreMode.ACC_TO_BF16, Scale.ONE, false, new int[] {1}, at(to, 0)));
    says("a STORE of vectors", "v[1]");
    steps.remove(1);
    vectors(
        List.of(),
        2,
        load,
        add,
        new VectorStep.Store(
            StoreMode.BF16_TO_INT8, new Scale(1 << 20, 3), false, new int[] {1}, at(to, 0)));
    says("a scale of a 16-bit mantissa");
  }

  @Test
  void operations() {
    upload();
    VectorStep load = load(0, at(from, 0));
    Operand register = Operand.register(0);
    Operand one = Operand.constant(0x3f80);
    vectors(List.of(), 2, load, new VectorStep.Operate(LaneOp.ADD, 1, one, one, false));
    says("at most one constant");
    steps.remove(1);
    vectors(List.of(), 2, load, new VectorStep.Operate(LaneOp.APP, 1, register, one, false));
    says("an operation of one register");
    steps.remove(1);
    vectors(List.of(), 2, load, new VectorStep.Operate(LaneOp.ADD, 1, register, register, true));
    says("the sign flipped of a second register only", "-v0");
    steps.remove(1);
    Operand wide = new Operand(true, 1 << 16);
    vectors(List.of(), 2, load, new VectorStep.Operate(LaneOp.ADD, 1, register, wide, false));
    says("a constant of 16 bits");
    steps.remove(1);
    config = CONFIG.withProfiles(CONFIG.profiles().withIsa(IsaProfile.PUBLISHED));
    vectors(List.of(), 2, load, operate(LaneOp.MAX, 1, 0, 0));
    says("the PUBLISHED instruction set");
  }

  @Test
  void products() {
    upload();
    Address x = at(from, 0);
    Address to0 = at(Buffer.of("sums", 2L * ROWS * OUTPUTS), 0);
    Address y = at(Buffer.constant("w", new byte[OUTPUTS]), 0);
    steps.add(product(x, y, 1, StoreMode.ACC_TO_BF16, to0));
    assertThat(problems(Map.of())).isEmpty();
    steps.set(1, product(x, y, 2, StoreMode.ACC_TO_BF16, to0));
    says("Y words within @w");
    steps.set(1, product(x, y, 0, StoreMode.ACC_TO_BF16, to0));
    says("at least 1 word", "depth 0");
    steps.set(1, product(x, y, 1, StoreMode.BF16_TO_BF16, to0));
    says("a STORE of sums");
    steps.set(1, product(x, y, 1, StoreMode.ACC_TO_BF16, to0.plus(ROWS)));
    says("a block stored within @sums");
    List<Scale> two = List.of(Scale.ONE, Scale.ONE);
    steps.set(
        1,
        new MatMulNest(
            WORK, List.of(), x, y, 1, 1, 0, 0, StoreMode.ACC_TO_BF16, true, two, -1, to0));
    assertThat(problems(Map.of()))
        .hasSize(2)
        .anyMatch(problem -> problem.contains("expected 1 scales, found 2"))
        .anyMatch(problem -> problem.contains("a transposed STORE of int8"));
  }

  @Test
  void hostTables() {
    steps.add(new HostStep.Upload(WORK, output, from, rowMajor(VECTOR)));
    says("values made before", "%out");
    steps.set(0, new HostStep.Upload(WORK, input, from, rowMajor(VECTOR + 1)));
    says("a layout of at most");
    int[] elements = new int[VECTOR];
    Arrays.fill(elements, VECTOR);
    steps.set(0, new HostStep.Upload(WORK, input, from, new Table(elements)));
    says("elements and places within `table`");
    steps.clear();
    upload();
    steps.add(new HostStep.Download(WORK, from, rowMajor(VECTOR - 1), output));
    says("step 1", "places of all elements of %out");
    HostStep.Source source = new HostStep.Source(from, rowMajor(2));
    steps.set(
        1, new HostStep.Move(WORK, List.of(source), 2, null, new int[] {0, 2}, to, rowMajor(2)));
    says("an element of a source", "element 2 of source 0");
  }

  @Test
  void outputsAndStoredValues() {
    twice();
    assertThat(problems(Map.of("out", output)))
        .containsExactly("output out: expected a value of the host that is made, found " + output);
    Value y = new Value("y", Element.BF16, VECTOR);
    assertThat(problems(Map.of(), new StoredValue(y, 2, to, rowMajor(VECTOR))))
        .singleElement()
        .asString()
        .contains("expected a step of the program, found 2");
    assertThat(problems(Map.of(), new StoredValue(y, 0, to, rowMajor(VECTOR))))
        .singleElement()
        .asString()
        .contains("in a buffer the step writes, found @to");
  }

  @Test
  void allProblemsAreNamed() {
    for (int i = 0; i < 12; i++) {
      vectors(List.of(), 1, load(0, at(Buffer.of("b" + i, VECTOR), 0)));
    }
    TileProgram program = new TileProgram("p", CONFIG, steps, List.of(), Map.of());
    assertThatThrownBy(() -> TileVerifier.check(program, List.of()))
        .hasMessageContaining("step 0")
        .hasMessageContaining("step 9")
        .hasMessageContaining("2 more");
  }
}
