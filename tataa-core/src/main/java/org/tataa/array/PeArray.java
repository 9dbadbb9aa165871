package org.tataa.array;

import java.util.Arrays;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.TataaConfig;
import org.tataa.simd.BlockProduct;
import org.tataa.simd.BlockShape;
import org.tataa.simd.HostKernels;
import org.tataa.state.ScanChain;

/**
 * All processing elements of one core in int8 systolic mode (architecture.md, PE), and the skew
 * registers in front of them.
 *
 * <pre>
 *                    operand pair {hi, lo} (down)
 *                         |
 *                  c skew registers
 *                         v
 *   x (right) r skew -> [L][R] -> [M = L * R] -> [P += M]
 *             registers   |
 *                         v  to the row below, x to the column on the right
 * </pre>
 *
 * <p>Three registers from the inputs of a PE to its sum. A word that entered {@code age} clocks ago
 * stands in L and R of the PEs with row + column = age; in the clock after that its product is in
 * M, and then in P. So the registers of operands are views of the last words ({@link
 * OperandWords}), and nothing is moved.
 *
 * <p>Sums are added up for many clocks at once: {@code sumLo} and {@code sumHi} hold the products
 * of all words that {@code words} has dropped, and P of a PE is that plus its products of the words
 * that are kept and have passed it. Whoever looks at a register sees what the hardware holds in
 * that clock; looking changes nothing. decisions/0006 says why.
 *
 * <p>Arrays are row-major {@code [rows][columns]}. The two sums of a DSP slice are kept apart and
 * exact; the 48-bit register of the hardware is a function of both ({@link PeView#register48()}).
 */
public final class PeArray {
  /** Words whose products are added up at once. */
  private static final int BATCH = 128;

  private final int rows;
  private final int columns;
  private final int size;

  /** Words that have not passed all PEs: in the last PE, one is in M and one in L and R. */
  private final int underWay;

  private final OperandWords words;
  private final KeptSums kept;
  private final BlockProduct product;
  private final int[] sumLo;
  private final int[] sumHi;
  private final long[] carriedLo;
  private final long[] carriedHi;
  private final long[] shadowLo;
  private final long[] shadowHi;
  private final int[] givenProduct;
  // Set from outside (scan), products need not have factors: for one clock M is itself.
  private boolean isProductGiven;

  // With double-buffered sums: one block hands its sums on while the next one clears them.
  private final Wavefront capture = new Wavefront();
  private final Wavefront clear = new Wavefront();

  /** Whether the wide parts of the sums may hold anything. */
  private boolean isSpilled;

  /** The array of one core, all registers zero. */
  public PeArray(TataaConfig config) {
    this(
        new BlockShape(
            config.geometry().rows(),
            config.geometry().columns(),
            config.geometry().outputsPerColumn(),
            config.profiles().accumulator() != AccumulatorKind.INT32,
            Math.max(config.buffers().tileDepth(), BATCH)),
        HostKernels.best());
  }

  /**
   * An array on given kernels.
   *
   * @param shape with a tile depth of at least {@value #BATCH}
   */
  PeArray(BlockShape shape, HostKernels kernels) {
    rows = shape.rows();
    columns = shape.columns();
    size = rows * columns;
    underWay = rows + columns;
    words = new OperandWords(shape, underWay + BATCH);
    kept = new KeptSums(words, rows, columns);
    product = kernels.blockProduct(shape);
    sumLo = new int[size];
    sumHi = new int[size];
    carriedLo = new long[size];
    carriedHi = new long[size];
    shadowLo = new long[size];
    shadowHi = new long[size];
    givenProduct = new int[size];
  }

  /** Packs a high and a low operand or product, as the chain shows them. */
  static int pack(int hi, int lo) {
    return (hi << 16) + lo;
  }

  /** The low operand or product of a packed pair. */
  static int lowOf(int packed) {
    return (short) packed;
  }

  /** The high operand or product of a packed pair. */
  static int highOf(int packed) {
    return (packed + 0x8000) >> 16;
  }

  /** All registers to zero, as reset does. */
  public void reset() {
    words.clear();
    isProductGiven = false;
    capture.end();
    clear.end();
    clearSums();
    Arrays.fill(shadowLo, 0);
    Arrays.fill(shadowHi, 0);
  }

  /**
   * One clock: every sum takes its product, every product the operands, the operands move one PE to
   * the right and down, and a word enters the skew registers.
   *
   * @param x has a byte per row, that of the last row first, from {@code xFrom} on
   * @param y has one or two bytes per column (low, high), from {@code yFrom} on
   */
  public void shift(byte[] x, int xFrom, byte[] y, int yFrom) {
    beforeShift();
    words.enter(x, xFrom, y, yFrom);
  }

  /** One clock in which no word enters. */
  public void shift() {
    beforeShift();
    words.enterNone();
  }

  private void beforeShift() {
    if (isProductGiven) {
      takeGivenProducts();
    }
    if (words.isFull()) {
      addUp();
    }
  }

  // What the sums will get for this clock is the product of the words; make it the given one.
  private void takeGivenProducts() {
    endWavefronts();
    for (int i = 0; i < size; i++) {
      int row = i / columns;
      int column = i % columns;
      sumLo[i] += lowOf(givenProduct[i]) - productLo(row, column);
      sumHi[i] += highOf(givenProduct[i]) - productHi(row, column);
    }
    isProductGiven = false;
  }

  // Adds the products of the words that have passed all PEs.
  private void addUp() {
    int passed = words.count() - underWay;
    int filled = passed;
    if (isIdle()) {
      passed = words.count();
      filled = passed - words.silence();
    }
    if (capture.isBefore(filled) || clear.isBefore(filled)) {
      endWavefronts();
    }
    if (filled > 0) {
      product.addTo(words.x(), words.y(), words.wordBytesY(), filled, sumLo, sumHi);
    }
    if (passed > 0) {
      words.drop(passed);
      capture.drop(passed);
      clear.drop(passed);
    }
  }

  // Whether all words have passed all PEs.
  private boolean isIdle() {
    return words.silence() >= underWay && !isProductGiven;
  }

  /** All partial sums to zero. */
  public void clearSums() {
    endWavefronts();
    if (isIdle()) {
      words.clear();
    }
    clearStored();
    if (words.count() > 0) {
      for (int i = 0; i < size; i++) {
        clearSum(i / columns, i % columns, passed(i / columns, i % columns));
      }
    }
  }

  private void clearStored() {
    Arrays.fill(sumLo, 0);
    Arrays.fill(sumHi, 0);
    if (isSpilled) {
      Arrays.fill(carriedLo, 0);
      Arrays.fill(carriedHi, 0);
      isSpilled = false;
    }
  }

  /**
   * Moves the int sums into their wide parts, so that {@code 2^17} further products cannot overflow
   * an int. The value of every sum is unchanged.
   */
  public void spillSums() {
    addUp();
    isSpilled = true;
    for (int i = 0; i < size; i++) {
      carriedLo[i] += sumLo[i];
      carriedHi[i] += sumHi[i];
      sumLo[i] = 0;
      sumHi[i] = 0;
    }
  }

  /**
   * With double-buffered sums: hands the sums on one anti-diagonal to the shadow registers. Fast if
   * one diagonal after the other has its turn, from clock to clock.
   *
   * @param diagonal row + column of the PEs, 0..rows+columns-2
   */
  public void captureDiagonal(int diagonal) {
    int before = passed(0, diagonal);
    boolean isCleared = clear.covers(diagonal) && clear.cut() == before;
    if (isCleared || !capture.advance(diagonal, before)) {
      endWavefronts();
      int last = Math.min(rows - 1, diagonal);
      for (int row = Math.max(0, diagonal - columns + 1); row <= last; row++) {
        int i = row * columns + diagonal - row;
        shadowLo[i] = sumLo(row, diagonal - row);
        shadowHi[i] = sumHi(row, diagonal - row);
      }
    } else if (diagonal == lastDiagonal()) {
      if (clear.isBefore(before)) {
        endWavefronts();
        return;
      }
      capture.end();
      addUp();
      for (int i = 0; i < size; i++) {
        shadowLo[i] = carriedLo[i] + sumLo[i];
        shadowHi[i] = carriedHi[i] + sumHi[i];
      }
    }
  }

  /**
   * With double-buffered sums: clears the sums on one anti-diagonal. Fast if one diagonal after the
   * other has its turn, from clock to clock.
   *
   * @param diagonal row + column of the PEs, 0..rows+columns-2
   */
  public void clearDiagonal(int diagonal) {
    int before = passed(0, diagonal);
    if (!clear.advance(diagonal, before)) {
      endWavefronts();
      int last = Math.min(rows - 1, diagonal);
      for (int row = Math.max(0, diagonal - columns + 1); row <= last; row++) {
        clearSum(row, diagonal - row, before);
      }
    } else if (diagonal == lastDiagonal()) {
      if (capture.isOn() && capture.cut() <= before) {
        endWavefronts();
        return;
      }
      clear.end();
      addUp();
      clearStored();
    }
  }

  // What a PE has summed up to a kept word is forgotten.
  private void clearSum(int row, int column, int cut) {
    int i = row * columns + column;
    sumLo[i] = -kept.lo(row, column, cut);
    sumHi[i] = -kept.hi(row, column, cut);
    carriedLo[i] = 0;
    carriedHi[i] = 0;
  }

  private int lastDiagonal() {
    return rows + columns - 2;
  }

  // Does what wavefronts that are under way have left to do on the diagonals they have passed.
  private void endWavefronts() {
    if (!capture.isOn() && !clear.isOn()) {
      return;
    }
    for (int i = 0; i < size; i++) {
      int row = i / columns;
      int column = i % columns;
      long lo = shadowLo(row, column);
      long hi = shadowHi(row, column);
      if (clear.covers(row + column)) {
        clearSum(row, column, clear.cut());
      }
      shadowLo[i] = lo;
      shadowHi[i] = hi;
    }
    capture.end();
    clear.end();
  }

  /**
   * Adds the products of a whole block to every sum, as if it had passed an array without operands.
   *
   * @param x words of {@code rows} bytes, that of the last row first
   * @param y words of one or two bytes per column
   * @param yStride bytes from word to word
   * @param depth words
   */
  public void accumulate(byte[] x, byte[] y, int yStride, int depth) {
    product.addTo(x, y, yStride, depth, sumLo, sumHi);
  }

  /** Largest magnitude of a low sum. */
  public long largestLo() {
    return hasPlainSums() ? product.largest(sumLo, size) : largest(true);
  }

  /** Largest magnitude of a high sum. */
  public long largestHi() {
    return hasPlainSums() ? product.largest(sumHi, size) : largest(false);
  }

  private long largest(boolean low) {
    long largest = 0;
    for (int i = 0; i < size; i++) {
      long sum = low ? sumLo(i / columns, i % columns) : sumHi(i / columns, i % columns);
      largest = Math.max(largest, Math.abs(sum));
    }
    return largest;
  }

  /** Largest magnitude of {@code count} numbers, none of them the lowest int. */
  public int largest(int[] numbers, int count) {
    return product.largest(numbers, count);
  }

  // Brings the sums to where they are the int arrays alone, if possible.
  private boolean hasPlainSums() {
    if (words.count() > 0) {
      addUp();
    }
    return !isSpilled && !clear.isOn() && words.count() == 0;
  }

  /**
   * Copies the sums of a row.
   *
   * @param lo receives {@code [columns]} low sums from {@code to} on
   * @param hi receives the high sums
   * @return whether all of them fit an int, the lowest one left out; if not, nothing else counts
   */
  public boolean copySums(int row, int[] lo, int[] hi, int to) {
    if (hasPlainSums()) {
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

  /**
   * Passes a chain over the skew registers and the registers of all PEs.
   *
   * @throws org.tataa.state.ScanException if a restored operand is not one
   */
  public void scan(ScanChain chain) {
    endWavefronts();
    long[] wholeLo = new long[size];
    long[] wholeHi = new long[size];
    for (int i = 0; i < size; i++) {
      int row = i / columns;
      int column = i % columns;
      wholeLo[i] = sumLo(row, column);
      wholeHi[i] = sumHi(row, column);
      if (!isProductGiven) {
        givenProduct[i] = pack(productHi(row, column), productLo(row, column));
      }
    }
    isProductGiven = true;
    words.scan(chain);
    chain.scan("pe.m", givenProduct);
    chain.scan("pe.lo", wholeLo);
    chain.scan("pe.hi", wholeHi);
    chain.scan("pe.shadowLo", shadowLo);
    chain.scan("pe.shadowHi", shadowHi);
    isSpilled = true;
    for (int i = 0; i < size; i++) {
      clearSum(i / columns, i % columns, passed(i / columns, i % columns));
      carriedLo[i] = wholeLo[i];
      carriedHi[i] = wholeHi[i];
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
    return clear.covers(row + column)
        ? kept.lo(row, column, clear.cut(), passed(row, column))
        : carriedLo[i] + sumLo[i] + kept.lo(row, column, passed(row, column));
  }

  /** Exact high partial sum of a PE (of the operands as the pre-adder delivers them). */
  public long sumHi(int row, int column) {
    int i = index(row, column);
    return clear.covers(row + column)
        ? kept.hi(row, column, clear.cut(), passed(row, column))
        : carriedHi[i] + sumHi[i] + kept.hi(row, column, passed(row, column));
  }

  /** Exact low sum in the shadow register of a PE; meaningful with double-buffered sums only. */
  public long shadowLo(int row, int column) {
    int i = index(row, column);
    if (!capture.covers(row + column)) {
      return shadowLo[i];
    }
    return clear.covers(row + column) && clear.isBefore(capture.cut())
        ? kept.lo(row, column, clear.cut(), capture.cut())
        : carriedLo[i] + sumLo[i] + kept.lo(row, column, capture.cut());
  }

  /** Exact high sum in the shadow register of a PE; meaningful with double-buffered sums only. */
  public long shadowHi(int row, int column) {
    int i = index(row, column);
    if (!capture.covers(row + column)) {
      return shadowHi[i];
    }
    return clear.covers(row + column) && clear.isBefore(capture.cut())
        ? kept.hi(row, column, clear.cut(), capture.cut())
        : carriedHi[i] + sumHi[i] + kept.hi(row, column, capture.cut());
  }

  // The kept words before this one have passed P of a PE; the word itself is in M.
  private int passed(int row, int column) {
    return words.count() - 2 - row - column;
  }

  private int productLo(int row, int column) {
    return words.productLo(passed(row, column), row, column);
  }

  private int productHi(int row, int column) {
    return words.productHi(passed(row, column), row, column);
  }

  /** A snapshot of the registers of one PE. */
  public PeView view(int row, int column) {
    int i = index(row, column);
    int word = passed(row, column) + 1;
    return new PeView(
        row,
        column,
        words.activation(word, row),
        words.operandHi(word, column),
        words.operandLo(word, column),
        isProductGiven ? highOf(givenProduct[i]) : productHi(row, column),
        isProductGiven ? lowOf(givenProduct[i]) : productLo(row, column),
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
