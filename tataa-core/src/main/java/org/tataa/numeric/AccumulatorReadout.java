package org.tataa.numeric;

import org.tataa.config.AccumulatorKind;

/**
 * How the two exact sums of a PE are read out (arithmetic.md, int8 products). The high sum is that
 * of the effective weights, see {@link PackedMac#effectiveHi}.
 */
public final class AccumulatorReadout {
  private static final int FULL_LO_BITS = 19;
  private static final int FULL_HI_BITS = 29;

  private final boolean isFull;
  private final boolean isInt16;
  private final int loBits;
  private final int hiBits;

  private AccumulatorReadout(AccumulatorKind kind) {
    isFull = kind == AccumulatorKind.PACKED_FULL;
    isInt16 = kind == AccumulatorKind.PACKED_INT16;
    loBits = isFull ? FULL_LO_BITS : isInt16 ? 16 : 32;
    hiBits = isFull ? FULL_HI_BITS : isInt16 ? 16 : 32;
  }

  /** The read-out of an accumulator. */
  public static AccumulatorReadout of(AccumulatorKind kind) {
    return new AccumulatorReadout(kind);
  }

  /** Low value read. */
  public int lo(long sumLo, long sumHi) {
    if (isFull) {
      return PackedMac.loFull(sumLo);
    }
    return isInt16 ? PackedMac.lo16(sumLo) : (int) sumLo;
  }

  /** High value read. */
  public int hi(long sumLo, long sumHi) {
    if (isFull) {
      return PackedMac.hiFull(PackedMac.register48(sumLo, sumHi));
    }
    return isInt16 ? PackedMac.hi16(PackedMac.register48(sumLo, sumHi)) : (int) sumHi;
  }

  /** Whether the true low sum does not fit the field it is read from. */
  public boolean wrapsLo(long sumLo) {
    return !fits(sumLo, loBits);
  }

  /** Whether the true high sum does not fit the field it is read from. */
  public boolean wrapsHi(long sumHi) {
    return !fits(sumHi, hiBits);
  }

  /**
   * Whether sums of no larger magnitude are read out exactly, without wrap or borrow.
   *
   * @param largestLo largest magnitude of the low sums
   * @param largestHi largest magnitude of the high sums
   */
  public boolean isPlain(long largestLo, long largestHi) {
    return !isInt16 && largestLo < 1L << loBits - 1 && largestHi < 1L << hiBits - 1;
  }

  /** Whether the low sum has disturbed the high read-out by a carry or borrow. */
  public boolean borrow(long sumLo, long sumHi) {
    if (isFull) {
      return !fits(sumLo, FULL_LO_BITS);
    }
    return isInt16 && sumLo >> PackedMac.HI_SHIFT != 0;
  }

  private static boolean fits(long value, int bits) {
    return value << (64 - bits) >> (64 - bits) == value;
  }
}
