package org.tataa.tile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.StoreMode;
import org.tataa.numeric.LaneOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.Scale;
import org.tataa.tensor.Value;
import org.tataa.tile.VectorStep.Operand;

/** What the verifier says of fused nests, and their text. */
class FusedNestTest {
  private static final TataaConfig CONFIG = TataaConfig.tiny().withResultPath(true);
  private static final int ROWS = CONFIG.geometry().rows();
  private static final int OUTPUTS = CONFIG.geometry().outputs();
  private static final int VECTOR = CONFIG.geometry().vectorBytes();
  private static final int BLOCK = FusedNest.vectors(CONFIG) * VECTOR;
  private static final Work WORK = new Work(Work.Kind.LANES, "y", 0, 0);

  private final Buffer x = Buffer.constant("x", new byte[64 * ROWS]);
  private final Buffer y = Buffer.constant("y", new byte[64 * OUTPUTS]);
  private final Buffer sums = Buffer.of("sums", 4L * BLOCK);
  private final Buffer result = Buffer.of("result", 4L * VECTOR);
  private TataaConfig config = CONFIG;
  private int group = 1;

  private MatMulNest products(
      List<Integer> loops, int depth, int segments, StoreMode mode, Address to) {
    long[] still = new long[loops.size()];
    return new MatMulNest(
        WORK,
        loops,
        new Address(x, 0, still),
        new Address(y, 0, still),
        depth,
        segments,
        0,
        0,
        mode,
        false,
        List.of(Scale.ONE),
        -1,
        to);
  }

  private MatMulNest products() {
    return products(List.of(2), 4, 1, StoreMode.ACC_TO_BF16, to(BLOCK));
  }

  private Address to(long... strides) {
    return new Address(sums, 0, strides);
  }

  private VectorNest lanes(Buffer to, Address from) {
    long[] strides = from.strides().clone();
    Arrays.fill(strides, VECTOR);
    return new VectorNest(
        WORK,
        List.of(2),
        2,
        List.of(
            new VectorStep.Load(0, from),
            new VectorStep.Operate(LaneOp.APP, 1, Operand.register(0), Operand.register(0), false),
            new VectorStep.Store(
                StoreMode.BF16_TO_BF16,
                Scale.ONE,
                false,
                new int[] {1},
                new Address(to, 0, strides))));
  }

  private VectorNest lanes() {
    return lanes(result, to(BLOCK));
  }

  private TileProgram program(MatMulNest products, VectorNest lanes, TileStep... more) {
    List<TileStep> steps = new ArrayList<>();
    steps.add(new FusedNest(WORK, products, lanes, Bank.B, group));
    steps.addAll(List.of(more));
    return new TileProgram("p", config, steps, List.of(), Map.of());
  }

  private void says(TileProgram program, String... parts) {
    List<String> problems = TileVerifier.problems(program, Set.of());
    assertThat(problems).hasSize(1);
    assertThat(problems.get(0)).contains(parts);
  }

  @Test
  void wellFormed() {
    assertThat(TileVerifier.problems(program(products(), lanes()), Set.of())).isEmpty();
  }

  @Test
  void theMachineHasAResultPath() {
    config = TataaConfig.tiny();
    says(program(products(), lanes()), "a machine with a result path", "tiny");
  }

  @Test
  void sumsAreBfloat16OfOneTile() {
    says(
        program(products(List.of(2), 4, 1, StoreMode.ACC_TO_INT8, to(BLOCK)), lanes()),
        "bfloat16 sums",
        "ACC_TO_INT8");
    says(
        program(products(List.of(2), 4, 2, StoreMode.ACC_TO_BF16, to(BLOCK)), lanes()),
        "the words of one tile",
        "2 times 4");
    int tooDeep = CONFIG.buffers().tileDepth() + 1;
    says(
        program(products(List.of(2), tooDeep, 1, StoreMode.ACC_TO_BF16, to(BLOCK)), lanes()),
        "the words of one tile",
        "1 times " + tooDeep);
  }

  @Test
  void loopsAreTheSame() {
    says(
        program(products(List.of(4), 4, 1, StoreMode.ACC_TO_BF16, to(BLOCK)), lanes()),
        "the loops of the products",
        "[2]");
  }

  @Test
  void blocksAreApart() {
    for (long stride : new long[] {0, BLOCK / 2}) {
      says(
          program(
              products(List.of(2), 4, 1, StoreMode.ACC_TO_BF16, to(stride)),
              lanes(result, to(stride))),
          "a block of its own for every iteration");
    }
  }

  @Test
  void aGroupFitsABank() {
    for (int blocks : new int[] {0, 2}) {
      group = blocks;
      says(program(products(), lanes()), "1..1 blocks in slots", String.valueOf(blocks));
    }
  }

  @Test
  void vectorsAreThoseOfTheBlock() {
    Address woven = new Address(sums, VECTOR / 2, new long[] {BLOCK});
    Address next = new Address(sums, BLOCK, new long[] {BLOCK});
    for (Address from : List.of(woven, next, to(VECTOR))) {
      says(program(products(), lanes(result, from)), "a vector of the block of the iteration");
    }
  }

  @Test
  void operandsStay() {
    Buffer written = Buffer.state("written", 64L * ROWS);
    MatMulNest own = products();
    MatMulNest products =
        new MatMulNest(
            WORK,
            own.loops(),
            new Address(written, 0, new long[] {0}),
            own.y(),
            4,
            1,
            0,
            0,
            own.mode(),
            false,
            own.scales(),
            -1,
            own.target());
    says(program(products, lanes(written, to(BLOCK))), "writes nothing the products use");
  }

  /** They are in slots, not in memory. */
  @Test
  void nobodyElseReadsTheSums() {
    Buffer other = Buffer.of("other", 4L * VECTOR);
    says(
        program(products(), lanes(), lanes(other, to(BLOCK))),
        "step 1",
        "a load of what an earlier step writes",
        "@sums");
    StoredValue stored = new StoredValue(new Value("s", Element.BF16, 8), 0, sums, new RowMajor(8));
    TileProgram program = program(products(), lanes());
    TileProgram storing = new TileProgram("p", config, program.steps(), List.of(stored), Map.of());
    says(storing, "in a buffer the step writes", "@sums");
  }

  @Test
  void text() {
    assertThat(TilePrinter.print(program(products(), lanes())))
        .isEqualTo(
            """
            tile program p for tiny
            0 lanes y loops [2], sums in slots of bank B, blocks at a time: 1
              product x @x+0 y @y+0 depth 4
              store ACC_TO_BF16 scale 1>>0 to @sums+0+128*i
              v0 = load @sums+0+128*i
              v1 = app v0
              store v[1] to @result+0+16*i
            """);
  }
}
