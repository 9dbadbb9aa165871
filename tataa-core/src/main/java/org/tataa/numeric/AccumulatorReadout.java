package org.tataa.numeric;

import org.tataa.config.AccumulatorKind;

/**
 * How the two exact sums of a PE are read out (arithmetic.md, int8 products). The high sum is that
 * of the effective weights, see {@link PackedMac#effectiveHi}.
 */
public final class AccumulatorReadout {
  private static final int FULL_LO_BITS = 19;
  private static final int FULL_HI_BITS = 29;

  private final AccumulatorKind kind;

  private AccumulatorReadout(AccumulatorKind kind) {
    this.kind = kind;
  }

  /** The read-out of an accumulator. */
  public static AccumulatorReadout of(AccumulatorKind kind) {
    return new AccumulatorReadout(kind);
  }

  /** Low value read. */
  public int lo(long sumLo, long sumHi) {
    return switch (kind) {
      case PACKED_FULL -> PackedMac.loFull(sumLo);
      case PACKED_INT16 -> PackedMac.lo16(sumLo);
      case INT32 -> (int) sumLo;
    };
  }

  /** High value read. */
  public int hi(long sumLo, long sumHi) {
    return switch (kind) {
      case PACKED_FULL -> PackedMac.hiFull(PackedMac.register48(sumLo, sumHi));
      case PACKED_INT16 -> PackedMac.hi16(PackedMac.register48(sumLo, sumHi));
      case INT32 -> (int) sumHi;
    };
  }

  /** Whether the true low sum does not fit the field it is read from. */
  public boolean wrapsLo(long sumLo) {
    return !fits(sumLo, kind == AccumulatorKind.PACKED_FULL ? FULL_LO_BITS : bits());
  }

  /** Whether the true high sum does not fit the field it is read from. */
  public boolean wrapsHi(long sumHi) {
    return !fits(sumHi, kind == AccumulatorKind.PACKED_FULL ? FULL_HI_BITS : bits());
  }

  /**
   * Whether sums of no larger magnitude are read out exactly, without wrap or borrow.
   *
   * @param largestLo largest magnitude of the low sums
   * @param largestHi largest magnitude of the high sums
   */
  public boolean isPlain(long largestLo, long largestHi) {
    return switch (kind) {
      case PACKED_FULL -> largestLo < 1L << FULL_LO_BITS - 1 && largestHi < 1L << FULL_HI_BITS - 1;
      case PACKED_INT16 -> false;
      case INT32 -> largestLo <= Integer.MAX_VALUE && largestHi <= Integer.MAX_VALUE;
    };
  }

  private int bits() {
    return kind == AccumulatorKind.PACKED_INT16 ? 16 : 32;
  }

  /** Whether the low sum has disturbed the high read-out by a carry or borrow. */
  public boolean borrow(long sumLo, long sumHi) {
    return switch (kind) {
      case PACKED_FULL -> !fits(sumLo, FULL_LO_BITS);
      case PACKED_INT16 -> sumLo >> PackedMac.HI_SHIFT != 0;
      case INT32 -> false;
    };
  }

  private static boolean fits(long value, int bits) {
    return value << (64 - bits) >> (64 - bits) == value;
  }
}
