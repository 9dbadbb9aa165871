package org.tataa.tensor.pass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.function.LaneProgram;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;
import org.tataa.tensor.ConcatOp;
import org.tataa.tensor.ConstantOp;
import org.tataa.tensor.ContractOp;
import org.tataa.tensor.DownloadOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.InputOp;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.Movement;
import org.tataa.tensor.QuantiseOp;
import org.tataa.tensor.ReduceOp;
import org.tataa.tensor.ReductionOrder;
import org.tataa.tensor.Scale;
import org.tataa.tensor.TensorInterpreter;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorPass;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.TensorVerifier;
import org.tataa.tensor.UploadOp;
import org.tataa.tensor.Value;
import org.tataa.tensor.ViewOp;

/** What each pass does, on small programs made by hand. */
class PassesTest {
  private static final LaneProgram MUL = binary("mul");
  private static final LaneProgram ADD = binary("add");
  private static final LaneProgram SUB = binary("sub");

  private final List<TensorOp> ops = new ArrayList<>();
  private int names;

  private static LaneProgram binary(String op) {
    LaneProgram.Builder p = LaneProgram.builder(op, 2);
    return p.build(
        switch (op) {
          case "mul" -> p.mul(p.input(0), p.input(1));
          case "add" -> p.add(p.input(0), p.input(1));
          default -> p.sub(p.input(0), p.input(1));
        });
  }

  private Value add(TensorOp op) {
    ops.add(op);
    return op.result();
  }

  private Value value(Element element, int... shape) {
    return new Value("v" + names++, element, shape);
  }

  private Value input(int... shape) {
    Value host = value(Element.HOST, shape);
    ops.add(new InputOp(host, ElementType.FLOAT));
    return add(new UploadOp(host, value(Element.BF16, shape)));
  }

  private Value constant(int[] shape, float... values) {
    return add(ConstantOp.of(values, value(Element.BF16, shape)));
  }

  private Value map(LaneProgram program, Value... operands) {
    return add(new MapOp(program, List.of(operands), value(Element.BF16, operands[0].shape())));
  }

  private Value view(Movement movement, Value operand, int... shape) {
    return add(new ViewOp(movement, operand, value(operand.element(), shape)));
  }

  private TensorProgram ended(Value... values) {
    Map<String, Value> outputs = new LinkedHashMap<>();
    for (Value value : values) {
      Value host = value(Element.HOST, value.shape());
      ops.add(new DownloadOp(value, host));
      outputs.put("y" + outputs.size(), host);
    }
    TensorProgram program = new TensorProgram("hand", ops, outputs);
    TensorVerifier.check(program);
    return program;
  }

  private static <T extends TensorOp> List<T> all(TensorProgram program, Class<T> kind) {
    TensorVerifier.check(program);
    return program.ops().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  // Codes of an activation of a product's sums, with a limit of -127.
  private TensorProgram limited(float floor, float factor) {
    Value host = value(Element.HOST, 4, 8);
    ops.add(new InputOp(host, ElementType.FLOAT));
    Value a =
        add(
            new QuantiseOp(
                Scale.ONE,
                add(new UploadOp(host, value(Element.BF16, 4, 8))),
                value(Element.INT8, 4, 8)));
    Value weights = add(new ConstantOp(new short[8 * 2], null, value(Element.INT8, 8, 2)));
    Value sums =
        add(ContractOp.of(a, weights, ContractOp.Columns.N, Scale.ONE, value(Element.BF16, 4, 2)));
    Value scale = constant(new int[] {1, 2}, 0.5f, 0.25f);
    Value factors = constant(new int[] {1, 2}, 3, factor);
    LaneProgram.Builder p = LaneProgram.builder("limited", 3);
    LaneProgram.Value x = p.add(p.mul(p.input(0), p.input(1)), p.input(1));
    LaneProgram.Value activation = p.max(x, p.constant(floor));
    LaneProgram program = p.build(p.max(p.mul(activation, p.input(2)), p.constant(-127)));
    Value codes =
        add(
            new QuantiseOp(
                Scale.ONE, map(program, sums, scale, factors), value(Element.INT8, 4, 2)));
    Value more = add(new ConstantOp(new short[2 * 2], null, value(Element.INT8, 2, 2)));
    Value result = value(Element.BF16, 4, 2);
    return ended(add(ContractOp.of(codes, more, ContractOp.Columns.N, Scale.ONE, result)));
  }

  @Test
  void aLimitThatIsNeverReachedIsLeftOut() {
    DropLimits pass = new DropLimits(TataaConfig.u280());
    assertThat(operations(pass.apply(limited(0, 1e6f)))).isEqualTo(4);
    ops.clear();
    assertThat(operations(pass.apply(limited(-1, 120)))).isEqualTo(4);
    ops.clear();
    assertThat(operations(pass.apply(limited(-1, 127.5f)))).isEqualTo(5);
    ops.clear();
    assertThat(operations(pass.apply(limited(0, -1)))).isEqualTo(5);
  }

  private static int operations(TensorProgram program) {
    return all(program, MapOp.class).get(0).program().operations();
  }

  @Test
  void aChainOfMapsBecomesOne() {
    Value x = input(2, 3);
    Value bias = constant(new int[] {1, 3}, 1, 2, 3);
    Value y = map(MUL, map(ADD, x, bias), bias);
    List<MapOp> maps = all(new MergeMaps(8).apply(ended(y)), MapOp.class);
    assertThat(maps).hasSize(1);
    assertThat(maps.get(0).operands()).containsExactlyInAnyOrder(x, bias);
    assertThat(maps.get(0).program().operations()).isEqualTo(2);
  }

  @Test
  void theSameOperationIsDoneOnce() {
    Value x = input(4);
    Value y = map(MUL, map(ADD, x, x), map(ADD, x, x));
    List<MapOp> maps = all(new MergeMaps(8).apply(ended(y)), MapOp.class);
    assertThat(maps).hasSize(1);
    assertThat(maps.get(0).operands()).containsExactly(x);
    assertThat(maps.get(0).program().operations()).isEqualTo(2);
  }

  @Test
  void anExpensiveValueReadTwiceStays() {
    Value x = input(4);
    Value twice = map(MUL, map(MUL, map(MUL, x, x), x), x);
    Value y = map(ADD, twice, x);
    Value z = map(MUL, twice, x);
    assertThat(all(new MergeMaps(8).apply(ended(y, z)), MapOp.class)).hasSize(3);
  }

  @Test
  void aCheapValueReadTwiceIsComputedTwice() {
    Value x = input(4);
    Value sum = map(ADD, x, x);
    TensorProgram program = ended(map(MUL, sum, x), map(ADD, sum, x));
    assertThat(all(new MergeMaps(8).apply(program), MapOp.class)).hasSize(2);
  }

  @Test
  void aValueThatIsReducedTooStays() {
    Value x = input(1, 4);
    Value sum = map(ADD, x, x);
    Value row = value(Element.BF16, 1, 1);
    add(new ReduceOp(ReduceOp.Kind.SUM, 1, ReductionOrder.natural(4), sum, row));
    TensorProgram program = ended(map(SUB, sum, row));
    assertThat(all(new MergeMaps(8).apply(program), MapOp.class)).hasSize(2);
  }

  @Test
  void aRepeatedValueStays() {
    Value rows = input(3, 1);
    Value x = input(3, 4);
    TensorProgram program = ended(map(MUL, x, map(MUL, rows, rows)));
    assertThat(all(new MergeMaps(8).apply(program), MapOp.class)).hasSize(2);
  }

  @Test
  void theLimitOfOperandsHolds() {
    Value a = input(2);
    Value y = map(ADD, map(ADD, map(ADD, a, input(2)), input(2)), input(2));
    List<MapOp> maps = all(new MergeMaps(3).apply(ended(y)), MapOp.class);
    assertThat(maps).hasSize(2).allMatch(map -> map.operands().size() <= 3);
  }

  @Test
  void viewsSinkBehindMapsAndConversions() {
    Value x = input(2, 6);
    Value split = view(new Movement.Reshape(), x, 2, 2, 3);
    Value turned = view(new Movement.Transpose(new int[] {1, 0, 2}), split, 2, 2, 3);
    Value factor = constant(new int[] {2, 1, 3}, 1, 2, 3, 4, 5, 6);
    Value scaled = map(MUL, turned, factor);
    Value q = add(new QuantiseOp(Scale.of(20), scaled, value(Element.INT8, 2, 2, 3)));
    TensorProgram program = ended(scaled);
    TensorProgram sunk = new SinkViews().apply(program);
    MapOp map = all(sunk, MapOp.class).get(0);
    assertThat(map.operands().get(0)).isEqualTo(x);
    assertThat(map.operands().get(1).shape()).containsExactly(1, 6);
    ConstantOp moved = (ConstantOp) sunk.producer(map.operands().get(1));
    assertThat(moved.values()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(moved.exact()).isNotNull();
    assertThat(q.isOnDevice()).isTrue();
  }

  @Test
  void aConversionSinksBelowAView() {
    Value x = input(2, 3);
    Value turned = view(new Movement.Transpose(new int[] {1, 0}), x, 3, 2);
    Value q = add(new QuantiseOp(Scale.of(20), turned, value(Element.INT8, 3, 2)));
    TensorProgram program = new TensorProgram("q", ops, Map.of());
    TensorProgram open = new TensorProgram("q", ops, Map.of("q", q));
    assertThat(program.ops()).hasSize(4);
    TensorProgram sunk = new SinkViews().apply(open);
    assertThat(sunk.producer(q)).isInstanceOf(ViewOp.class);
    QuantiseOp quantise = (QuantiseOp) sunk.producer(((ViewOp) sunk.producer(q)).operand());
    assertThat(quantise.operand()).isEqualTo(x);
  }

  @Test
  void aMapOfDifferentViewsStays() {
    Value x = input(2, 2, 2);
    Value a = view(new Movement.Transpose(new int[] {1, 0, 2}), x, 2, 2, 2);
    Value b = view(new Movement.Transpose(new int[] {0, 2, 1}), x, 2, 2, 2);
    TensorProgram program = ended(map(MUL, a, b));
    assertThat(new SinkViews().apply(program)).isSameAs(program);
  }

  @Test
  void aViewThatIsReadElsewhereStays() {
    Value x = input(2, 3);
    Value turned = view(new Movement.Transpose(new int[] {1, 0}), x, 3, 2);
    TensorProgram program = ended(map(MUL, turned, turned), map(ADD, turned, turned));
    assertThat(new SinkViews().apply(program)).isSameAs(program);
  }

  @Test
  void aMapOfASliceStays() {
    Value x = input(4);
    Value part = view(new Movement.Slice(new int[] {1}, new int[] {1}), x, 2);
    TensorProgram program = ended(map(MUL, part, part));
    assertThat(new SinkViews().apply(program)).isSameAs(program);
  }

  @Test
  void rowsFoldBeforeTheyAreRounded() {
    Value x = input(2, 3);
    float[] f = {1.01f, 2.02f, 0.303f};
    float[] b = {0.101f, -7.07f, 100.1f};
    float[] c = {0.3f, 1.7f, 99.9f};
    float[] s = {3.3f, 0.77f, 20.02f};
    int[] row = {1, 3};
    Value y = map(MUL, x, constant(row, f));
    y = map(SUB, map(ADD, y, constant(row, b)), constant(row, c));
    y = map(MUL, y, constant(row, s));
    TensorProgram merged = new MergeMaps(8).apply(ended(y));
    assertThat(all(merged, MapOp.class).get(0).program().operations()).isEqualTo(4);
    TensorProgram folded = new FoldRows().apply(merged);
    MapOp map = all(folded, MapOp.class).get(0);
    assertThat(map.program().operations()).isEqualTo(2);
    ConstantOp factor = (ConstantOp) folded.producer(map.operands().get(1));
    ConstantOp addend = (ConstantOp) folded.producer(map.operands().get(2));
    for (int i = 0; i < 3; i++) {
      assertThat(factor.values()[i]).isEqualTo((float) ((double) f[i] * s[i]));
      assertThat(addend.values()[i]).isEqualTo((float) (((double) b[i] - c[i]) * s[i]));
    }
    float[] in = {0.5f, -1.25f, 0.75f, 2, 0.0625f, -0.5f};
    float[] found = run(folded, in);
    for (int i = 0; i < 6; i++) {
      double exact = ((in[i] * (double) f[i % 3] + b[i % 3]) - c[i % 3]) * s[i % 3];
      double size =
          Math.abs(in[i] * f[i % 3] * s[i % 3]) + Math.abs((b[i % 3] - c[i % 3]) * s[i % 3]);
      assertThat((double) found[i]).isCloseTo(exact, offset(size / 100));
    }
  }

  private static float[] run(TensorProgram program, float... in) {
    Value input = program.ops().get(0).result();
    return new TensorInterpreter(program, TataaConfig.u280())
        .run(Map.of(input.name(), NdTensor.of(in, input.shape())))
        .outputs()
        .get("y0")
        .floats();
  }

  @Test
  void aRoundingTrickStays() {
    Value x = input(2);
    LaneProgram.Builder p = LaneProgram.builder("round", 1);
    LaneProgram round = p.build(p.sub(p.add(p.input(0), p.constant(192)), p.constant(192)));
    Value y = map(MUL, map(round, x), constant(new int[] {1}, 3));
    TensorProgram program = new MergeMaps(8).apply(ended(y));
    assertThat(run(new FoldRows().apply(program), 1.3f, 2.7f)).containsExactly(3, 9);
  }

  @Test
  void constantsAreComputed() {
    Value x = input(3);
    Value sum = map(ADD, constant(new int[] {3}, 1, 2, 3), constant(new int[] {3}, 4, 5, 6));
    TensorProgram program = ended(map(MUL, x, sum));
    TensorProgram folded = new FoldConstants(TataaConfig.u280()).apply(program);
    assertThat(all(folded, MapOp.class)).hasSize(1);
    assertThat(all(folded, ConstantOp.class).get(0).values()).containsExactly(5, 7, 9);
  }

  @Test
  void copiesOfWhatTheHostGaveStay() {
    Value x = input(2, 3);
    LaneProgram.Builder p = LaneProgram.builder("copy", 1);
    TensorProgram program = new RemoveCopies().apply(ended(map(p.build(p.input(0)), x)));
    assertThat(all(program, MapOp.class)).hasSize(1);
  }

  @Test
  void copiesVanishAndViewsJoin() {
    Value given = input(2, 3);
    Value x = map(MUL, given, given);
    LaneProgram.Builder p = LaneProgram.builder("copy", 1);
    Value y = map(p.build(p.input(0)), x);
    y = view(new Movement.Transpose(new int[] {1, 0}), y, 3, 2);
    y = view(new Movement.Transpose(new int[] {1, 0}), y, 2, 3);
    y = view(new Movement.Reshape(), y, 6);
    y = view(new Movement.Reshape(), y, 1, 6);
    y = view(new Movement.Transpose(new int[] {1, 0}), y, 6, 1);
    TensorProgram program = new RemoveCopies().apply(ended(y));
    List<ViewOp> views = all(program, ViewOp.class);
    assertThat(views).hasSize(1);
    assertThat(views.get(0).movement()).isInstanceOf(Movement.Reshape.class);
    assertThat(views.get(0).operand()).isEqualTo(x);
  }

  @Test
  void slicesOfSlicesJoin() {
    Value x = input(10);
    Value y = view(new Movement.Slice(new int[] {9}, new int[] {-2}), x, 5);
    y = view(new Movement.Slice(new int[] {1}, new int[] {2}), y, 2);
    TensorProgram program = new RemoveCopies().apply(ended(y));
    assertThat(all(program, ViewOp.class)).hasSize(1);
    assertThat(run(program, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)).containsExactly(7, 3);
  }

  @Test
  void equalConstantsAndOperationsAreOne() {
    Value x = input(2);
    Value a = map(MUL, x, constant(new int[] {2}, 1, 2));
    Value b = map(MUL, x, constant(new int[] {2}, 1, 2));
    TensorProgram program = new CommonSubexpressions().apply(ended(map(ADD, a, b)));
    assertThat(all(program, MapOp.class)).hasSize(2);
    assertThat(all(program, ConstantOp.class)).hasSize(1);
  }

  @Test
  void constantsWithTheSameHashStayTwo() {
    Value x = input(2);
    Value one = add(new ConstantOp(new short[] {0, 31}, value(Element.BF16, 2)));
    Value other = add(new ConstantOp(new short[] {1, 0}, value(Element.BF16, 2)));
    TensorProgram program = ended(map(ADD, map(MUL, x, one), map(MUL, x, other)));
    assertThat(new CommonSubexpressions().apply(program)).isSameAs(program);
  }

  @Test
  void constantsWithTheSameRoundingStayTwo() {
    Value x = input(2);
    Value one = constant(new int[] {2}, 1, 2);
    Value other = constant(new int[] {2}, 1, Math.nextUp(2f));
    TensorProgram program = ended(map(ADD, map(MUL, x, one), map(MUL, x, other)));
    assertThat(new CommonSubexpressions().apply(program)).isSameAs(program);
  }

  @Test
  void twoViewsThatAreAlikeSink() {
    Movement turn = new Movement.Transpose(new int[] {1, 0});
    Value a = input(2, 3);
    Value b = input(2, 3);
    Value product = map(MUL, view(turn, a, 3, 2), view(turn, b, 3, 2));
    TensorProgram program = new SinkViews().apply(ended(product));
    assertThat(all(program, MapOp.class)).singleElement().isNotNull();
    assertThat(all(program, MapOp.class).get(0).operands()).containsExactly(a, b);
    assertThat(program.producer(product)).isInstanceOf(ViewOp.class);
  }

  @Test
  void sunkValuesHaveNamesOfTheirOwn() {
    Value host = value(Element.HOST, 2, 3);
    ops.add(new InputOp(host, ElementType.FLOAT));
    Value given = add(new UploadOp(host, new Value("v9.unmoved", Element.BF16, 2, 3)));
    Value x = new Value("v9.unmoved2", Element.BF16, 2, 3);
    add(new MapOp(MUL, List.of(given, given), x));
    names = 8;
    Value turned = view(new Movement.Transpose(new int[] {1, 0}), x, 3, 2);
    Value square = map(MUL, turned, turned);
    assertThat(square.name()).isEqualTo("v9");
    TensorProgram program = new SinkViews().apply(ended(square));
    assertThat(all(program, MapOp.class).get(1).result().name()).isEqualTo("v9.unmoved3");
  }

  @Test
  void exactValuesOfConstantsGoThroughViews() {
    Value x = input(3, 2);
    Value c = constant(new int[] {2, 3}, 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f);
    Value turned = view(new Movement.Transpose(new int[] {1, 0}), c, 3, 2);
    TensorProgram folded = new FoldConstants(TataaConfig.u280()).apply(ended(map(MUL, x, turned)));
    ConstantOp moved = (ConstantOp) folded.producer(turned);
    assertThat(moved.exact()).containsExactly(0.1f, 0.4f, 0.2f, 0.5f, 0.3f, 0.6f);
  }

  @Test
  void namesOfMergedMapsAreShortOrThoseOfTheLast() {
    Value x = input(2, 3);
    Value y = map(MUL, map(ADD, x, x), x);
    assertThat(all(new MergeMaps(8).apply(ended(y)), MapOp.class).get(0).program().name())
        .isEqualTo("add, mul");
    ops.clear();
    LaneProgram.Builder p = LaneProgram.builder("a long name ".repeat(6), 1);
    x = input(2, 3);
    y = map(MUL, map(p.build(p.app(p.input(0))), x), x);
    assertThat(all(new MergeMaps(8).apply(ended(y)), MapOp.class).get(0).program().name())
        .isEqualTo("mul");
  }

  @Test
  void differencesAreNotExchanged() {
    Value x = input(3);
    Value y = input(3);
    TensorProgram program = ended(map(MUL, map(SUB, x, y), map(SUB, y, x)));
    TensorProgram merged = new MergeMaps(8).apply(program);
    assertThat(all(merged, MapOp.class)).hasSize(1);
    assertThat(operations(merged)).isEqualTo(3);
    ops.clear();
    x = input(3);
    y = input(3);
    TensorProgram sums = ended(map(MUL, map(ADD, x, y), map(ADD, y, x)));
    assertThat(operations(new MergeMaps(8).apply(sums))).isEqualTo(2);
  }

  // Products of some rows each, times a constant row and plus another, as heads, joined.
  private TensorProgram joined(int... rows) {
    Value weights = add(new ConstantOp(new short[8 * 6], null, value(Element.INT8, 8, 6)));
    Value factor = constant(new int[] {1, 6}, 1, 2, 3, 4, 5, 6);
    List<Value> parts = new ArrayList<>();
    int total = 0;
    for (int count : rows) {
      Value codes = add(new QuantiseOp(Scale.ONE, input(count, 8), value(Element.INT8, count, 8)));
      Value sums =
          add(
              ContractOp.of(
                  codes, weights, ContractOp.Columns.N, Scale.ONE, value(Element.BF16, count, 6)));
      Value split = view(new Movement.Reshape(), map(MUL, sums, factor), count, 2, 3);
      parts.add(view(new Movement.Transpose(new int[] {1, 0, 2}), split, 2, count, 3));
      total += count;
    }
    return ended(add(new ConcatOp(1, parts, value(Element.BF16, 2, total, 3))));
  }

  @Test
  void joinedProductsAreOneBeforeTheirMaps() {
    TensorPass pass = new SinkConcats(TataaConfig.u280());
    TensorProgram used = pass.apply(joined(32, 64, 5));
    assertThat(all(used, MapOp.class)).hasSize(1);
    ConcatOp concat = all(used, ConcatOp.class).get(0);
    assertThat(concat.axis()).isZero();
    assertThat(concat.operands()).allMatch(part -> used.producer(part) instanceof ContractOp);
    assertThat(concat.result().shape()).containsExactly(101, 6);
    assertThat(used.producer(used.ops().get(used.ops().size() - 1).operands().get(0)))
        .isInstanceOf(ViewOp.class);
    ops.clear();
    // A part that ends within a block is moved, so nothing is gained.
    TensorProgram uneven = joined(32, 5, 64);
    assertThat(pass.apply(uneven)).isSameAs(uneven);
  }

  @Test
  void everyPassSaysWhatItDoes() {
    TataaConfig config = TataaConfig.u280();
    List<TensorPass> passes =
        List.of(
            new FoldConstants(config),
            new SinkConcats(config),
            new SinkViews(),
            new RemoveCopies(),
            new MergeMaps(8),
            new FoldRows(),
            new DropLimits(config),
            new CommonSubexpressions());
    assertThat(passes)
        .extracting(TensorPass::name)
        .containsExactly(
            "fold-constants",
            "sink-concats",
            "sink-views",
            "remove-copies",
            "merge-maps",
            "fold-rows",
            "drop-limits",
            "common-subexpressions");
    assertThat(passes)
        .extracting(TensorPass::description)
        .doesNotHaveDuplicates()
        .allMatch(text -> text.length() > 20);
  }
}
