package org.tataa.array;

import java.util.Arrays;
import org.tataa.numeric.PackedMac;
import org.tataa.simd.BlockShape;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;

/**
 * The delay lines of an output-stationary array: skew registers and the operand registers L and R
 * of all PEs. Every clock a word of X (a byte per row) and of Y (one or two bytes per column), or
 * none, enters; what entered {@code age} clocks ago has passed row r and column c of the skew and
 * of the PEs if {@code age = r + c}. So no operand is moved: a register is the word of its age.
 *
 * <p>Words are kept from the oldest whose product is not in the sums yet; what lies before it acts
 * as zero.
 */
final class OperandWords {
  private final int rows;
  private final int columns;
  private final int outputsPerColumn;
  private final int wordBytesY;
  private final boolean packed;
  private final int capacity;
  private final byte[] x;
  private final byte[] y;
  private int count;
  private int silence;
  private long generation;

  /** No words. */
  OperandWords(BlockShape shape, int capacity) {
    rows = shape.rows();
    columns = shape.columns();
    outputsPerColumn = shape.outputsPerColumn();
    wordBytesY = shape.outputs();
    packed = shape.hasPackedPairs();
    this.capacity = capacity;
    x = new byte[capacity * rows];
    y = new byte[capacity * wordBytesY];
    clear();
  }

  /** Forgets all words. */
  void clear() {
    generation++;
    count = 0;
    silence = capacity;
  }

  /** Whether a word more would have no room. */
  boolean isFull() {
    return count == capacity;
  }

  /** Words kept. */
  int count() {
    return count;
  }

  /** Clocks since a word entered; those without one after the last with one. */
  int silence() {
    return silence;
  }

  /** Changes when a kept word becomes another one; not when words are added. */
  long generation() {
    return generation;
  }

  /** The words of X, oldest first, that of the last row first in each. */
  byte[] x() {
    return x;
  }

  /** The words of Y, oldest first. */
  byte[] y() {
    return y;
  }

  /** Bytes from word to word of Y. */
  int wordBytesY() {
    return wordBytesY;
  }

  /** A clock in which a word enters. */
  void enter(byte[] fromX, int atX, byte[] fromY, int atY) {
    System.arraycopy(fromX, atX, x, count * rows, rows);
    System.arraycopy(fromY, atY, y, count * wordBytesY, wordBytesY);
    count++;
    silence = 0;
  }

  /** A clock in which none enters. */
  void enterNone() {
    if (count > 0) {
      Arrays.fill(x, count * rows, (count + 1) * rows, (byte) 0);
      Arrays.fill(y, count * wordBytesY, (count + 1) * wordBytesY, (byte) 0);
      count++;
    }
    silence = Math.min(silence + 1, capacity);
  }

  /** Forgets the oldest words. */
  void drop(int words) {
    generation++;
    count -= words;
    System.arraycopy(x, words * rows, x, 0, count * rows);
    System.arraycopy(y, words * wordBytesY, y, 0, count * wordBytesY);
  }

  /** The activation of a row in a kept word, 0 if {@code word} lies before the oldest. */
  int activation(int word, int row) {
    return word < 0 ? 0 : x[word * rows + rows - 1 - row];
  }

  /** The low operand of a column in a kept word, 0 before the oldest. */
  int operandLo(int word, int column) {
    return word < 0 ? 0 : y[word * wordBytesY + outputsPerColumn * column];
  }

  /** The high operand of a column, as the pre-adder delivers it, in a kept word. */
  int operandHi(int word, int column) {
    if (word < 0 || outputsPerColumn == 1) {
      return 0;
    }
    int at = word * wordBytesY + 2 * column;
    return packed ? PackedMac.effectiveHi(y[at + 1], y[at]) : y[at + 1];
  }

  /** The first kept word whose product is not in P of a PE yet: it is in M, the next in L and R. */
  int passed(int row, int column) {
    return passed(row + column);
  }

  /** The same for the PEs of an anti-diagonal. */
  int passed(int diagonal) {
    return count - 2 - diagonal;
  }

  /** The low product of a PE for a kept word. */
  int productLo(int word, int row, int column) {
    return activation(word, row) * operandLo(word, column);
  }

  /** The high product of a PE for a kept word. */
  int productHi(int word, int row, int column) {
    return activation(word, row) * operandHi(word, column);
  }

  // The word that entered so many clocks before the last.
  private int ofAge(int age) {
    return count - 1 - age;
  }

  private int operands(int age, int column) {
    return PeArray.pack(operandHi(ofAge(age), column), operandLo(ofAge(age), column));
  }

  /**
   * Passes a chain over the skew registers, those of row 1 (row 0 has none), of row 2 and so on,
   * then those of the columns, and over L and R of the PEs.
   *
   * @throws ScanException if a restored register is not an operand
   */
  void scan(ScanChain chain) {
    int[] skewX = new int[rows * (rows - 1) / 2];
    int[] skewW = new int[columns * (columns - 1) / 2];
    int[] peX = new int[rows * columns];
    int[] peW = new int[rows * columns];
    for (int row = 0, i = 0; row < rows; row++) {
      for (int age = 0; age < row; age++) {
        skewX[i++] = activation(ofAge(age), row);
      }
    }
    for (int column = 0, i = 0; column < columns; column++) {
      for (int age = 0; age < column; age++) {
        skewW[i++] = operands(age, column);
      }
    }
    for (int i = 0; i < peX.length; i++) {
      int age = i / columns + i % columns;
      peX[i] = activation(ofAge(age), i / columns);
      peW[i] = operands(age, i % columns);
    }
    chain.scan("skew.x", skewX);
    chain.scan("skew.w", skewW);
    chain.scan("pe.x", peX);
    chain.scan("pe.w", peW);
    generation++;
    silence = 0;
    count = rows + columns - 1;
    Arrays.fill(x, 0, count * rows, (byte) 0);
    Arrays.fill(y, 0, count * wordBytesY, (byte) 0);
    for (int row = 0, i = 0; row < rows; row++) {
      for (int age = 0; age < row; age++) {
        setActivation("skew.x", age, row, skewX[i++]);
      }
    }
    for (int column = 0, i = 0; column < columns; column++) {
      for (int age = 0; age < column; age++) {
        setOperands("skew.w", age, column, skewW[i++]);
      }
    }
    for (int i = 0; i < peX.length; i++) {
      int age = i / columns + i % columns;
      setActivation("pe.x", age, i / columns, peX[i]);
      setOperands("pe.w", age, i % columns, peW[i]);
    }
  }

  private void setActivation(String register, int age, int row, int value) {
    int at = ofAge(age) * rows + rows - 1 - row;
    x[at] = (byte) value;
    check(register, value, x[at]);
  }

  private void setOperands(String register, int age, int column, int value) {
    int at = ofAge(age) * wordBytesY + outputsPerColumn * column;
    y[at] = (byte) PeArray.lowOf(value);
    if (outputsPerColumn == 2) {
      // What the pre-adder makes 128 of is -128.
      y[at + 1] = (byte) PeArray.highOf(value);
    }
    check(register, value, operands(age, column));
  }

  private static void check(String register, int value, int kept) {
    if (kept != value) {
      throw new ScanException(register + "=" + value + " is not an int8 operand");
    }
  }
}
