package org.tataa.array;

import java.util.Arrays;
import org.tataa.numeric.PackedMac;
import org.tataa.simd.BlockShape;

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
  private final int[] givenHi;
  private final int[] givenLo;

  // Set from outside (scan), products need not have factors: for one clock M is itself.
  private boolean isProductGiven;
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
    givenHi = new int[rows * columns];
    givenLo = new int[rows * columns];
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

  /** Whether M holds products that kept words do not give. */
  boolean isProductGiven() {
    return isProductGiven;
  }

  /** M has the products of kept words again. */
  void forgetGivenProducts() {
    isProductGiven = false;
  }

  /** What the low M of a PE holds. */
  int mLo(int row, int column) {
    return isProductGiven
        ? givenLo[row * columns + column]
        : productLo(passed(row, column), row, column);
  }

  /** What the high M of a PE holds. */
  int mHi(int row, int column) {
    return isProductGiven
        ? givenHi[row * columns + column]
        : productHi(passed(row, column), row, column);
  }

  /** Fills L, R and M of a PE. */
  void fill(ProcessingElement pe, int row) {
    int word = passed(row, pe.column) + 1;
    pe.l = activation(word, row);
    pe.rHi = operandHi(word, pe.column);
    pe.rLo = operandLo(word, pe.column);
    pe.mHi = mHi(row, pe.column);
    pe.mLo = mLo(row, pe.column);
  }

  /** Fills the skew registers. */
  void fill(RegisterArray registers) {
    for (int row = 0; row < rows; row++) {
      for (int age = 0; age < row; age++) {
        registers.skewX(row).registers[age] = activation(ofAge(age), row);
      }
    }
    for (int column = 0; column < columns; column++) {
      for (int age = 0; age < column; age++) {
        registers.skewHi(column).registers[age] = operandHi(ofAge(age), column);
        registers.skewLo(column).registers[age] = operandLo(ofAge(age), column);
      }
    }
  }

  /** Takes skew registers, L, R and M: where an operand stands tells when it entered. */
  void take(RegisterArray registers) {
    generation++;
    isProductGiven = true;
    silence = 0;
    count = rows + columns - 1;
    Arrays.fill(x, 0, count * rows, (byte) 0);
    Arrays.fill(y, 0, count * wordBytesY, (byte) 0);
    for (int row = 0; row < rows; row++) {
      for (int age = 0; age < row; age++) {
        setActivation(age, row, registers.skewX(row).registers[age]);
      }
      for (int column = 0; column < columns; column++) {
        ProcessingElement pe = registers.pe(row, column);
        setActivation(row + column, row, pe.l);
        setOperands(row + column, column, pe.rHi, pe.rLo);
        givenHi[row * columns + column] = pe.mHi;
        givenLo[row * columns + column] = pe.mLo;
      }
    }
    for (int column = 0; column < columns; column++) {
      for (int age = 0; age < column; age++) {
        setOperands(
            age,
            column,
            registers.skewHi(column).registers[age],
            registers.skewLo(column).registers[age]);
      }
    }
  }

  private void setActivation(int age, int row, int value) {
    x[ofAge(age) * rows + rows - 1 - row] = (byte) value;
  }

  // What the pre-adder makes 128 of is -128.
  private void setOperands(int age, int column, int hi, int lo) {
    int at = ofAge(age) * wordBytesY + outputsPerColumn * column;
    y[at] = (byte) lo;
    if (outputsPerColumn == 2) {
      y[at + 1] = (byte) hi;
    }
  }
}
