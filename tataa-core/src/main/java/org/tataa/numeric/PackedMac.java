package org.tataa.numeric;

/**
 * Two int8 products in one DSP48E2 slice (arithmetic.md, int8 products): the weights packed as
 * {@code hi * 2^19 + lo} in 27 bits, the accumulator 48 bits wide.
 */
public final class PackedMac {
  /** Position of the high weight in the packed operand and of the high sum in the accumulator. */
  public static final int HI_SHIFT = 19;

  private PackedMac() {}

  /** The packed weights as the 27-bit pre-adder delivers them, sign-extended. */
  public static int packWeights(int hi, int lo) {
    return ((hi << HI_SHIFT) + lo) << 5 >> 5;
  }

  /** The accumulator after one more product, sign-extended from 48 bits. */
  public static long accumulate(long register, int packedWeights, int x) {
    return wrap48(register + (long) packedWeights * x);
  }

  /**
   * The high weight the products really use: hi = -128 with a negative low weight overflows the
   * pre-adder and acts as +128.
   */
  public static int effectiveHi(int hi, int lo) {
    return hi == -128 && lo < 0 ? 128 : hi;
  }

  /** The 48-bit register that belongs to two exact sums, sign-extended. */
  public static long register48(long sumLo, long sumHi) {
    return wrap48((sumHi << HI_SHIFT) + sumLo);
  }

  /** A value reduced to 48 bits, sign-extended. */
  public static long wrap48(long value) {
    return value << 16 >> 16;
  }

  /** PACKED_INT16 low read-out, bits 15:0, signed. */
  public static int lo16(long register) {
    return (short) register;
  }

  /** PACKED_INT16 high read-out, bits 34:19, signed. */
  public static int hi16(long register) {
    return (short) (register >> HI_SHIFT);
  }

  /** PACKED_FULL low read-out: 19 bits, signed. */
  public static int loFull(long register) {
    return (int) (register << 45 >> 45);
  }

  /** PACKED_FULL high read-out: 29 bits, the borrow of a negative low sum put back. */
  public static int hiFull(long register) {
    return (int) ((register - loFull(register)) >> HI_SHIFT) << 3 >> 3;
  }
}
