package org.tataa.array;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.TataaConfig;
import org.tataa.numeric.ColumnStages;
import org.tataa.numeric.LaneOp;
import org.tataa.numeric.PackedMac;
import org.tataa.simd.BlockShape;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;

/**
 * The array as it is built: {@link Dmpu}s of {@link ProcessingElement}s, stacked, with skew
 * registers at the left and at the top. Every register is a field and moves in every clock.
 *
 * <pre>
 *           y -> c skew registers in front of column c
 *                    v
 *  x -> r skew    DMPU 0    rows 0..3
 *       registers    v
 *       in front  DMPU 1    rows 4..7
 *       of row r     v
 * </pre>
 */
public final class RegisterArray implements PeArray {
  private final BlockShape shape;
  private final Dmpu[] dmpus;
  private final DelayLine[] skewX;
  private final DelayLine[] skewHi;
  private final DelayLine[] skewLo;
  private final VectorPipeline operations;

  /** What enters in this clock: an activation per row, an operand pair per column. */
  private final int[] wordX;

  private final int[] wordHi;
  private final int[] wordLo;

  /** What stands behind the skew registers: at the left of all rows, above a DMPU. */
  private final int[] left;

  private final int[] topHi;
  private final int[] topLo;

  /** What the operation at every position computes, null where there is none. */
  private final @Nullable LaneOp[] at = new LaneOp[VectorPipeline.RESULT];

  /** The array of one core, all registers zero. */
  public RegisterArray(TataaConfig config) {
    this(
        shape(config), ColumnStages.of(config.profiles().arithmetic()), new VectorPipeline(config));
  }

  RegisterArray(BlockShape shape, ColumnStages stages, VectorPipeline operations) {
    this.shape = shape;
    this.operations = operations;
    dmpus = new Dmpu[shape.rows() / Dmpu.ROWS];
    for (int number = 0; number < dmpus.length; number++) {
      dmpus[number] = new Dmpu(number, shape.columns(), stages);
    }
    skewX = lines(shape.rows());
    skewHi = lines(shape.columns());
    skewLo = lines(shape.columns());
    wordX = new int[shape.rows()];
    wordHi = new int[shape.columns()];
    wordLo = new int[shape.columns()];
    left = new int[shape.rows()];
    topHi = new int[shape.columns()];
    topLo = new int[shape.columns()];
  }

  /** What a block looks like on the array of a core. */
  static BlockShape shape(TataaConfig config) {
    return new BlockShape(
        config.geometry().rows(),
        config.geometry().columns(),
        config.geometry().outputsPerColumn(),
        config.profiles().accumulator() != AccumulatorKind.INT32,
        config.buffers().tileDepth());
  }

  private static DelayLine[] lines(int count) {
    DelayLine[] lines = new DelayLine[count];
    for (int length = 0; length < count; length++) {
      lines[length] = new DelayLine(length);
    }
    return lines;
  }

  @Override
  public int rows() {
    return shape.rows();
  }

  @Override
  public int columns() {
    return shape.columns();
  }

  /** One of its DMPUs, 0 at the top. */
  Dmpu dmpu(int number) {
    return dmpus[number];
  }

  /** A PE by its row in the core. */
  ProcessingElement pe(int row, int column) {
    return dmpus[row / Dmpu.ROWS].pe(row % Dmpu.ROWS, column);
  }

  /** The skew registers in front of a row. */
  DelayLine skewX(int row) {
    return skewX[row];
  }

  /** The skew registers of the high operands in front of a column. */
  DelayLine skewHi(int column) {
    return skewHi[column];
  }

  /** The skew registers of the low operands in front of a column. */
  DelayLine skewLo(int column) {
    return skewLo[column];
  }

  @Override
  public void reset() {
    operations.reset();
    for (Dmpu dmpu : dmpus) {
      dmpu.reset();
    }
    for (DelayLine line : skewX) {
      line.reset();
    }
    for (int column = 0; column < columns(); column++) {
      skewHi[column].reset();
      skewLo[column].reset();
    }
  }

  @Override
  public void shift(byte[] x, int xFrom, byte[] y, int yFrom) {
    for (int row = 0; row < wordX.length; row++) {
      wordX[row] = x[xFrom + wordX.length - 1 - row];
    }
    for (int column = 0; column < wordLo.length; column++) {
      int from = yFrom + column * shape.outputsPerColumn();
      wordLo[column] = y[from];
      if (shape.outputsPerColumn() == 2) {
        int hi = y[from + 1];
        wordHi[column] = shape.packed() ? PackedMac.effectiveHi(hi, wordLo[column]) : hi;
      }
    }
    clockInt8();
  }

  @Override
  public void shift() {
    Arrays.fill(wordX, 0);
    Arrays.fill(wordHi, 0);
    Arrays.fill(wordLo, 0);
    clockInt8();
  }

  private void clockInt8() {
    for (int row = 0; row < wordX.length; row++) {
      left[row] = skewX[row].read(wordX[row]);
    }
    for (int column = 0; column < wordLo.length; column++) {
      topHi[column] = skewHi[column].read(wordHi[column]);
      topLo[column] = skewLo[column].read(wordLo[column]);
    }
    for (int number = 0; number < dmpus.length; number++) {
      dmpus[number].readInt8(left, number * Dmpu.ROWS, topHi, topLo);
    }
    for (Dmpu dmpu : dmpus) {
      dmpu.writeInt8();
    }
    for (int row = 0; row < wordX.length; row++) {
      skewX[row].write(wordX[row]);
    }
    for (int column = 0; column < wordLo.length; column++) {
      skewHi[column].write(wordHi[column]);
      skewLo[column].write(wordLo[column]);
    }
  }

  @Override
  public void clearSums() {
    for (int row = 0; row < rows(); row++) {
      for (int column = 0; column < columns(); column++) {
        pe(row, column).clear();
      }
    }
  }

  @Override
  public void captureDiagonal(int diagonal) {
    for (int row = firstRow(diagonal); row <= lastRow(diagonal); row++) {
      pe(row, diagonal - row).capture();
    }
  }

  @Override
  public void clearDiagonal(int diagonal) {
    for (int row = firstRow(diagonal); row <= lastRow(diagonal); row++) {
      pe(row, diagonal - row).clear();
    }
  }

  private int firstRow(int diagonal) {
    return Math.max(0, diagonal - columns() + 1);
  }

  private int lastRow(int diagonal) {
    return Math.min(rows() - 1, diagonal);
  }

  @Override
  public long sumLo(int row, int column) {
    return pe(row, column).pLo;
  }

  @Override
  public long sumHi(int row, int column) {
    return pe(row, column).pHi;
  }

  @Override
  public long shadowLo(int row, int column) {
    return pe(row, column).shadowLo;
  }

  @Override
  public long shadowHi(int row, int column) {
    return pe(row, column).shadowHi;
  }

  @Override
  public long largestLo() {
    long largest = 0;
    for (int row = 0; row < rows(); row++) {
      for (int column = 0; column < columns(); column++) {
        largest = Math.max(largest, Math.abs(sumLo(row, column)));
      }
    }
    return largest;
  }

  @Override
  public long largestHi() {
    long largest = 0;
    for (int row = 0; row < rows(); row++) {
      for (int column = 0; column < columns(); column++) {
        largest = Math.max(largest, Math.abs(sumHi(row, column)));
      }
    }
    return largest;
  }

  @Override
  public VectorPipeline operations() {
    return operations;
  }

  @Override
  public void moveOperations() {
    VectorPipeline.Operation entering = null;
    VectorPipeline.Operation leaving = null;
    boolean isEmpty = true;
    Arrays.fill(at, null);
    for (int i = 0; i < operations.size(); i++) {
      VectorPipeline.Operation operation = operations.inFlight(i);
      int position = operation.position;
      if (position >= 0 && position < VectorPipeline.RESULT) {
        at[position] = operation.op();
        entering = position == 0 ? operation : entering;
        leaving = position == VectorPipeline.RESULT - 1 ? operation : leaving;
        operation.position++;
        isEmpty = false;
      }
    }
    if (!isEmpty) {
      clockBf16(entering, leaving);
    }
  }

  private void clockBf16(
      VectorPipeline.@Nullable Operation entering, VectorPipeline.@Nullable Operation leaving) {
    for (int number = 0; number < dmpus.length; number++) {
      int lane = number * columns();
      dmpus[number].readBf16(entering, at, lane);
      if (leaving != null) {
        dmpus[number].readResult(leaving.result, lane);
      }
    }
    for (Dmpu dmpu : dmpus) {
      dmpu.writeBf16(at);
    }
  }

  @Override
  public void overwriteSums(int stages) {
    for (int row = 0; row < rows(); row++) {
      for (int column = 0; column < columns() && row % Dmpu.ROWS < stages; column++) {
        pe(row, column).clear();
      }
    }
  }

  @Override
  public int[] result(VectorPipeline.Operation operation) {
    return operation.result;
  }

  @Override
  public PeView view(int row, int column) {
    return pe(row, column).view();
  }

  @Override
  public boolean mayLag() {
    return false;
  }

  @Override
  public void scan(ScanChain chain) {
    chain.unit("skew");
    for (int row = 1; row < rows(); row++) {
      chain.scan("x" + row, skewX[row].registers);
    }
    for (int column = 1; column < columns(); column++) {
      chain.scan("hi" + column, skewHi[column].registers);
      chain.scan("lo" + column, skewLo[column].registers);
    }
    for (Dmpu dmpu : dmpus) {
      dmpu.scan(chain);
    }
    chain.unit("");
    check();
  }

  // Operands may have come from outside.
  private void check() {
    for (int row = 0; row < rows(); row++) {
      for (int value : skewX[row].registers) {
        checkActivation("skew.x" + row, value);
      }
    }
    for (int column = 0; column < columns(); column++) {
      for (int i = 0; i < column; i++) {
        checkPair("skew." + column, skewHi[column].registers[i], skewLo[column].registers[i]);
      }
    }
    for (int row = 0; row < rows(); row++) {
      if (operations.at(VectorPipeline.position(row % Dmpu.ROWS, 0)) == null) {
        for (int column = 0; column < columns(); column++) {
          ProcessingElement one = pe(row, column);
          checkActivation(one.path() + ".l", one.l);
          checkPair(one.path() + ".r", one.rHi, one.rLo);
        }
      }
    }
  }

  private static void checkActivation(String register, int value) {
    if (value != (byte) value) {
      throw new ScanException(register + "=" + value + " is not an int8 operand");
    }
  }

  // The pre-adder makes 128 of a high operand of -128 beside a negative low one.
  private void checkPair(String register, int hi, int lo) {
    int possible = shape.hasPackedPairs() ? PackedMac.effectiveHi((byte) hi, lo) : (byte) hi;
    if (lo != (byte) lo || hi != (shape.outputsPerColumn() == 1 ? 0 : possible)) {
      throw new ScanException(register + "={" + hi + "," + lo + "} is not a pair of int8 operands");
    }
  }
}
