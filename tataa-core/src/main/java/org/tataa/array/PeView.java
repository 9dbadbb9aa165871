package org.tataa.array;

import org.tataa.numeric.PackedMac;

/**
 * The registers of one PE in int8 mode, as they were when the view was taken.
 *
 * @param row row in the core, 0 at the top
 * @param column column, 0 at the left
 * @param activation L, the activation moving right, [-128, 127]
 * @param operandHi high operand in R, moving down, [-128, 128]
 * @param operandLo low operand in R, moving down, [-128, 127]
 * @param productHi high product in M
 * @param productLo low product in M
 * @param sumHi exact high partial sum behind P
 * @param sumLo exact low partial sum behind P
 */
public record PeView(
    int row,
    int column,
    int activation,
    int operandHi,
    int operandLo,
    int productHi,
    int productLo,
    long sumHi,
    long sumLo) {

  /** P as the 48-bit register of the DSP slice holds it, sign-extended (arithmetic.md). */
  public long register48() {
    return PackedMac.register48(sumLo, sumHi);
  }

  /** One line in the form a waveform viewer would show. */
  @Override
  public String toString() {
    return String.format(
        "pe[%d][%d] L=%02x(%d) R={%d,%d} M={%d,%d} P=%012x{hi=%d,lo=%d}",
        row,
        column,
        activation & 0xff,
        activation,
        operandHi,
        operandLo,
        productHi,
        productLo,
        register48() & 0xffff_ffff_ffffL,
        sumHi,
        sumLo);
  }
}
