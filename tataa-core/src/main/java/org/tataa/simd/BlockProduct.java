package org.tataa.simd;

/**
 * The product of one X tile and one Y tile, {@code [rows][depth] x [depth][columns]}: what all PEs
 * together compute in a block. Sums are exact modulo 2^32. Not thread safe.
 */
public interface BlockProduct {
  /**
   * Adds to every PE's sums: {@code sumLo[row * columns + c]} gets the sum over {@code k} of {@code
   * x(k, row) * lo(k, c)}, {@code sumHi} that of {@code hi}.
   *
   * <p>{@code x(k, row)} is byte {@code rows - 1 - row} of word {@code k}: row 0 comes last. {@code
   * lo(k, c)} is byte {@code outputsPerColumn * c} of word {@code k} of Y and {@code hi(k, c)} the
   * byte after it. If the kernel was made for packed operands, {@code hi = -128} with a negative
   * {@code lo} acts as +128.
   *
   * @param x words of {@code rows} bytes
   * @param y words {@code yStride} bytes apart
   * @param yStride at least {@code outputsPerColumn * columns}
   * @param depth words, 0 to the tile depth of the kernel
   * @param sumLo {@code rows * columns} sums
   * @param sumHi {@code rows * columns} sums; untouched with one output per column
   * @throws IllegalArgumentException if there are more words than the tile depth
   */
  void addTo(byte[] x, byte[] y, int yStride, int depth, int[] sumLo, int[] sumHi);

  /**
   * The largest magnitude of a sum.
   *
   * @param sums at least {@code count} sums, none of them the lowest int
   */
  int largest(int[] sums, int count);
}
