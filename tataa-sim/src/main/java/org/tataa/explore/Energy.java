package org.tataa.explore;

import java.math.BigDecimal;

/**
 * An estimate of energy in joules with the range that the uncertainties of a table give: all rows
 * at their lower ends, and all at their upper ends. Sums are exact.
 *
 * @param low all rows at their lower ends
 * @param estimate all rows at their values
 * @param high all rows at their upper ends
 */
public record Energy(BigDecimal low, BigDecimal estimate, BigDecimal high) {
  /** None. */
  public static final Energy NONE = new Energy(BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO);

  /** This energy and another. */
  public Energy plus(Energy other) {
    return new Energy(low.add(other.low), estimate.add(other.estimate), high.add(other.high));
  }

  /** The estimate in joules. */
  public double joules() {
    return estimate.doubleValue();
  }

  /** The lower end in joules. */
  public double lowJoules() {
    return low.doubleValue();
  }

  /** The upper end in joules. */
  public double highJoules() {
    return high.doubleValue();
  }
}
