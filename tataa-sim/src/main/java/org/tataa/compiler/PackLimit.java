package org.tataa.compiler;

import java.util.Locale;

/**
 * How many short items of a batch share the blocks of the array.
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
    if (items < 0) {
      throw new IllegalArgumentException("items=" + items + ", expected 0 or more");
    }
  }

  /**
   * Reads {@code auto}, {@code off} or a number of items.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  public static PackLimit parse(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "auto" -> AUTO;
      case "off" -> OFF;
      default -> {
        if (!text.matches("[1-9][0-9]{0,3}")) {
          throw new IllegalArgumentException(
              "pack `" + text + "`, expected auto, off or a number of items");
        }
        yield new PackLimit(Integer.parseInt(text));
      }
    };
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
