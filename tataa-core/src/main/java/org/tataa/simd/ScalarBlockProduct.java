package org.tataa.simd;

/**
 * Three products per multiplication: the weights of three outputs in one long, in fields of {@value
 * #FIELD} bits. A sum of {@value #CHUNK} products still fits its field; then the fields are read
 * out, low ones first, each returning the borrow of a negative one.
 */
final class ScalarBlockProduct implements BlockProduct {
  private static final int FIELD = 21;
  private static final int CHUNK = 63;
  private static final int FIELDS = 3;

  /** Longs a tile of the product is wide; a multiplication tile is two rows high. */
  private static final int WIDTH = 2;

  private final BlockShape shape;
  private final int groups;
  // Word k of row r at r * tileDepth + k.
  private final long[] activations;
  // Long w of word k of group g at (g * tileDepth + k) * WIDTH + w.
  private final long[] weights;

  ScalarBlockProduct(BlockShape shape) {
    this.shape = shape;
    int perGroup = FIELDS * WIDTH;
    groups = (shape.outputs() + perGroup - 1) / perGroup;
    activations = new long[(shape.rows() + 1) / 2 * 2 * shape.tileDepth()];
    weights = new long[groups * WIDTH * shape.tileDepth()];
  }

  @Override
  public void addTo(byte[] x, byte[] y, int yStride, int depth, int[] sumLo, int[] sumHi) {
    shape.checkDepth(depth);
    pack(y, yStride, depth);
    spread(x, depth);
    for (int from = 0; from < depth; from += CHUNK) {
      int to = Math.min(depth, from + CHUNK);
      for (int group = 0; group < groups; group++) {
        for (int row = 0; row < shape.rows(); row += 2) {
          addTile(row, group, from, to, sumLo, sumHi);
        }
      }
    }
  }

  private void spread(byte[] x, int depth) {
    int rows = shape.rows();
    for (int row = 0; row < rows; row++) {
      int from = rows - 1 - row;
      int to = row * shape.tileDepth();
      for (int word = 0; word < depth; word++) {
        activations[to + word] = x[from];
        from += rows;
      }
    }
  }

  private void pack(byte[] y, int yStride, int depth) {
    int outputs = shape.outputs();
    for (int group = 0; group < groups; group++) {
      for (int word = 0; word < depth; word++) {
        for (int w = 0; w < WIDTH; w++) {
          int output = (group * WIDTH + w) * FIELDS;
          long packed = 0;
          for (int field = Math.min(FIELDS, outputs - output) - 1; field >= 0; field--) {
            packed = (packed << FIELD) + shape.weight(y, word * yStride, output + field);
          }
          weights[(group * shape.tileDepth() + word) * WIDTH + w] = packed;
        }
      }
    }
  }

  private void addTile(int row, int group, int from, int to, int[] sumLo, int[] sumHi) {
    long[] x = activations;
    long[] w = weights;
    int first = row * shape.tileDepth();
    int second = first + shape.tileDepth();
    int group0 = group * shape.tileDepth();
    long sum00 = 0;
    long sum01 = 0;
    long sum10 = 0;
    long sum11 = 0;
    for (int word = from; word < to; word++) {
      long x0 = x[first + word];
      long x1 = x[second + word];
      long w0 = w[(group0 + word) * WIDTH];
      long w1 = w[(group0 + word) * WIDTH + 1];
      sum00 += x0 * w0;
      sum01 += x0 * w1;
      sum10 += x1 * w0;
      sum11 += x1 * w1;
    }
    int output = group * WIDTH * FIELDS;
    addFields(sum00, row, output, sumLo, sumHi);
    addFields(sum01, row, output + FIELDS, sumLo, sumHi);
    if (row + 1 < shape.rows()) {
      addFields(sum10, row + 1, output, sumLo, sumHi);
      addFields(sum11, row + 1, output + FIELDS, sumLo, sumHi);
    }
  }

  private void addFields(long fields, int row, int output, int[] sumLo, int[] sumHi) {
    long rest = fields;
    int end = Math.min(output + FIELDS, shape.outputs());
    for (int o = output; o < end; o++) {
      int sum = (int) (rest << 64 - FIELD >> 64 - FIELD);
      rest = rest - sum >> FIELD;
      if (shape.outputsPerColumn() == 1) {
        sumLo[row * shape.columns() + o] += sum;
      } else {
        int[] sums = (o & 1) == 0 ? sumLo : sumHi;
        sums[row * shape.columns() + (o >> 1)] += sum;
      }
    }
  }
}
