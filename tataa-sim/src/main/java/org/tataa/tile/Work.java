package org.tataa.tile;

/**
 * What a step does for the model, padding left out.
 *
 * @param kind kind of work
 * @param value name of the value it makes or helps to make
 * @param macs useful int8 multiply-accumulates
 * @param laneOperations useful bfloat16 operations
 */
public record Work(Kind kind, String value, long macs, long laneOperations) {
  /** Kinds of work, for reports. */
  public enum Kind {
    /** A product with a constant operand. */
    LINEAR,
    /** A product of two computed operands. */
    PRODUCT,
    /** Element by element. */
    LANES,
    /** Sums and maxima. */
    REDUCTION,
    /** int8 codes made from bfloat16, or rearranged. */
    CODES,
    /** Done by the host between programs. */
    HOST
  }
}
