package org.tataa.compiler;

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
    NumberChoice.check("cores", cores);
  }

  /**
   * Reads {@code auto}, {@code off} or a number of cores.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  public static Partitioning parse(String text) {
    return new Partitioning(NumberChoice.parse("partition", "cores", text));
  }

  /** {@code auto}, {@code off} or the number, as {@link #parse} reads it. */
  public String text() {
    return NumberChoice.text(cores);
  }

  /** Whether the batch decides. */
  public boolean isAuto() {
    return cores == 0;
  }
}
