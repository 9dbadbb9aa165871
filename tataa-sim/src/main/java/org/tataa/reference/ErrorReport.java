package org.tataa.reference;

import java.util.List;

/**
 * How far a result is from its float32 reference.
 *
 * @param name what was compared
 * @param rows rows of both
 * @param columns columns of both
 * @param maxAbs largest absolute error
 * @param meanAbs mean absolute error
 * @param maxRel largest relative error; the denominator is at least 1 % of the largest reference
 * @param meanRel mean relative error, same denominator
 * @param cosine cosine of both as vectors
 * @param meanRowCosine mean cosine of the rows
 * @param minRowCosine smallest cosine of a row
 * @param sqnrDb signal to quantisation noise in dB; infinite if both are equal
 * @param notFinite values of the result that are NaN or infinite; any makes the comparison useless
 * @param worst the elements with the largest absolute errors
 */
public record ErrorReport(
    String name,
    int rows,
    int columns,
    double maxAbs,
    double meanAbs,
    double maxRel,
    double meanRel,
    double cosine,
    double meanRowCosine,
    double minRowCosine,
    double sqnrDb,
    int notFinite,
    List<Worst> worst) {

  /** One element with a large error. */
  public record Worst(int row, int column, float actual, float expected) {
    /** Absolute error. */
    public double error() {
      return Math.abs((double) actual - expected);
    }
  }

  /** Takes a copy of the list. */
  public ErrorReport {
    worst = List.copyOf(worst);
  }

  @Override
  public String toString() {
    return String.format(
        "%s %dx%d: max %.4g, mean %.4g, cosine %.6f (rows: mean %.6f, min %.6f), SQNR %.1f dB%s",
        name,
        rows,
        columns,
        maxAbs,
        meanAbs,
        cosine,
        meanRowCosine,
        minRowCosine,
        sqnrDb,
        notFinite == 0 ? "" : ", " + notFinite + " NOT FINITE");
  }
}
