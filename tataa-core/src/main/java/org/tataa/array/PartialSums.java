package org.tataa.array;

import java.util.Arrays;
import org.tataa.simd.BlockProduct;

/**
 * The low or the high sums of all PEs, row-major {@code [rows][columns]}, and their shadow
 * registers.
 *
 * <p>A sum has three parts: a wide one; an int, to which the products of the words that are no
 * longer kept have been added; and the products of the kept words that have passed the PE, which
 * are added up when somebody looks. What is left of a wavefront on its way is a view too.
 */
final class PartialSums {
  private final boolean isHigh;
  private final int columns;
  private final OperandWords words;
  private final Wavefront capture;
  private final Wavefront clear;
  private final int[] sums;
  private final long[] wide;
  private final long[] shadows;

  /** Whether the wide parts may hold anything. */
  private boolean isSpilled;

  // What was added up for an earlier look, up to a word, and the generation of the words.
  private final int[] seen;
  private final int[] seenTo;
  private final long[] seenIn;

  /** Sums at zero. */
  PartialSums(
      boolean isHigh,
      int rows,
      int columns,
      OperandWords words,
      Wavefront capture,
      Wavefront clear) {
    this.isHigh = isHigh;
    this.columns = columns;
    this.words = words;
    this.capture = capture;
    this.clear = clear;
    int size = rows * columns;
    sums = new int[size];
    wide = new long[size];
    shadows = new long[size];
    seen = new int[size];
    seenTo = new int[size];
    seenIn = new long[size];
  }

  /** The ints to which products are added. */
  int[] ints() {
    return sums;
  }

  /** Whether the ints are the sums, if no word is kept and no wavefront on its way. */
  boolean areInts() {
    return !isSpilled;
  }

  /** Everything to zero that does not come from kept words. */
  void clear() {
    Arrays.fill(sums, 0);
    if (isSpilled) {
      Arrays.fill(wide, 0);
      isSpilled = false;
    }
  }

  // The sum of a PE to zero, up to a kept word.
  private void clear(int row, int column, int before) {
    int i = row * columns + column;
    sums[i] = -kept(row, column, before);
    wide[i] = 0;
  }

  /** The sums of a row to zero. */
  void clearRow(int row) {
    for (int column = 0; column < columns; column++) {
      clear(row, column, words.passed(row, column));
    }
  }

  /** The sums of an anti-diagonal to zero. */
  void clearDiagonal(int diagonal) {
    int last = lastRow(diagonal);
    for (int row = Math.max(0, diagonal - columns + 1); row <= last; row++) {
      clear(row, diagonal - row, words.passed(diagonal));
    }
  }

  private int lastRow(int diagonal) {
    return Math.min(sums.length / columns - 1, diagonal);
  }

  /** Makes a sum larger. */
  void add(int row, int column, int value) {
    sums[row * columns + column] += value;
  }

  /** Moves the ints into the wide parts. */
  void spill() {
    isSpilled = true;
    for (int i = 0; i < sums.length; i++) {
      wide[i] += sums[i];
      sums[i] = 0;
    }
  }

  /** All shadow registers to zero. */
  void clearShadows() {
    Arrays.fill(shadows, 0);
  }

  /** Hands the sums of an anti-diagonal to their shadow registers. */
  void captureDiagonal(int diagonal) {
    int last = lastRow(diagonal);
    for (int row = Math.max(0, diagonal - columns + 1); row <= last; row++) {
      shadows[row * columns + diagonal - row] = sum(row, diagonal - row);
    }
  }

  /** Hands all sums on, without their products of kept words. */
  void captureAll() {
    for (int i = 0; i < sums.length; i++) {
      shadows[i] = wide[i] + sums[i];
    }
  }

  /** Does what wavefronts have left to do on the diagonals they have passed. */
  void endWavefronts() {
    for (int i = 0; i < sums.length; i++) {
      int row = i / columns;
      int column = i % columns;
      shadows[i] = shadow(row, column);
      if (clear.covers(row + column)) {
        clear(row, column, clear.cut());
      }
    }
  }

  /** Largest magnitude of all sums. */
  long largest() {
    long largest = 0;
    for (int i = 0; i < sums.length; i++) {
      largest = Math.max(largest, Math.abs(sum(i / columns, i % columns)));
    }
    return largest;
  }

  /** Largest magnitude of all ints. */
  long largestInt(BlockProduct kernel) {
    return kernel.largest(sums, sums.length);
  }

  /** What P of a PE holds. */
  long sum(int row, int column) {
    int i = row * columns + column;
    int passed = words.passed(row, column);
    return clear.covers(row + column)
        ? kept(row, column, clear.cut(), passed)
        : wide[i] + sums[i] + kept(row, column, passed);
  }

  /** What the shadow register of a PE holds. */
  long shadow(int row, int column) {
    int i = row * columns + column;
    if (!capture.covers(row + column)) {
      return shadows[i];
    }
    return clear.covers(row + column) && clear.isBefore(capture.cut())
        ? kept(row, column, clear.cut(), capture.cut())
        : wide[i] + sums[i] + kept(row, column, capture.cut());
  }

  // Products of the kept words before one. Looking in every cycle costs a product per look.
  private int kept(int row, int column, int to) {
    int i = row * columns + column;
    if (seenIn[i] != words.generation() || seenTo[i] > to) {
      seenIn[i] = words.generation();
      seenTo[i] = 0;
      seen[i] = 0;
    }
    if (seenTo[i] < to) {
      seen[i] += kept(row, column, seenTo[i], to);
      seenTo[i] = to;
    }
    return seen[i];
  }

  private int kept(int row, int column, int from, int to) {
    int sum = 0;
    for (int word = from; word < to; word++) {
      sum += isHigh ? words.productHi(word, row, column) : words.productLo(word, row, column);
    }
    return sum;
  }

  /** Takes all sums and shadow registers from PEs; no wavefront is on its way. */
  void take(RegisterArray registers) {
    isSpilled = true;
    for (int i = 0; i < sums.length; i++) {
      int row = i / columns;
      int column = i % columns;
      ProcessingElement pe = registers.pe(row, column);
      clear(row, column, words.passed(row, column));
      wide[i] = isHigh ? pe.pHi : pe.pLo;
      shadows[i] = isHigh ? pe.shadowHi : pe.shadowLo;
    }
  }
}
