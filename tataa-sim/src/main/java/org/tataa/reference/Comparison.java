package org.tataa.reference;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.ejml.data.FMatrixRMaj;

/** Compares results with their reference. */
public final class Comparison {
  private Comparison() {}

  /**
   * Compares two matrices element by element.
   *
   * @param worst how many of the worst elements to list
   * @throws IllegalArgumentException if the shapes differ
   */
  public static ErrorReport compare(
      String name, FMatrixRMaj actual, FMatrixRMaj expected, int worst) {
    if (actual.numRows != expected.numRows || actual.numCols != expected.numCols) {
      throw new IllegalArgumentException(
          name
              + ": actual is "
              + actual.numRows
              + "x"
              + actual.numCols
              + ", expected "
              + expected.numRows
              + "x"
              + expected.numCols);
    }
    int count = actual.getNumElements();
    double largest = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, Math.abs(expected.data[i]));
    }
    double floor = Math.max(0.01 * largest, Double.MIN_NORMAL);
    double maxAbs = 0;
    double sumAbs = 0;
    double maxRel = 0;
    double sumRel = 0;
    double signal = 0;
    double noise = 0;
    int notFinite = 0;
    for (int i = 0; i < count; i++) {
      if (!Float.isFinite(actual.data[i])) {
        notFinite++;
      }
      double error = Math.abs((double) actual.data[i] - expected.data[i]);
      double relative = error / Math.max(Math.abs(expected.data[i]), floor);
      // Math.max keeps a NaN, so that it cannot hide behind a comparison.
      maxAbs = Math.max(maxAbs, error);
      maxRel = Math.max(maxRel, relative);
      sumAbs += error;
      sumRel += relative;
      signal += (double) expected.data[i] * expected.data[i];
      noise += error * error;
    }
    double sumRows = 0;
    double minRow = 1;
    for (int row = 0; row < actual.numRows; row++) {
      double cosine = cosine(actual, expected, row * actual.numCols, actual.numCols);
      sumRows += cosine;
      minRow = Math.min(minRow, cosine);
    }
    return new ErrorReport(
        name,
        actual.numRows,
        actual.numCols,
        maxAbs,
        sumAbs / count,
        maxRel,
        sumRel / count,
        cosine(actual, expected, 0, count),
        sumRows / actual.numRows,
        minRow,
        10 * Math.log10(signal / noise),
        notFinite,
        worst(actual, expected, worst));
  }

  private static double cosine(FMatrixRMaj a, FMatrixRMaj b, int from, int count) {
    double product = 0;
    double first = 0;
    double second = 0;
    for (int i = from; i < from + count; i++) {
      product += (double) a.data[i] * b.data[i];
      first += (double) a.data[i] * a.data[i];
      second += (double) b.data[i] * b.data[i];
    }
    // Two zero vectors are equal; a zero vector is unlike any other.
    if (first == 0 || second == 0) {
      return first == second ? 1 : 0;
    }
    return product / Math.sqrt(first * second);
  }

  private static List<ErrorReport.Worst> worst(
      FMatrixRMaj actual, FMatrixRMaj expected, int count) {
    List<ErrorReport.Worst> all = new ArrayList<>();
    for (int row = 0; row < actual.numRows; row++) {
      for (int column = 0; column < actual.numCols; column++) {
        all.add(
            new ErrorReport.Worst(row, column, actual.get(row, column), expected.get(row, column)));
      }
    }
    all.sort(Comparator.comparingDouble(ErrorReport.Worst::error).reversed());
    return all.subList(0, Math.min(count, all.size()));
  }
}
