package org.tataa.array;

import java.util.Arrays;
import org.tataa.config.ArrayGeometry;
import org.tataa.state.ScanChain;

/**
 * All processing elements of one core in int8 systolic mode (architecture.md, PE).
 *
 * <pre>
 *            operand pair {hi, lo} (down)
 *                 |
 *                 v
 *   x (right) -> [L][R] -> [M = L * R] -> [P += M]
 *                 |
 *                 v  to the row below, x to the column on the right
 * </pre>
 *
 * <p>Three registers from the inputs of a PE to its sum. Arrays are row-major {@code
 * [rows][columns]}. The two products of a DSP slice share the activation; they are kept in one int
 * as {@code hi * 2^16 + lo}, which cannot overflow because |x * w| is at most 2^14. The sums are
 * kept apart and exact; the 48-bit register of the hardware is a function of both ({@link
 * PeView#register48()}).
 */
public final class PeArray {
  private final int rows;
  private final int columns;
  private final int[] activation;
  private final int[] operand;
  private final int[] product;
  private final int[] sumLo;
  private final int[] sumHi;
  private final long[] carriedLo;
  private final long[] carriedHi;
  private final int[] shadowLo;
  private final int[] shadowHi;
  private final long[] shadowCarriedLo;
  private final long[] shadowCarriedHi;

  /** An array of the given shape with all registers zero. */
  public PeArray(ArrayGeometry geometry) {
    rows = geometry.rows();
    columns = geometry.columns();
    int n = rows * columns;
    activation = new int[n];
    operand = new int[n];
    product = new int[n];
    sumLo = new int[n];
    sumHi = new int[n];
    carriedLo = new long[n];
    carriedHi = new long[n];
    shadowLo = new int[n];
    shadowHi = new int[n];
    shadowCarriedLo = new long[n];
    shadowCarriedHi = new long[n];
  }

  /** Packs the two int8 operands of a column; {@code hi} may be +128 after the pre-adder. */
  public static int packOperands(int hi, int lo) {
    return (hi << 16) + lo;
  }

  /** The low factor or product of a packed pair. */
  public static int lowOf(int packed) {
    return (short) packed;
  }

  /** The high factor or product of a packed pair. */
  public static int highOf(int packed) {
    return (packed + 0x8000) >> 16;
  }

  /** All registers to zero, as reset does. */
  public void reset() {
    Arrays.fill(activation, 0);
    Arrays.fill(operand, 0);
    Arrays.fill(product, 0);
    clearSums();
    Arrays.fill(shadowLo, 0);
    Arrays.fill(shadowHi, 0);
    Arrays.fill(shadowCarriedLo, 0);
    Arrays.fill(shadowCarriedHi, 0);
  }

  /** All partial sums to zero. */
  public void clearSums() {
    Arrays.fill(sumLo, 0);
    Arrays.fill(sumHi, 0);
    Arrays.fill(carriedLo, 0);
    Arrays.fill(carriedHi, 0);
  }

  /**
   * One clock: every sum takes its product, every product the operands, and the operands move one
   * PE to the right and down.
   *
   * @param leftEdge {@code [rows]} activations entering column 0
   * @param topEdge {@code [columns]} packed operand pairs entering row 0
   */
  public void shift(int[] leftEdge, int[] topEdge) {
    accumulate(product, sumLo, sumHi);
    multiply(activation, operand, product);
    int n = rows * columns;
    System.arraycopy(operand, 0, operand, columns, n - columns);
    System.arraycopy(topEdge, 0, operand, 0, columns);
    System.arraycopy(activation, 0, activation, 1, n - 1);
    for (int row = 0; row < rows; row++) {
      activation[row * columns] = leftEdge[row];
    }
  }

  // Plain loops over flat arrays, one result each: the JIT turns each into SIMD code.
  private static void accumulate(int[] product, int[] sumLo, int[] sumHi) {
    int n = product.length;
    for (int i = 0; i < n; i++) {
      sumLo[i] += (product[i] << 16) >> 16;
    }
    for (int i = 0; i < n; i++) {
      sumHi[i] += (product[i] + 0x8000) >> 16;
    }
  }

  private static void multiply(int[] activation, int[] operand, int[] product) {
    for (int i = 0; i < product.length; i++) {
      product[i] = activation[i] * operand[i];
    }
  }

  /**
   * Moves the int sums into their wide parts, so that {@code 2^17} further products cannot overflow
   * an int. The value of every sum is unchanged.
   */
  public void spillSums() {
    for (int i = 0; i < sumLo.length; i++) {
      carriedLo[i] += sumLo[i];
      carriedHi[i] += sumHi[i];
      sumLo[i] = 0;
      sumHi[i] = 0;
    }
  }

  /**
   * With double-buffered sums: hands the sums on one anti-diagonal to the shadow registers.
   *
   * @param diagonal row + column of the PEs, 0..rows+columns-2
   */
  public void captureDiagonal(int diagonal) {
    int first = Math.max(0, diagonal - columns + 1);
    int last = Math.min(rows - 1, diagonal);
    for (int row = first; row <= last; row++) {
      int i = row * columns + diagonal - row;
      shadowLo[i] = sumLo[i];
      shadowHi[i] = sumHi[i];
      shadowCarriedLo[i] = carriedLo[i];
      shadowCarriedHi[i] = carriedHi[i];
    }
  }

  /**
   * With double-buffered sums: clears the sums on one anti-diagonal.
   *
   * @param diagonal row + column of the PEs, 0..rows+columns-2
   */
  public void clearDiagonal(int diagonal) {
    int first = Math.max(0, diagonal - columns + 1);
    int last = Math.min(rows - 1, diagonal);
    for (int row = first; row <= last; row++) {
      int i = row * columns + diagonal - row;
      sumLo[i] = 0;
      sumHi[i] = 0;
      carriedLo[i] = 0;
      carriedHi[i] = 0;
    }
  }

  /**
   * Adds the products of whole operand words to every sum, as a block does that has passed.
   *
   * @param kernel computes them
   */
  public void accumulate(BlockKernel kernel) {
    kernel.addTo(sumLo, sumHi);
  }

  /**
   * Sets all registers to what they hold after input {@code input} of a block that began with the
   * sums of now: PE (r, c) has word {@code input - r - c} in its operand registers, the product of
   * the word before, and the sum of all words before that (timing.md).
   *
   * @param input words that have stood at the inputs of PE (0, 0), less one
   */
  public void settle(BlockKernel kernel, long input) {
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        int i = row * columns + column;
        long word = input - row - column;
        activation[i] = kernel.activation(word, row);
        operand[i] = kernel.operand(word, column);
        product[i] = kernel.activation(word - 1, row) * kernel.operand(word - 1, column);
        for (long k = 0; k <= Math.min(word - 2, kernel.depth() - 1L); k++) {
          int packed = kernel.activation(k, row) * kernel.operand(k, column);
          sumLo[i] += lowOf(packed);
          sumHi[i] += highOf(packed);
        }
      }
    }
  }

  /** Passes a chain over the registers of all PEs. */
  public void scan(ScanChain chain) {
    chain.scan("pe.x", activation);
    chain.scan("pe.w", operand);
    chain.scan("pe.m", product);
    scanSums(chain, "pe.lo", sumLo, carriedLo);
    scanSums(chain, "pe.hi", sumHi, carriedHi);
    scanSums(chain, "pe.shadowLo", shadowLo, shadowCarriedLo);
    scanSums(chain, "pe.shadowHi", shadowHi, shadowCarriedHi);
  }

  // The two parts of a sum are one register; this spills, which changes no value.
  private static void scanSums(ScanChain chain, String name, int[] sums, long[] carried) {
    long[] whole = new long[sums.length];
    for (int i = 0; i < whole.length; i++) {
      whole[i] = carried[i] + sums[i];
    }
    chain.scan(name, whole);
    for (int i = 0; i < whole.length; i++) {
      sums[i] = 0;
      carried[i] = whole[i];
    }
  }

  /** Rows of the array. */
  public int rows() {
    return rows;
  }

  /** Columns of the array. */
  public int columns() {
    return columns;
  }

  /** Exact low partial sum of a PE. */
  public long sumLo(int row, int column) {
    int i = index(row, column);
    return carriedLo[i] + sumLo[i];
  }

  /** Exact high partial sum of a PE (of the operands as the pre-adder delivers them). */
  public long sumHi(int row, int column) {
    int i = index(row, column);
    return carriedHi[i] + sumHi[i];
  }

  /** Exact low sum in the shadow register of a PE; meaningful with double-buffered sums only. */
  public long shadowLo(int row, int column) {
    int i = index(row, column);
    return shadowCarriedLo[i] + shadowLo[i];
  }

  /** Exact high sum in the shadow register of a PE; meaningful with double-buffered sums only. */
  public long shadowHi(int row, int column) {
    int i = index(row, column);
    return shadowCarriedHi[i] + shadowHi[i];
  }

  /** A snapshot of the registers of one PE. */
  public PeView view(int row, int column) {
    int i = index(row, column);
    return new PeView(
        row,
        column,
        activation[i],
        highOf(operand[i]),
        lowOf(operand[i]),
        highOf(product[i]),
        lowOf(product[i]),
        sumHi(row, column),
        sumLo(row, column));
  }

  private int index(int row, int column) {
    if (row < 0 || row >= rows || column < 0 || column >= columns) {
      throw new IndexOutOfBoundsException(
          "pe[" + row + "][" + column + "] is outside an array of " + rows + "x" + columns);
    }
    return row * columns + column;
  }
}
