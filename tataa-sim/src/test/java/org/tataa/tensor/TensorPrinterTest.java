package org.tataa.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tataa.config.IsaProfile;
import org.tataa.function.FunctionLibrary;
import org.tataa.function.LaneProgram;
import org.tataa.graph.ElementType;

/** The text form, as a person reads it. */
class TensorPrinterTest {
  private static TensorProgram program() {
    Value x = new Value("x", Element.HOST, 2, 3);
    Value up = new Value("x.bf16", Element.BF16, 2, 3);
    Value bias = new Value("bias", Element.BF16, 1, 3);
    Value sum = new Value("sum", Element.BF16, 2, 3);
    Value q = new Value("q", Element.INT8, 2, 3);
    Value w = new Value("w", Element.INT8, 3, 4);
    Value y = new Value("y", Element.BF16, 2, 4);
    Value gelu = new Value("gelu", Element.BF16, 2, 4);
    Value largest = new Value("largest", Element.BF16, 2, 1);
    Value turned = new Value("turned", Element.BF16, 1, 2);
    Value twice = new Value("twice", Element.BF16, 1, 4);
    Value out = new Value("out", Element.HOST, 1, 4);
    LaneProgram.Builder p = LaneProgram.builder("add", 2);
    short[] weights = {1, -2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 127};
    return new TensorProgram(
        "block",
        List.of(
            new InputOp(x, ElementType.FLOAT),
            new UploadOp(x, up),
            ConstantOp.of(new float[] {1, 0.5f, -2}, bias),
            new MapOp(
                p.build(p.add(p.mul(p.input(0), p.constant(0.5)), p.input(1))),
                List.of(up, bias),
                sum),
            new QuantiseOp(Scale.of(20), sum, q),
            new ConstantOp(weights, w),
            ContractOp.of(q, w, ContractOp.Columns.N, Scale.of(0.01), y),
            new MapOp(
                FunctionLibrary.find("Gelu", IsaProfile.EXTENDED, "sigmoid").program(),
                List.of(y),
                gelu),
            new ReduceOp(ReduceOp.Kind.MAX, 1, ReductionOrder.interleaved(4, 2), gelu, largest),
            new ViewOp(new Movement.Transpose(new int[] {1, 0}), largest, turned),
            new ConcatOp(1, List.of(turned, turned), twice),
            new DownloadOp(twice, out)),
        Map.of("result", out));
  }

  @Test
  void aProgramAsText() {
    assertThat(TensorPrinter.print(program())).isEqualTo(EXPECTED);
  }

  private static Value bf16(String name, int... shape) {
    return new Value(name, Element.BF16, shape);
  }

  @Test
  void movementsScalesAndWorkOfTheHost() {
    Value x = bf16("x", 2, 4);
    Value a = new Value("a", Element.INT8, 2, 1, 3);
    Value b = new Value("b", Element.INT8, 2, 3, 4);
    Value host = new Value("h", Element.HOST, 2, 4);
    List<Scale> scales = List.of(Scale.of(1), Scale.of(0.5));
    TensorProgram program =
        new TensorProgram(
            "moves",
            List.of(
                ConstantOp.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, x),
                new ViewOp(new Movement.Reshape(), x, bf16("r", 4, 2)),
                new ViewOp(
                    new Movement.Slice(new int[] {0, 1}, new int[] {1, 1}), x, bf16("s", 2, 3)),
                new ViewOp(
                    new Movement.Slice(new int[] {1, 3}, new int[] {-1, -2}), x, bf16("t", 2, 2)),
                new ViewOp(new Movement.Broadcast(), bf16("one", 1, 4), bf16("u", 3, 4)),
                new ViewOp(new Movement.Gather("pad", new int[] {-1, 0}), x, bf16("g", 2)),
                new ContractOp(a, b, ContractOp.Columns.N, scales, 0, bf16("c", 2, 1, 4)),
                new HostOp(
                    new GivenBack("Shape"),
                    List.of(host, host),
                    List.of(new Value("n", Element.HOST, 2)))),
            Map.of());
    assertThat(TensorPrinter.print(program).lines().skip(1))
        .containsExactly(
            "  %x: bf16[2,4] = constant [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]",
            "  %r: bf16[4,2] = view reshape %x",
            "  %s: bf16[2,3] = view slice from [0,1] %x",
            "  %t: bf16[2,2] = view slice from [1,3] step [-1,-2] %x",
            "  %u: bf16[3,4] = view broadcast %one",
            "  %g: bf16[2] = view pad %x",
            "  %c: bf16[2,1,4] = contract(%a, %b) columns N scale per axis 0 [16384>>14, 16384>>15]",
            "  %n: host[2] = host Shape(%h, %h)");
  }

  @Test
  void linesAreAsLongAsAHundredCharacters() {
    for (int extra = 0; extra < 2; extra++) {
      String name = "n".repeat(76 + extra);
      TensorProgram program =
          new TensorProgram("wide", List.of(new UploadOp(bf16("x", 2), bf16(name, 2))), Map.of());
      List<String> lines = TensorPrinter.print(program).lines().skip(1).toList();
      assertThat(lines).hasSize(1 + extra);
      assertThat(lines.get(0).length()).isEqualTo(extra == 0 ? 100 : 98);
    }
  }

  private static final String EXPECTED =
      """
      program block: 12 operations, 24 macs
        %x: host[2,3] = input FLOAT
        %x.bf16: bf16[2,3] = upload %x
        %bias: bf16[1,3] = constant [1.0, 0.5, -2.0]
        %sum: bf16[2,3] = map {t0 = mul x0, 0.5; t1 = add t0, x1}(%x.bf16, %bias) ; 2 ops
        %q: int8[2,3] = quantise %sum scale 20480>>10
        %w: int8[3,4] = constant [1, -2, 3, 4, ..] sha256 51299012fced
        %y: bf16[2,4] = contract(%q, %w) columns N scale 20972>>21
        %gelu: bf16[2,4] = map {t0 = mul x0, x0; t1 = mul t0, -0.103027344; t2 = add t1, -2.296875;
            t3 = mul x0, t2; t4 = min t3, 64.0; t5 = floor t4; t6 = add t4, -t5; t7 = mul t6, 0.078125;
            t8 = add t7, 0.2265625; t9 = mul t6, t8; t10 = add t9, 0.6953125; t11 = mul t6, t10;
            t12 = add t11, 1.0; t13 = exp2i t5; t14 = mul t12, t13; t15 = add t14, 1.0; t16 = app t15;
            t17 = mul t16, t16; t18 = mul t15, t17; t19 = add 2.0, -t18; t20 = mul t17, t19;
            t21 = mul t15, t20; t22 = add 2.0, -t21; t23 = mul t20, t22; t24 = mul x0, t23}(%y) ; 25 ops
        %largest: bf16[2,1] = reduce max axis 1 in 2 parts(%gelu)
        %turned: bf16[1,2] = view transpose [1,0] %largest
        %twice: bf16[1,4] = concat axis 1 (%turned, %turned)
        %out: host[1,4] = download %twice
      output result = %out
      """;
}
