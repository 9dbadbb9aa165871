package org.tataa.numeric;

import org.tataa.state.ScanChain;

/**
 * Registers of the four-stage bfloat16 columns, one entry per lane (arithmetic.md, the four-stage
 * column). Stage s is computed by PE row s of a DMPU.
 *
 * <p>An operation on zero, infinity or NaN, and the operations that only pick a pattern, are
 * decided in S0; their result rides along in the bypass registers, which hold -1 otherwise.
 */
public final class ColumnRegisters {
  /** S0: exponent field of the first operand. */
  public final int[] s0ExponentA;

  /** S0: exponent field of the second operand. */
  public final int[] s0ExponentB;

  /** S0: sum less bias (multiply) or difference A - B (add) of the exponents. */
  public final int[] s0Exponent;

  /** S0: two's-complement mantissa of the first operand. */
  public final int[] s0MantissaA;

  /** S0: two's-complement mantissa of the second operand. */
  public final int[] s0MantissaB;

  /** S0: result decided already, or -1. */
  public final int[] s0Bypass;

  /** S1: exponent the result starts from. */
  public final int[] s1Exponent;

  /** S1: right shift of the smaller mantissa. */
  public final int[] s1Shift;

  /** S1: mantissa of the larger exponent (add) or of the first operand (multiply). */
  public final int[] s1MantissaLarge;

  /** S1: mantissa to be shifted (add) or of the second operand (multiply). */
  public final int[] s1MantissaSmall;

  /** S1: result decided already, or -1. */
  public final int[] s1Bypass;

  /** S2: product or aligned sum, two's complement. */
  public final int[] s2Value;

  /** S2: exponent that belongs to the value. */
  public final int[] s2Exponent;

  /** S2: result decided already, or -1. */
  public final int[] s2Bypass;

  /** S3: sign before packing, 0 or 1. */
  public final int[] s3Sign;

  /** S3: exponent field before packing. */
  public final int[] s3Exponent;

  /** S3: mantissa field before packing. */
  public final int[] s3Mantissa;

  /** S3: packed result. */
  public final int[] result;

  /** Registers of {@code lanes} lanes, all zero. */
  public ColumnRegisters(int lanes) {
    s0ExponentA = new int[lanes];
    s0ExponentB = new int[lanes];
    s0Exponent = new int[lanes];
    s0MantissaA = new int[lanes];
    s0MantissaB = new int[lanes];
    s0Bypass = new int[lanes];
    s1Exponent = new int[lanes];
    s1Shift = new int[lanes];
    s1MantissaLarge = new int[lanes];
    s1MantissaSmall = new int[lanes];
    s1Bypass = new int[lanes];
    s2Value = new int[lanes];
    s2Exponent = new int[lanes];
    s2Bypass = new int[lanes];
    s3Sign = new int[lanes];
    s3Exponent = new int[lanes];
    s3Mantissa = new int[lanes];
    result = new int[lanes];
  }

  /**
   * Passes a chain over the registers of the stages done.
   *
   * @param stages 0..4
   */
  public void scan(ScanChain chain, int stages) {
    if (stages > 0) {
      chain.scan("s0.expA", s0ExponentA);
      chain.scan("s0.expB", s0ExponentB);
      chain.scan("s0.exp", s0Exponent);
      chain.scan("s0.manA", s0MantissaA);
      chain.scan("s0.manB", s0MantissaB);
      chain.scan("s0.bypass", s0Bypass);
    }
    if (stages > 1) {
      chain.scan("s1.exp", s1Exponent);
      chain.scan("s1.shift", s1Shift);
      chain.scan("s1.large", s1MantissaLarge);
      chain.scan("s1.small", s1MantissaSmall);
      chain.scan("s1.bypass", s1Bypass);
    }
    if (stages > 2) {
      chain.scan("s2.value", s2Value);
      chain.scan("s2.exp", s2Exponent);
      chain.scan("s2.bypass", s2Bypass);
    }
    if (stages > 3) {
      chain.scan("s3.sign", s3Sign);
      chain.scan("s3.exp", s3Exponent);
      chain.scan("s3.man", s3Mantissa);
      chain.scan("s3.result", result);
    }
  }

  /**
   * The registers of one stage as a hardware engineer reads them.
   *
   * @param stage 0..3
   */
  public String describe(int lane, int stage) {
    return switch (stage) {
      case 0 ->
          String.format(
              "expA=%02x expB=%02x exp=%d manA=%03x(%d) manB=%03x(%d)%s",
              s0ExponentA[lane],
              s0ExponentB[lane],
              s0Exponent[lane],
              s0MantissaA[lane] & 0x1ff,
              s0MantissaA[lane],
              s0MantissaB[lane] & 0x1ff,
              s0MantissaB[lane],
              bypass(s0Bypass[lane]));
      case 1 ->
          String.format(
              "exp=%d shift=%d large=%03x(%d) small=%03x(%d)%s",
              s1Exponent[lane],
              s1Shift[lane],
              s1MantissaLarge[lane] & 0x1ff,
              s1MantissaLarge[lane],
              s1MantissaSmall[lane] & 0x1ff,
              s1MantissaSmall[lane],
              bypass(s1Bypass[lane]));
      case 2 ->
          String.format(
              "value=%06x(%d) exp=%d%s",
              s2Value[lane] & 0xffffff, s2Value[lane], s2Exponent[lane], bypass(s2Bypass[lane]));
      case 3 ->
          String.format(
              "sign=%d exp=%02x man=%02x result=%s",
              s3Sign[lane], s3Exponent[lane], s3Mantissa[lane], Bfloat16.format(result[lane]));
      default -> throw new IllegalArgumentException("stage=" + stage + " is outside [0, 3]");
    };
  }

  private static String bypass(int bits) {
    return bits < 0 ? "" : " bypass=" + Bfloat16.format(bits);
  }
}
