package org.tataa.array;

/**
 * Sums of the products of kept words, for whoever looks at a PE. What was added up for an earlier
 * look is remembered, so that looking in every cycle costs a product per look.
 */
final class KeptSums {
  private final OperandWords words;
  private final int columns;
  private final int[] lo;
  private final int[] hi;
  private final int[] counted;
  private final long[] generation;

  KeptSums(OperandWords words, int rows, int columns) {
    this.words = words;
    this.columns = columns;
    lo = new int[rows * columns];
    hi = new int[rows * columns];
    counted = new int[rows * columns];
    generation = new long[rows * columns];
  }

  /** The low sum of a PE over the words before {@code to}. */
  int lo(int row, int column, int to) {
    count(row, column, to);
    return lo[row * columns + column];
  }

  /** The high sum of a PE over the words before {@code to}. */
  int hi(int row, int column, int to) {
    count(row, column, to);
    return hi[row * columns + column];
  }

  /** The low sum of a PE over the words {@code from..to-1}. */
  int lo(int row, int column, int from, int to) {
    int sum = 0;
    for (int word = from; word < to; word++) {
      sum += words.productLo(word, row, column);
    }
    return sum;
  }

  /** The high sum of a PE over the words {@code from..to-1}. */
  int hi(int row, int column, int from, int to) {
    int sum = 0;
    for (int word = from; word < to; word++) {
      sum += words.productHi(word, row, column);
    }
    return sum;
  }

  private void count(int row, int column, int to) {
    int i = row * columns + column;
    if (generation[i] != words.generation() || counted[i] > to) {
      generation[i] = words.generation();
      counted[i] = 0;
      lo[i] = 0;
      hi[i] = 0;
    }
    for (; counted[i] < to; counted[i]++) {
      lo[i] += words.productLo(counted[i], row, column);
      hi[i] += words.productHi(counted[i], row, column);
    }
  }
}
