package org.tataa.isa;

/** Range checks shared by the instruction records. */
final class Fields {
  /** Largest value of a 32-bit address field. */
  static final long MAX_ADDRESS = 0xffff_ffffL;

  private Fields() {}

  static void range(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + "=" + value + " is outside [" + min + ", " + max + "]");
    }
  }
}
