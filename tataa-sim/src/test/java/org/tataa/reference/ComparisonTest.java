package org.tataa.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

class ComparisonTest {
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
