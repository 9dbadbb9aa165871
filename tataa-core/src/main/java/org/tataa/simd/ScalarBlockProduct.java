package org.tataa.simd;

import org.tataa.numeric.PackedMac;

/**
 * Two products per multiplication: the weights of two outputs, {@code high * 2^26 + low}, in one
 * double. Sums of up to 2047 products stay below 2^25, so that the low one keeps out of the high
 * one but for a borrow, and both together are exact; {@value #CHUNK} words at a time stay in the
 * first-level cache. Eight sums at a time, four rows of two doubles, stay in registers; the double
 * unit of common processors is wider than the integer multiplier.
 */
final class ScalarBlockProduct implements BlockProduct {
  private static final int ROWS = 4;
  private static final int PAIRS = 2;
  private static final int HIGH = 26;
  private static final int CHUNK = 128;

  private final BlockShape shape;
  // Row r of word k in panel r / 4 at 4 * k + r % 4.
  private final double[][] activations;
  // Pair p of word k in panel p / 2 at 2 * k + p % 2.
  private final double[][] weights;
  private final double[] tile = new double[ROWS * PAIRS];

  ScalarBlockProduct(BlockShape shape) {
    this.shape = shape;
    int rowPanels = (shape.rows() + ROWS - 1) / ROWS;
    int pairPanels = (shape.outputs() + 2 * PAIRS - 1) / (2 * PAIRS);
    activations = new double[rowPanels][ROWS * CHUNK];
    weights = new double[pairPanels][PAIRS * CHUNK];
  }

  @Override
  public void addTo(byte[] x, byte[] y, int yStride, int depth, int[] sumLo, int[] sumHi) {
    shape.checkDepth(depth);
    for (int from = 0; from < depth; from += CHUNK) {
      int words = Math.min(CHUNK, depth - from);
      for (int row = 0; row < shape.rows(); row++) {
        spread(x, shape.rows() * from, row, words);
      }
      for (int output = 0; output < shape.outputs(); output += 2) {
        pack(y, yStride * from, yStride, output, words);
      }
      for (int pairPanel = 0; pairPanel < weights.length; pairPanel++) {
        for (int rowPanel = 0; rowPanel < activations.length; rowPanel++) {
          multiply(activations[rowPanel], weights[pairPanel], words, tile);
          addTile(ROWS * rowPanel, 2 * PAIRS * pairPanel, sumLo, sumHi);
        }
      }
    }
  }

  private void spread(byte[] x, int from, int row, int words) {
    double[] panel = activations[row / ROWS];
    int lane = row % ROWS;
    int rows = shape.rows();
    int at = from + rows - 1 - row;
    for (int word = 0; word < words; word++) {
      panel[ROWS * word + lane] = x[at];
      at += rows;
    }
  }

  private void pack(byte[] y, int from, int yStride, int output, int words) {
    double[] panel = weights[output / 2 / PAIRS];
    int lane = output / 2 % PAIRS;
    // One output per column: two columns make a pair; the last one may be alone.
    boolean alone = output + 1 == shape.outputs();
    boolean packed = shape.hasPackedPairs();
    int at = from + output;
    for (int word = 0; word < words; word++) {
      int low = y[at];
      int high = alone ? 0 : y[at + 1];
      int effective = packed ? PackedMac.effectiveHi(high, low) : high;
      panel[PAIRS * word + lane] = ((long) effective << HIGH) + low;
      at += yStride;
    }
  }

  private static void multiply(double[] x, double[] y, int words, double[] tile) {
    double sum00 = 0;
    double sum01 = 0;
    double sum10 = 0;
    double sum11 = 0;
    double sum20 = 0;
    double sum21 = 0;
    double sum30 = 0;
    double sum31 = 0;
    for (int word = 0; word < words; word++) {
      double x0 = x[ROWS * word];
      double x1 = x[ROWS * word + 1];
      double x2 = x[ROWS * word + 2];
      double x3 = x[ROWS * word + 3];
      double y0 = y[PAIRS * word];
      double y1 = y[PAIRS * word + 1];
      sum00 += x0 * y0;
      sum01 += x0 * y1;
      sum10 += x1 * y0;
      sum11 += x1 * y1;
      sum20 += x2 * y0;
      sum21 += x2 * y1;
      sum30 += x3 * y0;
      sum31 += x3 * y1;
    }
    tile[0] = sum00;
    tile[1] = sum01;
    tile[2] = sum10;
    tile[3] = sum11;
    tile[4] = sum20;
    tile[5] = sum21;
    tile[6] = sum30;
    tile[7] = sum31;
  }

  // Unused rows and pairs of the last panels are left out.
  private void addTile(int row, int output, int[] sumLo, int[] sumHi) {
    int rows = Math.min(ROWS, shape.rows() - row);
    for (int r = 0; r < rows; r++) {
      for (int pair = 0; pair < PAIRS; pair++) {
        int low = output + 2 * pair;
        if (low < shape.outputs()) {
          addPair((long) tile[PAIRS * r + pair], row + r, low, sumLo, sumHi);
        }
      }
    }
  }

  private void addPair(long sums, int row, int output, int[] sumLo, int[] sumHi) {
    int low = (int) (sums << 64 - HIGH >> 64 - HIGH);
    int high = (int) (sums - low >> HIGH);
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
