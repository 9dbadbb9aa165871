package org.tataa.array;

import org.tataa.config.TataaConfig;
import org.tataa.numeric.ColumnStages;
import org.tataa.simd.BlockProduct;
import org.tataa.simd.BlockShape;
import org.tataa.simd.HostKernels;
import org.tataa.state.ScanChain;

/**
 * The same registers as {@link RegisterArray}, as views: nothing is moved, and what nobody looks at
 * is not computed.
 *
 * <p>In int8 mode a word that entered {@code age} clocks ago stands in L and R of the PEs with row
 * + column = age; in the clock after that its product is in M, and then in P. So the registers of
 * operands are views of the last words ({@link OperandWords}), and sums are added up for many
 * clocks at once ({@link PartialSums}). In bfloat16 mode a register is the word of the operation
 * that is there ({@link StageWords}). Whoever looks at a register sees what the hardware holds in
 * that clock; looking changes nothing. decisions/0006 says why.
 *
 * <p>Arrays are row-major {@code [rows][columns]}. The two sums of a DSP slice are kept apart and
 * exact; the 48-bit register of the hardware is a function of both ({@link PeView#register48()}).
 */
public final class FastArray implements PeArray {
  /** Words whose products are added up at once. */
  private static final int BATCH = 128;

  /** Words after which int sums are moved away, before they could overflow. */
  private static final int SPILL_DEPTH = 120_000;

  private final BlockShape shape;
  private final ColumnStages stages;
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
  private final VectorPipeline operations;
  private final StageWords stageWords;
  private int depthSinceSpill;

  /** Stages whose partial sums operations have overwritten since words last moved. */
  private int overwritten;

  /** The array of one core, all registers zero. */
  public FastArray(TataaConfig config) {
    this(config, HostKernels.best());
  }

  /** The array of one core with a choice of kernels, all registers zero. */
  public FastArray(TataaConfig config, HostKernels kernels) {
    this(
        RegisterArray.shape(config),
        ColumnStages.of(config.profiles().arithmetic()),
        new VectorPipeline(config),
        kernels);
  }

  FastArray(BlockShape shape, ColumnStages stages, VectorPipeline operations, HostKernels kernels) {
    this.shape = shape;
    this.stages = stages;
    this.operations = operations;
    rows = shape.rows();
    columns = shape.columns();
    underWay = rows + columns;
    words = new OperandWords(shape, underWay + BATCH);
    product = kernels.blockProduct(shape.withTileDepth(Math.max(shape.tileDepth(), BATCH)));
    low = new PartialSums(false, rows, columns, words, capture, clear);
    high = new PartialSums(true, rows, columns, words, capture, clear);
    stageWords = new StageWords(stages, operations, rows / Dmpu.ROWS * columns);
  }

  @Override
  public void reset() {
    operations.reset();
    words.clear();
    words.forgetGivenProducts();
    capture.end();
    clear.end();
    clearSums();
    low.clearShadows();
    high.clearShadows();
  }

  @Override
  public void shift(byte[] x, int xFrom, byte[] y, int yFrom) {
    beforeShift();
    words.enter(x, xFrom, y, yFrom);
  }

  @Override
  public void shift() {
    beforeShift();
    words.enterNone();
  }

  private void beforeShift() {
    countWords(1);
    overwritten = 0;
    if (words.isProductGiven()) {
      takeGivenProducts();
    }
    if (words.isFull()) {
      addUp();
    }
  }

  // What the sums will get for this clock is the product of the words; make it the given one.
  private void takeGivenProducts() {
    endWavefronts();
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        int word = words.passed(row, column);
        low.add(row, column, words.mLo(row, column) - words.productLo(word, row, column));
        high.add(row, column, words.mHi(row, column) - words.productHi(word, row, column));
      }
    }
    words.forgetGivenProducts();
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

  @Override
  public void clearSums() {
    endWavefronts();
    if (isIdle()) {
      words.clear();
    }
    low.clear();
    high.clear();
    depthSinceSpill = words.count();
    if (words.count() > 0) {
      for (int diagonal = 0; diagonal <= lastDiagonal(); diagonal++) {
        clearNow(diagonal);
      }
    }
  }

  // Moves the int sums into their wide parts before 2^17 products could overflow an int.
  private void countWords(int count) {
    depthSinceSpill += count;
    if (depthSinceSpill > SPILL_DEPTH) {
      addUp();
      low.spill();
      high.spill();
      depthSinceSpill = count;
    }
  }

  @Override
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

  @Override
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
      depthSinceSpill = words.count();
    }
  }

  private void captureNow(int diagonal) {
    low.captureDiagonal(diagonal);
    high.captureDiagonal(diagonal);
  }

  private void clearNow(int diagonal) {
    low.clearDiagonal(diagonal);
    high.clearDiagonal(diagonal);
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

  @Override
  public void accumulate(byte[] x, byte[] y, int yStride, int depth) {
    overwritten = 0;
    countWords(depth);
    product.addTo(x, y, yStride, depth, low.ints(), high.ints());
  }

  @Override
  public long largestLo() {
    return areSumsInts() ? low.largestInt(product) : low.largest();
  }

  @Override
  public long largestHi() {
    return areSumsInts() ? high.largestInt(product) : high.largest();
  }

  @Override
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

  @Override
  public boolean copySums(int row, int[] lo, int[] hi, int to) {
    if (areSumsInts()) {
      System.arraycopy(low.ints(), row * columns, lo, to, columns);
      System.arraycopy(high.ints(), row * columns, hi, to, columns);
      return true;
    }
    return PeArray.super.copySums(row, lo, hi, to);
  }

  @Override
  public VectorPipeline operations() {
    return operations;
  }

  @Override
  public void moveOperations() {
    for (int i = 0; i < operations.size(); i++) {
      VectorPipeline.Operation operation = operations.inFlight(i);
      int position = operation.position;
      if (position >= 0 && position < VectorPipeline.RESULT) {
        operation.position = position + 1;
        overwriteSums((position + 1) / ProcessingElement.REGISTERS);
      }
    }
  }

  @Override
  public void overwriteSums(int reached) {
    if (overwritten < reached) {
      endWavefronts();
      addUp();
    }
    for (; overwritten < reached; overwritten++) {
      for (int row = overwritten; row < rows; row += Dmpu.ROWS) {
        low.clearRow(row);
        high.clearRow(row);
      }
    }
  }

  @Override
  public int[] result(VectorPipeline.Operation operation) {
    return stageWords.result(operation);
  }

  @Override
  public void settle() {
    stageWords.settleResults();
  }

  @Override
  public boolean mayLag() {
    return true;
  }

  /** Passes a chain over the array of registers that this one stands for. */
  @Override
  public void scan(ScanChain chain) {
    endWavefronts();
    RegisterArray registers = new RegisterArray(shape, stages, operations);
    words.fill(registers);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        fill(registers.pe(row, column), row);
      }
    }
    registers.scan(chain);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        stageWords.take(registers.pe(row, column), lane(row, column));
      }
    }
    overwritten = 0;
    words.take(registers);
    low.take(registers);
    high.take(registers);
  }

  private int lane(int row, int column) {
    return row / Dmpu.ROWS * columns + column;
  }

  // What all registers of a PE hold.
  private void fill(ProcessingElement pe, int row) {
    int column = pe.column;
    words.fill(pe, row);
    pe.pHi = high.sum(row, column);
    pe.pLo = low.sum(row, column);
    pe.shadowHi = high.shadow(row, column);
    pe.shadowLo = low.shadow(row, column);
    stageWords.fill(pe, lane(row, column));
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public long sumLo(int row, int column) {
    return low.sum(row, column);
  }

  @Override
  public long sumHi(int row, int column) {
    return high.sum(row, column);
  }

  @Override
  public long shadowLo(int row, int column) {
    return low.shadow(row, column);
  }

  @Override
  public long shadowHi(int row, int column) {
    return high.shadow(row, column);
  }

  @Override
  public PeView view(int row, int column) {
    ProcessingElement pe = new ProcessingElement(row / Dmpu.ROWS, row % Dmpu.ROWS, column, stages);
    fill(pe, row);
    return pe.view();
  }
}
