package org.tataa.graph;

import java.util.Arrays;

/** The element types of ONNX by their numbers. */
public final class OnnxTypes {
  private static final String[] NAMES = {
    "UNDEFINED",
    "FLOAT",
    "UINT8",
    "INT8",
    "UINT16",
    "INT16",
    "INT32",
    "INT64",
    "STRING",
    "BOOL",
    "FLOAT16",
    "DOUBLE",
    "UINT32",
    "UINT64",
    "COMPLEX64",
    "COMPLEX128",
    "BFLOAT16",
    "FLOAT8E4M3FN",
    "FLOAT8E4M3FNUZ",
    "FLOAT8E5M2",
    "FLOAT8E5M2FNUZ",
    "UINT4",
    "INT4",
    "FLOAT4E2M1",
    "FLOAT8E8M0",
    "UINT2",
    "INT2"
  };

  private OnnxTypes() {}

  /** Name of a type. */
  public static String name(long type) {
    return type >= 0 && type < NAMES.length ? NAMES[(int) type] : "type " + type;
  }

  /** Number of a type, or -1. */
  public static int number(String name) {
    return Arrays.asList(NAMES).indexOf(name);
  }

  /**
   * What its elements become.
   *
   * @throws GraphException if it is not supported
   */
  public static ElementType element(long type) {
    return switch ((int) type) {
      case 1, 10, 11, 16 -> ElementType.FLOAT;
      case 2, 3, 4, 5, 6, 7, 12, 13, 21, 22, 25, 26 -> ElementType.INT;
      case 9 -> ElementType.BOOL;
      default -> throw new GraphException("element type " + name(type) + " is not supported");
    };
  }

  /** Bits of an element. */
  public static int bits(long type) {
    return switch ((int) type) {
      case 25, 26 -> 2;
      case 21, 22 -> 4;
      case 2, 3, 9 -> 8;
      case 4, 5, 10, 16 -> 16;
      case 1, 6, 12 -> 32;
      default -> 64;
    };
  }

  /** Whether it is a signed integer type. */
  public static boolean isSigned(long type) {
    return switch ((int) type) {
      case 3, 5, 6, 7, 22, 26 -> true;
      default -> false;
    };
  }

  /** Smallest value of an integer type. */
  public static long low(long type) {
    return isSigned(type) ? -1L << (bits(type) - 1) : 0;
  }

  /** Largest value of an integer type; of UINT64 the largest an element can hold here. */
  public static long high(long type) {
    int bits = bits(type) - (isSigned(type) ? 1 : 0);
    return bits >= 63 ? Long.MAX_VALUE : (1L << bits) - 1;
  }

  /** An integer as a type keeps it: its low bits. */
  public static long wrapped(long type, long value) {
    int unused = 64 - bits(type);
    return isSigned(type) ? value << unused >> unused : value << unused >>> unused;
  }

  /** Integers as a type keeps them. */
  static NdTensor wrapped(long type, NdTensor x) {
    if (x.type() != ElementType.INT || !x.isKnown() || bits(type) == 64) {
      return x;
    }
    long[] to = x.longs().clone();
    for (int i = 0; i < to.length; i++) {
      to[i] = wrapped(type, to[i]);
    }
    return NdTensor.of(to, x.shape());
  }
}
