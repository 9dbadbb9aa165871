package org.tataa.simd;

/**
 * The conversions of the store path over many values, CORRECTED arithmetic: same results as {@link
 * org.tataa.numeric.Requantizer}. The scale is {@code mantissa * 2^-rightShift} with a signed
 * 16-bit mantissa and a shift of 0..31. Not thread safe.
 *
 * <p>Results lie in memory order: with two outputs per column the low and the high one of column 0,
 * then those of column 1, and so on; with one output the low ones.
 */
public interface RequantiseKernel {
  /**
   * Partial sums to int8, one byte each: scaled, rounded to nearest even, saturated.
   *
   * @param lo low sums of the columns {@code from} to {@code from + columns - 1}
   * @param hi high sums of the same columns; ignored with one output per column
   * @param out receives {@code columns * outputsPerColumn} bytes at {@code outFrom}
   * @return number of saturated results
   */
  int accToInt8(
      int[] lo,
      int[] hi,
      int from,
      int columns,
      int outputsPerColumn,
      int mantissa,
      int rightShift,
      byte[] out,
      int outFrom);

  /**
   * Partial sums to bfloat16, two bytes each, low byte first: the exact product rounded once, to
   * nearest even.
   *
   * @param lo low sums of the columns {@code from} to {@code from + columns - 1}
   * @param hi high sums of the same columns; ignored with one output per column
   * @param out receives {@code 2 * columns * outputsPerColumn} bytes at {@code outFrom}
   */
  void accToBf16(
      int[] lo,
      int[] hi,
      int from,
      int columns,
      int outputsPerColumn,
      int mantissa,
      int rightShift,
      byte[] out,
      int outFrom);

  /**
   * bfloat16 to int8: scaled, rounded to nearest even, saturated; NaN gives 0.
   *
   * @param lo patterns in bits 15:0 of {@code lo[from]} and following; higher bits are ignored
   * @param out receives {@code count} bytes at {@code outFrom}
   * @return number of saturated results, plus 2^32 times the number of NaN
   */
  long bf16ToInt8(
      int[] lo, int from, int count, int mantissa, int rightShift, byte[] out, int outFrom);
}
