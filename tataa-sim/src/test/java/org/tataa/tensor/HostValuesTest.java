package org.tataa.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;

/** Values on the host, and on their way to and from the device. */
class HostValuesTest {
  private static final Value X = new Value("x", Element.HOST, 2, 1);
  private static final NdTensor ONES = NdTensor.of(new float[] {1, 1}, 2, 1);
  private static final NdTensor FLAT = NdTensor.of(new float[] {1, 1}, 2);

  @Test
  void inputsHaveTheirShapes() {
    InputOp input = new InputOp(X, ElementType.FLOAT);
    assertThat(HostValues.input(input, Map.of("x", ONES))).isSameAs(ONES);
    assertThatThrownBy(() -> HostValues.input(input, Map.of()))
        .isInstanceOf(TensorException.class)
        .hasMessage("input %x: host[2,1]: found nothing");
    assertThatThrownBy(() -> HostValues.input(input, Map.of("x", FLAT)))
        .isInstanceOf(TensorException.class)
        .hasMessageStartingWith("input %x: host[2,1]: found ");
  }

  @Test
  void resultsHaveTheirShapes() {
    Value a = new Value("a", Element.HOST, 2, 1);
    Value b = new Value("b", Element.HOST, 2);
    Map<Value, NdTensor> host = new HashMap<>();
    HostOp op = new HostOp(new GivenBack("same"), List.of(X, X), List.of(a, b));
    HostValues.compute(op, List.of(ONES, FLAT), host);
    assertThat(host).isEqualTo(Map.of(a, ONES, b, FLAT));
    assertThatThrownBy(() -> HostValues.compute(op, List.of(ONES, ONES), host))
        .isInstanceOf(TensorException.class)
        .hasMessageStartingWith("host same(%x, %x): expected %b: host[2], found ");
  }

  @Test
  void numbersAreRoundedOnTheirWayToTheDevice() {
    float[] values = {1, 1 + 0x1p-8f, 1 + 0x1.8p-7f, -0x1p-130f, Float.POSITIVE_INFINITY};
    NdTensor tensor = NdTensor.of(values, 5);
    short[] expected = {0x3f80, 0x3f80, 0x3f82, (short) 0x8000, 0x7f80};
    assertThat(HostValues.rounded(tensor)).isEqualTo(expected);
    for (int i = 0; i < values.length; i++) {
      assertThat(HostValues.pattern(values[i])).isEqualTo(expected[i]);
    }
    assertThat(HostValues.exact(expected, new int[] {1, 5}).floats())
        .containsExactly(1, 1, 1 + 0x1p-6f, -0f, Float.POSITIVE_INFINITY);
  }

  @Test
  void countsAdd() {
    OpCounts one = new OpCounts(1, 20, 300, 4000);
    assertThat(one.plus(new OpCounts(5, 60, 700, 8000)))
        .isEqualTo(new OpCounts(6, 80, 1000, 12000));
  }
}
