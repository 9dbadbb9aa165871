package org.tataa.compiler;

/**
 * How many items of a batch share blocks of the array: short ones a block, long ones their last.
 *
 * @param items the most items of a pack, or 0 if the least predicted cycles of the batch decide
 *     whether as many as fit are packed, or none
 */
public record PackLimit(int items) {
  /** Packed if it takes fewer predicted cycles. */
  public static final PackLimit AUTO = new PackLimit(0);

  /** Every item alone. */
  public static final PackLimit OFF = new PackLimit(1);

  /**
   * Checks.
   *
   * @throws IllegalArgumentException if the number is negative
   */
  public PackLimit {
    NumberChoice.check("items", items);
  }

  /**
   * Reads {@code auto}, {@code off} or a number of items.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  public static PackLimit parse(String text) {
    return new PackLimit(NumberChoice.parse("pack", "items", text));
  }

  /** {@code auto}, {@code off} or the number, as {@link #parse} reads it. */
  public String text() {
    return NumberChoice.text(items);
  }

  /** Whether predicted cycles decide. */
  public boolean isAuto() {
    return items == 0;
  }

  /** The most items of a pack. */
  public int most() {
    return isAuto() ? Integer.MAX_VALUE : items;
  }
}
