package org.tataa.array;

import org.tataa.numeric.PackedMac;

/**
 * The registers of one PE, as they were when the view was taken. {@link ProcessingElement} tells
 * what they hold in either mode.
 *
 * @param dmpu the DMPU
 * @param row row in the DMPU, 0..3, 0 at the top
 * @param column column, 0 at the left
 * @param l L; in int8 mode the activation moving right, [-128, 127]
 * @param rHi R, high operand moving down, [-128, 128]
 * @param rLo R, low operand moving down, [-128, 127]
 * @param mHi M, high product
 * @param mLo M, low product
 * @param pHi P, exact high partial sum
 * @param pLo P, exact low partial sum
 * @param shadowHi high sum handed on, with double-buffered sums
 * @param shadowLo low sum handed on
 * @param rExponent exponent beside L and R
 * @param rDistance distance of exponents, or shift, beside L and R
 * @param rBypass result decided already beside L and R, with bit 16; 0 if not
 * @param mExponent exponent beside M
 * @param mDistance distance or shift beside M
 * @param mBypass result decided already beside M, with bit 16; 0 if not
 * @param pExponent exponent beside P
 * @param pDistance distance or shift beside P
 * @param pBypass result decided already beside P, with bit 16; 0 if not
 */
public record PeView(
    int dmpu,
    int row,
    int column,
    int l,
    int rHi,
    int rLo,
    int mHi,
    int mLo,
    long pHi,
    long pLo,
    long shadowHi,
    long shadowLo,
    int rExponent,
    int rDistance,
    int rBypass,
    int mExponent,
    int mDistance,
    int mBypass,
    int pExponent,
    int pDistance,
    int pBypass) {

  /** P as the 48-bit register of the DSP slice holds it, sign-extended (arithmetic.md). */
  public long register48() {
    return PackedMac.register48(pLo, pHi);
  }

  /** One line in the form a waveform viewer would show, as int8 mode reads it. */
  @Override
  public String toString() {
    return String.format(
        "%s L=%02x(%d) R={%d,%d} M={%d,%d} P=%012x{hi=%d,lo=%d}",
        ProcessingElement.path(dmpu, row, column),
        l & 0xff,
        l,
        rHi,
        rLo,
        mHi,
        mLo,
        register48() & 0xffff_ffff_ffffL,
        pHi,
        pLo);
  }
}
