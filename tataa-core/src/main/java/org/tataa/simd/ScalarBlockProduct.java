package org.tataa.simd;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.tataa.numeric.PackedMac;

/**
 * Two products per multiplication: the weights of two outputs, {@code high * 2^26 + low}, in one
 * double, the double unit of common processors being wider than the integer multiplier. Sums of up
 * to 2047 products stay below 2^25, so that the low one keeps out of the high one but for a borrow,
 * and both together are exact; they are taken apart after {@value #LIMIT} words.
 *
 * <p>Operands are brought into the order of the {@link ProductTile} {@value #CHUNK} words at a
 * time; they stay in the first-level cache.
 */
final class ScalarBlockProduct implements BlockProduct {
  private static final int ROWS = ProductTile.ROWS;
  private static final int PAIRS = ProductTile.PAIRS;
  private static final int TILE = ROWS * PAIRS;
  private static final int HIGH = 26;
  private static final int CHUNK = 128;
  private static final int LIMIT = 15 * CHUNK;

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  // The high weights' share of a double, by the high byte and, last, the sign of the low one.
  private static final double[] HIGHS = highs(false);
  private static final double[] EFFECTIVE_HIGHS = highs(true);

  private final BlockShape shape;
  private final ProductTile tile;
  private final double[] highs;
  // Byte 4 * panel + r of X word k at 4 * k + r. In a word, row 0 is last.
  private final byte[][] activations;
  // Outputs 8 * panel + 2 * p and the next one of word k at 4 * k + p.
  private final double[][] weights;
  // A tile for each panel of weights and, in it, each panel of activations.
  private final double[] sums;

  ScalarBlockProduct(BlockShape shape, ProductTile tile) {
    this.shape = shape;
    this.tile = tile;
    highs = shape.hasPackedPairs() ? EFFECTIVE_HIGHS : HIGHS;
    activations = new byte[(shape.rows() + ROWS - 1) / ROWS][ROWS * CHUNK];
    weights = new double[(shape.outputs() + 2 * PAIRS - 1) / (2 * PAIRS)][PAIRS * CHUNK];
    sums = new double[weights.length * activations.length * TILE];
  }

  private static double[] highs(boolean packed) {
    double[] highs = new double[512];
    for (int i = 0; i < highs.length; i++) {
      int high = (byte) (i >> 1);
      int low = -(i & 1);
      highs[i] = (double) ((long) (packed ? PackedMac.effectiveHi(high, low) : high) << HIGH);
    }
    return highs;
  }

  @Override
  public void addTo(byte[] x, byte[] y, int yStride, int depth, int[] sumLo, int[] sumHi) {
    shape.checkDepth(depth);
    for (int from = 0; from < depth; from += LIMIT) {
      Arrays.fill(sums, 0);
      int end = Math.min(depth, from + LIMIT);
      for (int word = from; word < end; word += CHUNK) {
        addProducts(x, y, yStride, word, Math.min(CHUNK, end - word));
      }
      addSums(sumLo, sumHi);
    }
  }

  private void addProducts(byte[] x, byte[] y, int yStride, int from, int words) {
    for (int panel = 0; panel < activations.length; panel++) {
      arrange(x, shape.rows() * from, panel, words);
    }
    for (int pair = 0; 2 * pair < shape.outputs(); pair++) {
      pack(y, yStride * from, yStride, pair, words);
    }
    int at = 0;
    for (double[] y4 : weights) {
      for (byte[] x4 : activations) {
        tile.addProducts(x4, y4, words, sums, at);
        at += TILE;
      }
    }
  }

  // What is beyond the rows gives sums that are not used.
  private void arrange(byte[] x, int from, int panel, int words) {
    byte[] to = activations[panel];
    int rows = shape.rows();
    int at = from + ROWS * panel;
    int used = Math.min(ROWS, rows - ROWS * panel);
    if (used == ROWS) {
      for (int i = 0; i < ROWS * words; i += ROWS) {
        INTS.set(to, i, (int) INTS.get(x, at));
        at += rows;
      }
    } else {
      for (int i = 0; i < ROWS * words; i += ROWS) {
        System.arraycopy(x, at, to, i, used);
        at += rows;
      }
    }
  }

  private void pack(byte[] y, int from, int yStride, int pair, int words) {
    double[] to = weights[pair / PAIRS];
    int end = PAIRS * words;
    int at = from + 2 * pair;
    if (2 * pair + 1 == shape.outputs()) {
      for (int i = pair % PAIRS; i < end; i += PAIRS) {
        to[i] = y[at];
        at += yStride;
      }
    } else {
      double[] values = ProductTile.VALUES;
      for (int i = pair % PAIRS; i < end; i += PAIRS) {
        int both = (short) SHORTS.get(y, at);
        to[i] = highs[both >> 7 & 0x1ff] + values[both & 0xff];
        at += yStride;
      }
    }
  }

  private void addSums(int[] sumLo, int[] sumHi) {
    int at = 0;
    for (int output = 0; output < shape.outputs(); output += 2 * PAIRS) {
      for (int row = shape.rows() - 1; row >= 0; row -= ROWS) {
        addTile(at, row, output, sumLo, sumHi);
        at += TILE;
      }
    }
  }

  // Unused rows and pairs of the last panels are left out.
  private void addTile(int from, int lastRow, int output, int[] sumLo, int[] sumHi) {
    int rows = Math.min(ROWS, lastRow + 1);
    int pairs = Math.min(PAIRS, (shape.outputs() - output + 1) / 2);
    for (int r = 0; r < rows; r++) {
      for (int pair = 0; pair < pairs; pair++) {
        long both = (long) sums[from + PAIRS * r + pair];
        addPair(both, lastRow - r, output + 2 * pair, sumLo, sumHi);
      }
    }
  }

  private void addPair(long both, int row, int output, int[] sumLo, int[] sumHi) {
    int low = (int) (both << 64 - HIGH >> 64 - HIGH);
    int high = (int) (both - low >> HIGH);
    int at = row * shape.columns();
    if (shape.outputsPerColumn() == 2) {
      sumLo[at + output / 2] += low;
      sumHi[at + output / 2] += high;
    } else {
      sumLo[at + output] += low;
      if (output + 1 < shape.outputs()) {
        sumLo[at + output + 1] += high;
      }
    }
  }

  @Override
  public int largest(int[] sums, int count) {
    int largest = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, Math.abs(sums[i]));
    }
    return largest;
  }
}
