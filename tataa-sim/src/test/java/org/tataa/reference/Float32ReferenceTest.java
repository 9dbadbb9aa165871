package org.tataa.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

class Float32ReferenceTest {
  private static FMatrixRMaj random(long seed, int rows, int columns) {
    Random random = new Random(seed);
    FMatrixRMaj matrix = new FMatrixRMaj(rows, columns);
    for (int i = 0; i < matrix.data.length; i++) {
      matrix.data[i] = (float) random.nextGaussian();
    }
    return matrix;
  }

  @Test
  void operationsAgreeWithDoubleArithmetic() {
    FMatrixRMaj a = random(1, 7, 33);
    FMatrixRMaj w = random(2, 5, 33);
    float[] bias = {1, 2, 3, 4, 5};
    FMatrixRMaj y = Float32Reference.linear(a, w, bias);
    FMatrixRMaj softmax = Float32Reference.softmaxRows(a);
    float[] gamma = new float[33];
    java.util.Arrays.fill(gamma, 2f);
    FMatrixRMaj norm = Float32Reference.layerNorm(a, gamma, new float[33], 1e-5);
    for (int row = 0; row < 7; row++) {
      double sum = 0;
      double mean = 0;
      for (int i = 0; i < 33; i++) {
        sum += Math.exp(a.get(row, i));
        mean += a.get(row, i) / 33.0;
      }
      double variance = 0;
      for (int i = 0; i < 33; i++) {
        variance += Math.pow(a.get(row, i) - mean, 2) / 33;
      }
      for (int i = 0; i < 33; i++) {
        double p = Math.exp(a.get(row, i)) / sum;
        assertThat((double) softmax.get(row, i)).isCloseTo(p, within(1e-6));
        double n = 2 * (a.get(row, i) - mean) / Math.sqrt(variance + 1e-5);
        assertThat((double) norm.get(row, i)).isCloseTo(n, within(1e-5));
      }
      for (int out = 0; out < 5; out++) {
        double expected = bias[out];
        for (int i = 0; i < 33; i++) {
          expected += (double) a.get(row, i) * w.get(out, i);
        }
        assertThat((double) y.get(row, out)).isCloseTo(expected, within(1e-4));
      }
    }
  }

  @Test
  void shapesAreNamed() {
    assertThatThrownBy(() -> Float32Reference.matmul(random(1, 3, 4), random(1, 5, 6)))
        .hasMessage("matmul: a is 3x4, b is 5x6: inner dimensions 4 and 5 differ");
    assertThatThrownBy(() -> Float32Reference.add(random(1, 3, 4), random(1, 2, 4)))
        .hasMessage("broadcast: a is 3x4, b is 2x4");
    assertThat(Float32Reference.add(random(1, 3, 4), random(2, 1, 4)).numRows).isEqualTo(3);
  }

  @Test
  void comparisonsFindTheWorstAndNeverHideNaN() {
    FMatrixRMaj expected = new FMatrixRMaj(new float[][] {{1, 2}, {3, 4}});
    FMatrixRMaj actual = new FMatrixRMaj(new float[][] {{1, 2.5f}, {3, 4.25f}});
    ErrorReport report = Comparison.compare("x", actual, expected, 1);
    assertThat(report.maxAbs()).isEqualTo(0.5);
    assertThat(report.meanAbs()).isEqualTo(0.1875);
    assertThat(report.worst()).containsExactly(new ErrorReport.Worst(0, 1, 2.5f, 2f));
    assertThat(report.sqnrDb()).isCloseTo(10 * Math.log10(30 / 0.3125), within(1e-9));
    assertThat(Comparison.compare("x", expected, expected, 0).cosine()).isCloseTo(1, within(1e-12));
    actual.set(1, 1, Float.NaN);
    ErrorReport broken = Comparison.compare("x", actual, expected, 1);
    assertThat(broken.notFinite()).isEqualTo(1);
    assertThat(broken.maxAbs()).isNaN();
    assertThat(broken.cosine() >= 0.99).isFalse();
    assertThatThrownBy(() -> Comparison.compare("x", actual, new FMatrixRMaj(2, 3), 1))
        .hasMessage("x: actual is 2x2, expected 2x3");
  }
}
