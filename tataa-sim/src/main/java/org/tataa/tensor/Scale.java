package org.tataa.tensor;

/**
 * A requantiser scale {@code mantissa * 2^-rightShift} (arithmetic.md, Requantiser).
 *
 * @param mantissa signed 16 bit
 * @param rightShift 0..31
 */
public record Scale(int mantissa, int rightShift) {
  /** The scale 1. */
  public static final Scale ONE = new Scale(1, 0);

  /**
   * The nearest scale to a value.
   *
   * @throws IllegalArgumentException if the value is not finite or too large for 16 bits
   */
  public static Scale of(double value) {
    if (!Double.isFinite(value) || Math.abs(value) > Short.MAX_VALUE) {
      throw new IllegalArgumentException(
          "scale=" + value + " is outside [-32767, 32767], what a 16-bit mantissa can hold");
    }
    int shift = 31;
    while (shift > 0 && Math.abs(Math.rint(Math.scalb(value, shift))) > Short.MAX_VALUE) {
      shift--;
    }
    return new Scale((int) Math.rint(Math.scalb(value, shift)), shift);
  }

  /** The exact value. */
  public double value() {
    return Math.scalb((double) mantissa, -rightShift);
  }

  @Override
  public String toString() {
    return mantissa + ">>" + rightShift;
  }
}
