package org.tataa.tile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.isa.StoreMode;
import org.tataa.numeric.LaneOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.Scale;
import org.tataa.tensor.StateOp;
import org.tataa.tensor.Value;
import org.tataa.tile.VectorStep.Operand;

/** The text form, as a person reads it. */
class TilePrinterTest {
  private static Work work(Work.Kind kind, String value) {
    return new Work(kind, value, 0, 0);
  }

  private static TileProgram program() {
    Value in = new Value("in", Element.HOST, 32);
    Value out = new Value("out", Element.HOST, 32);
    Value sums = new Value("sums", Element.BF16, 8, 8);
    Value keys = new Value("keys", Element.BF16, 4, 8);
    Value rows = new Value("rows", Element.BF16, 1, 8);
    Value position = new Value("position", Element.HOST, 1);
    Buffer a = Buffer.of("a", 256);
    Buffer b = Buffer.of("b", 512);
    Buffer state = Buffer.state("keys", 64);
    Buffer weights = Buffer.constant("w", new byte[128]);
    MatMulNest product =
        new MatMulNest(
            work(Work.Kind.LINEAR, "sums"),
            List.of(2, 3),
            new Address(a, 8, new long[] {32, 0}),
            new Address(weights, 0, new long[] {0, -16}),
            4,
            2,
            64,
            64,
            StoreMode.ACC_TO_INT8,
            true,
            List.of(new Scale(3, 1), new Scale(5, 2)),
            0,
            new Address(b, 0, new long[] {192, 64}));
    MatMulNest half =
        new MatMulNest(
            product.work(),
            List.of(1, 3),
            product.x(),
            product.y(),
            4,
            1,
            0,
            0,
            StoreMode.ACC_TO_BF16,
            false,
            List.of(Scale.ONE),
            -1,
            product.target());
    VectorNest lanes =
        new VectorNest(
            work(Work.Kind.LANES, "y"),
            List.of(4),
            4,
            List.of(
                new VectorStep.Load(0, new Address(b, 0, new long[] {16})),
                new VectorStep.Operate(
                    LaneOp.ADD, 1, Operand.constant(0x3fc0), Operand.register(0), true),
                new VectorStep.Operate(
                    LaneOp.APP, 2, Operand.register(1), Operand.register(1), false),
                new VectorStep.Store(
                    StoreMode.BF16_TO_INT8,
                    new Scale(7, 3),
                    true,
                    new int[] {1, 2},
                    new Address(a, 0, new long[] {16}))));
    HostStep.Source source = new HostStep.Source(b, new RowMajor(8));
    return new TileProgram(
        "block",
        TataaConfig.tiny(),
        List.of(
            new HostStep.Upload(work(Work.Kind.HOST, "in"), in, a, new RowMajor(32)),
            product,
            half,
            lanes,
            new HostStep.Move(
                work(Work.Kind.CODES, "moved"),
                List.of(source, source),
                2,
                null,
                new int[] {0, 1},
                a,
                new RowMajor(2)),
            new HostStep.Append(
                work(Work.Kind.HOST, "keys"),
                new StateOp(0, rows, position, keys),
                source,
                state,
                new RowMajor(32)),
            new HostStep.Download(work(Work.Kind.HOST, "out"), b, new RowMajor(32), out)),
        List.of(new StoredValue(sums, 1, b, new RowMajor(64))),
        Map.of("result", out));
  }

  @Test
  void aProgramAsText() {
    assertThat(TilePrinter.print(program()))
        .isEqualTo(
            """
            tile program block for tiny
            0 host in
              upload %in: host[32] to @a[256]
            1 linear sums loops [2, 3]
              product x @a+8+32*i y @w+0-16*j depth 4 segments 2
              store ACC_TO_INT8 transposed scale [3>>1, 5>>2] to @b+0+192*i+64*j
              makes %sums: bf16[8,8] in @b, row-major 64
            2 linear sums loops [1, 3]
              product x @a+8+32*i y @w+0-16*j depth 4
              store ACC_TO_BF16 scale 1>>0 to @b+0+192*i+64*j
            3 lanes y loops [4]
              v0 = load @b+0+16*i
              v1 = add 1.5, -v0
              v2 = app v1
              store int8 7>>3 transposed v[1,2] to @a+0+16*i
            4 codes moved
              move @b[512] @b[512] to @a[256], row-major 2
            5 host keys
              append @b[512] to state @keys[64] from row %position along axis 0, row-major 32
            6 host out
              download @b[512] to %out: host[32]
            """);
  }

  @Test
  void aSplitProgramAsText() {
    TileProgram whole = program();
    TileStep product = whole.steps().get(2);
    TileStep lanes = whole.steps().get(3);
    TileProgram program =
        new TileProgram("two", whole.config(), List.of(product, lanes), List.of(), Map.of());
    Partition partition =
        new Partition(
            2,
            List.of(
                new Partition.Step(0, List.of(List.of(product))),
                new Partition.Step(36, List.of(List.of(lanes, product), List.of(lanes)))));
    assertThat(TilePrinter.print(program, partition))
        .isEqualTo(
            """
            tile program two for tiny, each item on 2 cores
            0 linear sums loops [1, 3]
              product x @a+8+32*i y @w+0-16*j depth 4
              store ACC_TO_BF16 scale 1>>0 to @b+0+192*i+64*j
            barrier 36 cycles
            1 lanes y loops [4]
              v0 = load @b+0+16*i
              v1 = add 1.5, -v0
              v2 = app v1
              store int8 7>>3 transposed v[1,2] to @a+0+16*i
              shares 4+1x3 4
            """);
  }
}
