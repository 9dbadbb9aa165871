package org.tataa.array;

import java.util.Arrays;
import org.tataa.config.ArrayGeometry;
import org.tataa.simd.ArrayClock;
import org.tataa.simd.HostKernels;
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
 * [rows][columns]}. The two products of a DSP slice share the activation; they are one int {@code
 * hi * 2^16 + lo}, which cannot overflow because |x * w| is at most 2^14. The sums are kept apart
 * and exact; the 48-bit register of the hardware is a function of both ({@link
 * PeView#register48()}).
 *
 * <p>How registers L, R and M are kept: M as its two factors, so that a clock multiplies and adds
 * in one pass and writes no products. The factors are what L and R held one clock ago, and since
 * then L has gone one PE to the right and R one PE down: L of (r, c) is the x factor of (r, c-1), R
 * is the w factor of (r-1, c), and only the registers of column 0 and row 0 need a place of their
 * own, {@code left} and {@code top}.
 *
 * <p>Factors of x move one place and those of w one row per clock. They lie in longer arrays,
 * {@code factorX} from {@code xFrom} and {@code factorW} from {@code wFrom} on, and it is the start
 * that moves; only when it has come to the front they are taken back. For an {@link ArrayClock}
 * that wants them at the front always, they are taken back by as much in every clock.
 */
public final class PeArray {
  /** Places the factors can move before they have to be taken back. */
  private static final int ROOM = 1024;

  private final int rows;
  private final int columns;
  private final int size;
  private final int[] left;
  private final int[] top;
  private final int[] factorX;
  private final int[] factorW;
  private final int[] givenProduct;
  private final ArrayClock clock;
  private final int[] sumLo;
  private final int[] sumHi;
  private final long[] carriedLo;
  private final long[] carriedHi;
  private final int[] shadowLo;
  private final int[] shadowHi;
  private final long[] shadowCarriedLo;
  private final long[] shadowCarriedHi;
  // Set from outside (scan, settle), products need not have factors: for one clock M is itself.
  private boolean isProductGiven;
  private int xFrom;
  private int wFrom;

  /** Whether the wide parts of the sums may hold anything. */
  private boolean isSpilled;

  /** An array of the given shape with all registers zero. */
  public PeArray(ArrayGeometry geometry) {
    rows = geometry.rows();
    columns = geometry.columns();
    int n = rows * columns;
    size = n;
    left = new int[rows];
    top = new int[columns];
    // The four arrays of accumulate, next to each other in memory.
    factorX = new int[wholeLines(ROOM + n)];
    factorW = new int[wholeLines(ROOM + n)];
    sumLo = new int[wholeLines(n)];
    sumHi = new int[wholeLines(n)];
    givenProduct = new int[n];
    clock = HostKernels.best().arrayClock();
    carriedLo = new long[n];
    carriedHi = new long[n];
    shadowLo = new int[n];
    shadowHi = new int[n];
    shadowCarriedLo = new long[n];
    shadowCarriedHi = new long[n];
  }

  // At least n, and so many that an array with its header is whole cache lines. Arrays allocated
  // one after the other then lie alike in their lines, and no SIMD access of accumulate crosses
  // two.
  private static int wholeLines(int n) {
    int line = 64 / Integer.BYTES;
    int header = 16 / Integer.BYTES;
    return (n + header + line - 1) / line * line - header;
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
    Arrays.fill(left, 0);
    Arrays.fill(top, 0);
    Arrays.fill(factorX, 0);
    Arrays.fill(factorW, 0);
    isProductGiven = false;
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
    if (isSpilled) {
      Arrays.fill(carriedLo, 0);
      Arrays.fill(carriedHi, 0);
      isSpilled = false;
    }
  }

  /**
   * One clock: every sum takes its product, every product the operands, and the operands move one
   * PE to the right and down. What enters column 0 and row 0 is then to be written to {@link #left}
   * and {@link #top}, which hold what they held before.
   */
  public void shift() {
    if (isProductGiven) {
      accumulate(givenProduct, sumLo, sumHi);
      isProductGiven = false;
    } else {
      clock.accumulate(factorX, xFrom, factorW, wFrom, sumLo, sumHi, size);
    }
    int room = clock.wantsFixedPlaces() ? 0 : ROOM;
    if (xFrom == 0) {
      System.arraycopy(factorX, 0, factorX, room + 1, size - 1);
      xFrom = room;
    } else {
      xFrom--;
    }
    if (wFrom < columns) {
      System.arraycopy(factorW, wFrom, factorW, room + columns, size - columns);
      wFrom = room;
    } else {
      wFrom -= columns;
    }
    // The last PE of a row has handed its factor to the first of the next row.
    for (int row = 0, i = xFrom; row < rows; row++, i += columns) {
      factorX[i] = left[row];
    }
    System.arraycopy(top, 0, factorW, wFrom, columns);
  }

  /**
   * One clock with these operands entering.
   *
   * @param leftEdge {@code [rows]} activations entering column 0
   * @param topEdge {@code [columns]} packed operand pairs entering row 0
   */
  public void shift(int[] leftEdge, int[] topEdge) {
    shift();
    System.arraycopy(leftEdge, 0, left, 0, rows);
    System.arraycopy(topEdge, 0, top, 0, columns);
  }

  /** Registers L of column 0, {@code [rows]}. */
  public int[] left() {
    return left;
  }

  /** Registers R of row 0, {@code [columns]} packed operand pairs. */
  public int[] top() {
    return top;
  }

  private static void accumulate(int[] product, int[] sumLo, int[] sumHi) {
    for (int i = 0; i < product.length; i++) {
      sumLo[i] += lowOf(product[i]);
      sumHi[i] += highOf(product[i]);
    }
  }

  private int activation(int row, int column) {
    return column == 0 ? left[row] : factorX[xFrom + row * columns + column - 1];
  }

  private int operand(int row, int column) {
    return row == 0 ? top[column] : factorW[wFrom + (row - 1) * columns + column];
  }

  private int product(int i) {
    return isProductGiven ? givenProduct[i] : factorX[xFrom + i] * factorW[wFrom + i];
  }

  private void setActivation(int row, int column, int value) {
    if (column == 0) {
      left[row] = value;
    } else {
      factorX[xFrom + row * columns + column - 1] = value;
    }
  }

  private void setOperand(int row, int column, int value) {
    if (row == 0) {
      top[column] = value;
    } else {
      factorW[wFrom + (row - 1) * columns + column] = value;
    }
  }

  /**
   * Moves the int sums into their wide parts, so that {@code 2^17} further products cannot overflow
   * an int. The value of every sum is unchanged.
   */
  public void spillSums() {
    isSpilled = true;
    for (int i = 0; i < size; i++) {
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
   * Takes all registers from what they hold after input {@code from} of a block to what they hold
   * after input {@code to}: PE (r, c) has word {@code to - r - c} in its operand registers, the
   * product of the word before, and the sum of all words before that (timing.md).
   *
   * @param from the last input that has stood at PE (0, 0), -1 before the first
   * @param to a later one
   */
  public void advance(BlockKernel kernel, long from, long to) {
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        int i = row * columns + column;
        long word = to - row - column;
        setActivation(row, column, kernel.activation(word, row));
        setOperand(row, column, kernel.operand(word, column));
        givenProduct[i] = kernel.activation(word - 1, row) * kernel.operand(word - 1, column);
        long first = Math.max(0, from - row - column - 1);
        long last = Math.min(word - 2, kernel.depth() - 1L);
        for (long k = first; k <= last; k++) {
          int packed = kernel.activation(k, row) * kernel.operand(k, column);
          sumLo[i] += lowOf(packed);
          sumHi[i] += highOf(packed);
        }
      }
    }
    isProductGiven = true;
  }

  /** Largest magnitude of a low sum. */
  public long largestLo(BlockKernel kernel) {
    return largest(kernel, sumLo, carriedLo);
  }

  /** Largest magnitude of a high sum. */
  public long largestHi(BlockKernel kernel) {
    return largest(kernel, sumHi, carriedHi);
  }

  private long largest(BlockKernel kernel, int[] sums, long[] carried) {
    if (!isSpilled) {
      return kernel.largest(sums, size);
    }
    long largest = 0;
    for (int i = 0; i < size; i++) {
      largest = Math.max(largest, Math.abs(carried[i] + sums[i]));
    }
    return largest;
  }

  /**
   * Copies the sums of a row.
   *
   * @param lo receives {@code [columns]} low sums from {@code to} on
   * @param hi receives the high sums
   * @return whether all of them fit an int, the lowest one left out; if not, nothing else counts
   */
  public boolean copySums(int row, int[] lo, int[] hi, int to) {
    if (!isSpilled) {
      System.arraycopy(sumLo, row * columns, lo, to, columns);
      System.arraycopy(sumHi, row * columns, hi, to, columns);
      return true;
    }
    for (int column = 0; column < columns; column++) {
      long low = sumLo(row, column);
      long high = sumHi(row, column);
      if (Math.max(Math.abs(low), Math.abs(high)) > Integer.MAX_VALUE) {
        return false;
      }
      lo[to + column] = (int) low;
      hi[to + column] = (int) high;
    }
    return true;
  }

  /** Passes a chain over the registers of all PEs. */
  public void scan(ScanChain chain) {
    isSpilled = true;
    for (int i = 0; i < size; i++) {
      givenProduct[i] = product(i);
    }
    isProductGiven = true;
    scanOperands(chain);
    chain.scan("pe.m", givenProduct);
    scanSums(chain, "pe.lo", sumLo, carriedLo);
    scanSums(chain, "pe.hi", sumHi, carriedHi);
    scanSums(chain, "pe.shadowLo", shadowLo, shadowCarriedLo);
    scanSums(chain, "pe.shadowHi", shadowHi, shadowCarriedHi);
  }

  private void scanOperands(ScanChain chain) {
    int[] x = new int[size];
    int[] w = new int[size];
    for (int i = 0; i < size; i++) {
      x[i] = activation(i / columns, i % columns);
      w[i] = operand(i / columns, i % columns);
    }
    chain.scan("pe.x", x);
    chain.scan("pe.w", w);
    for (int i = 0; i < size; i++) {
      setActivation(i / columns, i % columns, x[i]);
      setOperand(i / columns, i % columns, w[i]);
    }
  }

  // The two parts of a sum are one register; this spills, which changes no value.
  private static void scanSums(ScanChain chain, String name, int[] sums, long[] carried) {
    long[] whole = new long[carried.length];
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
        activation(row, column),
        highOf(operand(row, column)),
        lowOf(operand(row, column)),
        highOf(product(i)),
        lowOf(product(i)),
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
