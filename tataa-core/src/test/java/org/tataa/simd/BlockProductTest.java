package org.tataa.simd;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.numeric.PackedMac;

/** Block products against three loops. */
class BlockProductTest {
  private static final int[][] SHAPES = {
    {4, 4}, {8, 4}, {12, 8}, {32, 16}, {32, 32}, {4, 12}, {20, 20}, {16, 64}, {1, 1}, {7, 5}
  };
  private static final int[] DEPTHS = {
    0, 1, 2, 3, 63, 127, 128, 129, 384, 1023, 1024, 1025, 1920, 1921, 2000, 3841
  };

  private enum Fill {
    RANDOM,
    LOWEST,
    EXTREMES,
    HIGH_LOWEST
  }

  private final Random random = new Random(21);

  private void fill(byte[] bytes, Fill fill, boolean weights) {
    for (int i = 0; i < bytes.length; i++) {
      int value =
          switch (fill) {
            case RANDOM -> random.nextInt(256) - 128;
            case LOWEST -> -128;
            case EXTREMES -> new int[] {-128, -127, -1, 0, 1, 127}[random.nextInt(6)];
            // Odd bytes are high weights (or odd columns), low ones of either sign beside them.
            case HIGH_LOWEST -> !weights ? -128 : i % 2 == 1 ? -128 : random.nextInt(256) - 128;
          };
      bytes[i] = (byte) value;
    }
  }

  private static void product(
      BlockShape shape, byte[] x, byte[] y, int stride, int depth, int[] sumLo, int[] sumHi) {
    for (int row = 0; row < shape.rows(); row++) {
      for (int column = 0; column < shape.columns(); column++) {
        for (int k = 0; k < depth; k++) {
          int activation = x[k * shape.rows() + shape.rows() - 1 - row];
          int at = k * stride + shape.outputsPerColumn() * column;
          int lo = y[at];
          sumLo[row * shape.columns() + column] += activation * lo;
          if (shape.outputsPerColumn() == 2) {
            int hi = shape.packed() ? PackedMac.effectiveHi(y[at + 1], lo) : y[at + 1];
            sumHi[row * shape.columns() + column] += activation * hi;
          }
        }
      }
    }
  }

  private static Function<BlockShape, BlockProduct> product(String name) {
    return switch (name) {
      case "wide tile" -> shape -> new ScalarBlockProduct(shape, new WideTile());
      case "narrow tile" -> shape -> new ScalarBlockProduct(shape, new NarrowTile());
      default -> Implementations.named(name)::blockProduct;
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"wide tile", "narrow tile", "vector"})
  void sumsAreExact(String name) {
    Function<BlockShape, BlockProduct> kernels = product(name);
    for (int[] rowsAndColumns : SHAPES) {
      for (int outputs = 1; outputs <= 2; outputs++) {
        for (boolean packed : new boolean[] {false, true}) {
          BlockShape shape =
              new BlockShape(rowsAndColumns[0], rowsAndColumns[1], outputs, packed, 4000);
          BlockProduct kernel = kernels.apply(shape);
          for (int depth : DEPTHS) {
            for (Fill fill : Fill.values()) {
              check(kernel, shape, depth, fill);
            }
          }
        }
      }
    }
  }

  private void check(BlockProduct kernel, BlockShape shape, int depth, Fill fill) {
    int stride = shape.outputs() + random.nextInt(3);
    byte[] x = new byte[depth * shape.rows()];
    byte[] y = new byte[depth * stride];
    fill(x, fill, false);
    fill(y, fill, true);
    int pes = shape.rows() * shape.columns();
    // Sums start anywhere, the largest integer included: they wrap.
    int[] sumLo = random.ints(pes).toArray();
    int[] sumHi = random.ints(pes).toArray();
    sumLo[0] = Integer.MAX_VALUE;
    int[] expectedLo = sumLo.clone();
    int[] expectedHi = sumHi.clone();
    product(shape, x, y, stride, depth, expectedLo, expectedHi);
    kernel.addTo(x, y, stride, depth, sumLo, sumHi);
    if (!Arrays.equals(expectedLo, sumLo) || !Arrays.equals(expectedHi, sumHi)) {
      int lo = Arrays.mismatch(expectedLo, sumLo);
      int hi = Arrays.mismatch(expectedHi, sumHi);
      fail(
          String.format(
              "seed 21, %s depth=%d stride=%d %s: first wrong lo at %d (expected %d, was %d), "
                  + "first wrong hi at %d (expected %d, was %d)",
              shape,
              depth,
              stride,
              fill,
              lo,
              lo < 0 ? 0 : expectedLo[lo],
              lo < 0 ? 0 : sumLo[lo],
              hi,
              hi < 0 ? 0 : expectedHi[hi],
              hi < 0 ? 0 : sumHi[hi]));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector"})
  void shapesOutOfRangeAreRefused(String name) {
    HostKernels kernels = Implementations.named(name);
    assertThatThrownBy(() -> kernels.blockProduct(new BlockShape(4, 4, 3, true, 8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("outputsPerColumn=3 is out of range 1..2");
    assertThatThrownBy(() -> kernels.blockProduct(new BlockShape(0, 4, 2, true, 8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rows=0 is below 1");
    BlockProduct kernel = kernels.blockProduct(new BlockShape(4, 4, 2, true, 8));
    assertThatThrownBy(
            () -> kernel.addTo(new byte[36], new byte[72], 8, 9, new int[16], new int[16]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("depth=9 is above tileDepth=8");
  }
}
