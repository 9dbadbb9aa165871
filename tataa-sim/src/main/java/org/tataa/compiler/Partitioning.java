package org.tataa.compiler;

import java.util.Locale;

/**
 * How many cores of a device an item is split over.
 *
 * @param cores the number, or 0 if the least predicted cycles of the batch decide
 */
public record Partitioning(int cores) {
  /** Chosen for a batch by predicted cycles; never more than one if every core has an item. */
  public static final Partitioning AUTO = new Partitioning(0);

  /** Every item on one core. */
  public static final Partitioning OFF = new Partitioning(1);

  /**
   * Checks.
   *
   * @throws IllegalArgumentException if the number is negative
   */
  public Partitioning {
    if (cores < 0) {
      throw new IllegalArgumentException("cores=" + cores + ", expected 0 or more");
    }
  }

  /**
   * Reads {@code auto}, {@code off} or a number of cores.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  public static Partitioning parse(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "auto" -> AUTO;
      case "off" -> OFF;
      default -> {
        if (!text.matches("[1-9][0-9]{0,3}")) {
          throw new IllegalArgumentException(
              "partition `" + text + "`, expected auto, off or a number of cores");
        }
        yield new Partitioning(Integer.parseInt(text));
      }
    };
  }

  /** Whether the batch decides. */
  public boolean isAuto() {
    return cores == 0;
  }
}
