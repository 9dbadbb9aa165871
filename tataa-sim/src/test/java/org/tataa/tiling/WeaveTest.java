package org.tataa.tiling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tataa.config.TataaConfig;
import org.tataa.function.LaneProgram;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;
import org.tataa.tensor.ConstantOp;
import org.tataa.tensor.ContractOp;
import org.tataa.tensor.DownloadOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.InputOp;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.QuantiseOp;
import org.tataa.tensor.ReduceOp;
import org.tataa.tensor.ReductionOrder;
import org.tataa.tensor.Scale;
import org.tataa.tensor.SmallTensorPrograms;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.UploadOp;
import org.tataa.tensor.Value;
import org.tataa.tile.StoredValue;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;

/** Blocks whose rows are woven are turned into codes in one pass, with the same bits. */
class WeaveTest {
  private static final int TOKENS = 40;
  private static final Geometry U280 = Geometry.of(TataaConfig.u280());

  private final List<TensorOp> ops = new ArrayList<>();
  private final Random random = new Random(5);
  private int names;

  static List<TataaConfig> machines() {
    return Machines.all();
  }

  @Test
  void bytesAreAPermutationThatUndoesItself() {
    int[] bytes = Weave.bytes(U280);
    assertThat(bytes).doesNotHaveDuplicates().hasSize(32);
    for (int row = 0; row < bytes.length; row++) {
      assertThat(bytes[bytes[row]]).isEqualTo(row);
    }
  }

  @Test
  void twoLoadsHoldTheChunksOfAnExchangedVector() {
    TileTable woven = TileTable.of(U280, TileOrder.WOVEN);
    TileTable exchanged = TileTable.of(U280, TileOrder.EXCHANGED);
    for (int vector = 0; vector < U280.tileVectors(); vector++) {
      for (int dmpu = 0; dmpu < U280.dmpus(); dmpu++) {
        long chunk = Weave.offset(U280, vector, dmpu % 2) / U280.chunkBytes() + dmpu;
        int from = (int) chunk * U280.columns();
        int to = (vector * U280.dmpus() + dmpu) * U280.columns();
        assertThat(woven.row(from)).isEqualTo(exchanged.row(to));
        assertThat(woven.lane(from)).isEqualTo(exchanged.lane(to));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void codesOfProductsHaveTheBitsOfTheTensorProgram(TataaConfig config) {
    Value host = value(Element.HOST, TOKENS, 64);
    ops.add(new InputOp(host, ElementType.FLOAT));
    Value x = add(new UploadOp(host, value(Element.BF16, TOKENS, 64)));
    // The operand of the first product passes through the array once more, and is woven there.
    Value sum =
        add(
            new ReduceOp(
                ReduceOp.Kind.SUM,
                1,
                ReductionOrder.natural(64),
                x,
                value(Element.BF16, TOKENS, 1)));
    Value a = codes(add(new MapOp(binary(true), List.of(x, sum), value(Element.BF16, TOKENS, 64))));
    Value b = codes(scaled(product(a, weights(64, 96)), 96));
    Value first = product(b, weights(96, 48));
    // The weights of the second product lie along the rows, and are woven.
    Value c = codes(scaled(product(codes(x), weights(64, 70)), 70));
    Value second = product(weights(8, TOKENS), c);
    Map<String, Value> outputs = Map.of("first", download(first), "second", download(second));
    TensorProgram program = new TensorProgram("woven", ops, outputs);
    float[] values = new float[TOKENS * 64];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * 20;
    }
    NdTensor input = NdTensor.of(values, TOKENS, 64);
    Tiling.Result result =
        TilingTest.compare(
            config, 0, new SmallTensorPrograms.Sample(program, Map.of(host.name(), input)));
    long woven =
        result.tiles().values().stream()
            .map(StoredValue::layout)
            .filter(layout -> layout instanceof MatrixLayout m && m.order == TileOrder.WOVEN)
            .count();
    assertThat(woven).isEqualTo(Weave.fits(Geometry.of(config)) ? 2 : 0);
    if (woven > 0) {
      assertThat(result.tiles().steps())
          .filteredOn(VectorNest.class::isInstance)
          .filteredOn(step -> step.work().value().equals(b.name()))
          .hasSize(1)
          .allSatisfy(step -> assertThat(isInt8((VectorNest) step)).isTrue());
    }
  }

  private static boolean isInt8(VectorNest nest) {
    return nest.body().stream()
        .allMatch(step -> !(step instanceof VectorStep.Store store) || store.transpose());
  }

  private Value value(Element element, int... shape) {
    return new Value("v" + names++, element, shape);
  }

  private Value add(TensorOp op) {
    ops.add(op);
    return op.result();
  }

  private static LaneProgram binary(boolean isSum) {
    LaneProgram.Builder p = LaneProgram.builder(isSum ? "sum" : "product", 2);
    return p.build(isSum ? p.add(p.input(0), p.input(1)) : p.mul(p.input(0), p.input(1)));
  }

  private Value codes(Value operand) {
    return add(new QuantiseOp(Scale.ONE, operand, value(Element.INT8, operand.shape())));
  }

  private Value weights(int rows, int columns) {
    short[] codes = new short[rows * columns];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (short) (random.nextInt(9) - 4);
    }
    return add(new ConstantOp(codes, null, value(Element.INT8, rows, columns)));
  }

  private Value product(Value a, Value b) {
    Value result = value(Element.BF16, a.dim(0), b.dim(1));
    return add(ContractOp.of(a, b, ContractOp.Columns.N, Scale.ONE, result));
  }

  private Value scaled(Value operand, int channels) {
    LaneProgram.Builder p = LaneProgram.builder("scale", 3);
    LaneProgram program = p.build(p.add(p.mul(p.input(0), p.input(1)), p.input(2)));
    List<Value> operands = List.of(operand, row(channels, 0.02), row(channels, -3));
    return add(new MapOp(program, operands, value(Element.BF16, operand.shape())));
  }

  private Value row(int channels, double least) {
    float[] values = new float[channels];
    for (int i = 0; i < channels; i++) {
      values[i] = (float) (least + 0.05 * random.nextDouble());
    }
    return add(ConstantOp.of(values, value(Element.BF16, 1, channels)));
  }

  private Value download(Value operand) {
    Value host = value(Element.HOST, operand.shape());
    ops.add(new DownloadOp(operand, host));
    return host;
  }
}
