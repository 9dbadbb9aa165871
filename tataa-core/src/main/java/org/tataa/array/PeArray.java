package org.tataa.array;

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
 * <p>Sums are added up for many clocks at once ({@link PartialSums}). Whoever looks at a register
 * sees what the hardware holds in that clock; looking changes nothing. decisions/0006 says why.
 *
 * <p>Arrays are row-major {@code [rows][columns]}. The two sums of a DSP slice are kept apart and
 * exact; the 48-bit register of the hardware is a function of both ({@link PeView#register48()}).
 */
public final class PeArray {
  /** Words whose products are added up at once. */
  private static final int BATCH = 128;

  private final int rows;
  private final int columns;

  /** Words that have not passed all PEs: in the last PE, one is in M and one in L and R. */
  private final int underWay;

  private final OperandWords words;
  private final BlockProduct product;
  // With double-buffered sums: one block hands its sums on while the next one clears them.
  private final Wavefront capture = new Wavefront();
  private final Wavefront clear = new Wavefront();
  private final PartialSums low;
  private final PartialSums high;
  private final int[] givenProduct;
  // Set from outside (scan), products need not have factors: for one clock M is itself.
  private boolean isProductGiven;

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
    underWay = rows + columns;
    words = new OperandWords(shape, underWay + BATCH);
    product = kernels.blockProduct(shape);
    low = new PartialSums(false, rows, columns, words, capture, clear);
    high = new PartialSums(true, rows, columns, words, capture, clear);
    givenProduct = new int[rows * columns];
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
    low.clearShadows();
    high.clearShadows();
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
    for (int i = 0; i < givenProduct.length; i++) {
      int row = i / columns;
      int column = i % columns;
      low.add(row, column, lowOf(givenProduct[i]) - productLo(row, column));
      high.add(row, column, highOf(givenProduct[i]) - productHi(row, column));
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
      product.addTo(words.x(), words.y(), words.wordBytesY(), filled, low.ints(), high.ints());
    }
    if (passed > 0) {
      words.drop(passed);
      capture.drop(passed);
      clear.drop(passed);
    }
  }

  // Whether all words have passed all PEs.
  private boolean isIdle() {
    return words.silence() >= underWay;
  }

  /** All partial sums to zero. */
  public void clearSums() {
    endWavefronts();
    if (isIdle()) {
      words.clear();
    }
    low.clear();
    high.clear();
    if (words.count() > 0) {
      for (int diagonal = 0; diagonal <= lastDiagonal(); diagonal++) {
        clearNow(diagonal);
      }
    }
  }

  /**
   * Moves the int sums into their wide parts, so that {@code 2^17} further products cannot overflow
   * an int. The value of every sum is unchanged.
   */
  public void spillSums() {
    addUp();
    low.spill();
    high.spill();
  }

  /**
   * With double-buffered sums: hands the sums on one anti-diagonal to the shadow registers. Fast if
   * one diagonal after the other has its turn, from clock to clock.
   *
   * @param diagonal row + column of the PEs, 0..rows+columns-2
   */
  public void captureDiagonal(int diagonal) {
    int before = words.passed(diagonal);
    boolean isCleared = clear.covers(diagonal) && clear.cut() == before;
    if (isCleared || !capture.advance(diagonal, before)) {
      endWavefronts();
      captureNow(diagonal);
    } else if (diagonal == lastDiagonal()) {
      if (clear.isBefore(before)) {
        endWavefronts();
        return;
      }
      capture.end();
      addUp();
      low.captureAll();
      high.captureAll();
    }
  }

  /**
   * With double-buffered sums: clears the sums on one anti-diagonal. Fast if one diagonal after the
   * other has its turn, from clock to clock.
   *
   * @param diagonal row + column of the PEs, 0..rows+columns-2
   */
  public void clearDiagonal(int diagonal) {
    int before = words.passed(diagonal);
    if (!clear.advance(diagonal, before)) {
      endWavefronts();
      clearNow(diagonal);
    } else if (diagonal == lastDiagonal()) {
      if (capture.isOn() && capture.cut() <= before) {
        endWavefronts();
        return;
      }
      clear.end();
      addUp();
      low.clear();
      high.clear();
    }
  }

  private void captureNow(int diagonal) {
    int last = Math.min(rows - 1, diagonal);
    for (int row = Math.max(0, diagonal - columns + 1); row <= last; row++) {
      low.capture(row, diagonal - row);
      high.capture(row, diagonal - row);
    }
  }

  private void clearNow(int diagonal) {
    int last = Math.min(rows - 1, diagonal);
    for (int row = Math.max(0, diagonal - columns + 1); row <= last; row++) {
      low.clear(row, diagonal - row, words.passed(diagonal));
      high.clear(row, diagonal - row, words.passed(diagonal));
    }
  }

  private int lastDiagonal() {
    return rows + columns - 2;
  }

  // Wavefronts that cannot be left to themselves: the diagonals they have passed get their values.
  private void endWavefronts() {
    if (capture.isOn() || clear.isOn()) {
      low.endWavefronts();
      high.endWavefronts();
      capture.end();
      clear.end();
    }
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
    product.addTo(x, y, yStride, depth, low.ints(), high.ints());
  }

  /** Largest magnitude of a low sum. */
  public long largestLo() {
    return areSumsInts() ? low.largestInt(product) : low.largest();
  }

  /** Largest magnitude of a high sum. */
  public long largestHi() {
    return areSumsInts() ? high.largestInt(product) : high.largest();
  }

  /** Largest magnitude of {@code count} numbers, none of them the lowest int. */
  public int largest(int[] numbers, int count) {
    return product.largest(numbers, count);
  }

  // Adds up what can be, so that after a block the ints are all there is to the sums.
  private boolean areSumsInts() {
    if (words.count() > 0) {
      addUp();
    }
    return words.count() == 0 && !clear.isOn() && low.areInts();
  }

  /**
   * Copies the sums of a row.
   *
   * @param lo receives {@code [columns]} low sums from {@code to} on
   * @param hi receives the high sums
   * @return whether all of them fit an int, the lowest one left out; if not, nothing else counts
   */
  public boolean copySums(int row, int[] lo, int[] hi, int to) {
    if (areSumsInts()) {
      System.arraycopy(low.ints(), row * columns, lo, to, columns);
      System.arraycopy(high.ints(), row * columns, hi, to, columns);
      return true;
    }
    for (int column = 0; column < columns; column++) {
      long lowSum = sumLo(row, column);
      long highSum = sumHi(row, column);
      if (Math.max(Math.abs(lowSum), Math.abs(highSum)) > Integer.MAX_VALUE) {
        return false;
      }
      lo[to + column] = (int) lowSum;
      hi[to + column] = (int) highSum;
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
    if (!isProductGiven) {
      for (int i = 0; i < givenProduct.length; i++) {
        int row = i / columns;
        int column = i % columns;
        givenProduct[i] = pack(productHi(row, column), productLo(row, column));
      }
      isProductGiven = true;
    }
    long[] lows = low.all();
    long[] highs = high.all();
    words.scan(chain);
    chain.scan("pe.m", givenProduct);
    chain.scan("pe.lo", lows);
    chain.scan("pe.hi", highs);
    low.set(lows);
    high.set(highs);
    low.scanShadows(chain, "pe.shadowLo");
    high.scanShadows(chain, "pe.shadowHi");
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
    check(row, column);
    return low.sum(row, column);
  }

  /** Exact high partial sum of a PE (of the operands as the pre-adder delivers them). */
  public long sumHi(int row, int column) {
    check(row, column);
    return high.sum(row, column);
  }

  /** Exact low sum in the shadow register of a PE; meaningful with double-buffered sums only. */
  public long shadowLo(int row, int column) {
    check(row, column);
    return low.shadow(row, column);
  }

  /** Exact high sum in the shadow register of a PE; meaningful with double-buffered sums only. */
  public long shadowHi(int row, int column) {
    check(row, column);
    return high.shadow(row, column);
  }

  private int productLo(int row, int column) {
    return words.productLo(words.passed(row, column), row, column);
  }

  private int productHi(int row, int column) {
    return words.productHi(words.passed(row, column), row, column);
  }

  /** A snapshot of the registers of one PE. */
  public PeView view(int row, int column) {
    check(row, column);
    int i = row * columns + column;
    int word = words.passed(row, column) + 1;
    return new PeView(
        row,
        column,
        words.activation(word, row),
        words.operandHi(word, column),
        words.operandLo(word, column),
        isProductGiven ? highOf(givenProduct[i]) : productHi(row, column),
        isProductGiven ? lowOf(givenProduct[i]) : productLo(row, column),
        high.sum(row, column),
        low.sum(row, column));
  }

  private void check(int row, int column) {
    if (row < 0 || row >= rows || column < 0 || column >= columns) {
      throw new IndexOutOfBoundsException(
          "pe[" + row + "][" + column + "] is outside an array of " + rows + "x" + columns);
    }
  }
}
