package org.tataa.array;

import org.tataa.state.ScanChain;

/**
 * The processing elements of one core in both modes, and the skew registers in front of them. Two
 * arrays serve it: {@link RegisterArray}, which is the definition and moves every register in every
 * clock, and {@link FastArray}, which shows the same registers to whoever looks.
 *
 * <p>Rows count through the whole core, 0 at the top.
 */
public interface PeArray {
  /** Rows of the array. */
  int rows();

  /** Columns of the array. */
  int columns();

  /** All registers to zero, as reset does; no operation is in flight. */
  void reset();

  /**
   * One clock in int8 mode: every P takes its M, every M the product of L and R, operands move one
   * PE to the right and down, and a word enters the skew registers.
   *
   * @param x has a byte per row, that of the last row first, from {@code xFrom} on
   * @param y has one or two bytes per column (low, high), from {@code yFrom} on
   */
  void shift(byte[] x, int xFrom, byte[] y, int yFrom);

  /** One clock in int8 mode in which no word enters. */
  void shift();

  /**
   * A whole block passes an array whose L, R and M are zero, with as many clocks behind it as bring
   * every product into its sum.
   *
   * @param x words of {@code rows} bytes, that of the last row first
   * @param y words of one or two bytes per column
   * @param yStride bytes from word to word
   * @param depth words
   */
  default void accumulate(byte[] x, byte[] y, int yStride, int depth) {
    for (int word = 0; word < depth; word++) {
      shift(x, word * rows(), y, word * yStride);
    }
    for (int clock = 0; clock < rows() + columns(); clock++) {
      shift();
    }
  }

  /** All partial sums to zero; the next clock adds to that. */
  void clearSums();

  /**
   * With double-buffered sums: hands the sums on one anti-diagonal to the shadow registers.
   *
   * @param diagonal row + column of the PEs, 0..rows+columns-2
   */
  void captureDiagonal(int diagonal);

  /**
   * With double-buffered sums: clears the sums on one anti-diagonal.
   *
   * @param diagonal row + column of the PEs, 0..rows+columns-2
   */
  void clearDiagonal(int diagonal);

  /** Exact low partial sum of a PE. */
  long sumLo(int row, int column);

  /** Exact high partial sum of a PE (of the operands as the pre-adder delivers them). */
  long sumHi(int row, int column);

  /** Exact low sum in the shadow register of a PE; meaningful with double-buffered sums only. */
  long shadowLo(int row, int column);

  /** Exact high sum in the shadow register of a PE; meaningful with double-buffered sums only. */
  long shadowHi(int row, int column);

  /**
   * Copies the sums of a row.
   *
   * @param lo receives {@code [columns]} low sums from {@code to} on
   * @param hi receives the high sums
   * @return whether all of them fit an int, the lowest one left out; if not, nothing else counts
   */
  default boolean copySums(int row, int[] lo, int[] hi, int to) {
    for (int column = 0; column < columns(); column++) {
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

  /** Largest magnitude of a low sum. */
  long largestLo();

  /** Largest magnitude of a high sum. */
  long largestHi();

  /** Largest magnitude of {@code count} numbers, none of them the lowest int. */
  default int largest(int[] numbers, int count) {
    int largest = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, Math.abs(numbers[i]));
    }
    return largest;
  }

  /** The vector operations in flight: what is where in the columns. */
  VectorPipeline operations();

  /** One clock in bfloat16 mode: every operation whose operands are read moves by one register. */
  void moveOperations();

  /**
   * What an operation leaves behind that has passed P of the first stages: the partial sums in
   * these rows of every DMPU are gone.
   *
   * @param stages 0..4
   */
  void overwriteSums(int stages);

  /** Result of an operation that has left S3, a pattern per lane. */
  int[] result(VectorPipeline.Operation operation);

  /** The registers of one PE as they are now. */
  PeView view(int row, int column);

  /** Brings up to date what {@link #operations()} shows of results. */
  default void settle() {}

  /** Whether clocks may be left out and made up for later, as fast-forward does. */
  boolean mayLag();

  /**
   * Passes a chain over the skew registers and the registers of all PEs, after one over {@link
   * #operations()}.
   *
   * @throws org.tataa.state.ScanException if a restored operand is not one
   */
  void scan(ScanChain chain);

  /** What the PE in row {@code stage} of a DMPU holds, as a stage of its column. */
  default StageView stage(int dmpu, int column, int stage) {
    int lane = dmpu * columns() + column;
    return StageView.of(view(dmpu * Dmpu.ROWS + stage, column), lane, operations());
  }
}
