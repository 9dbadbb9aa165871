package org.tataa.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Tensors whose values are made whenever they are asked for. */
class MadeTensorTest {
  private final AtomicInteger asked = new AtomicInteger();

  private NdTensor made(int... shape) {
    return NdTensor.made(
        () -> {
          asked.incrementAndGet();
          return new float[] {1, 2, 3, 4, 5, 6};
        },
        shape);
  }

  @Test
  void valuesAreMadeWhenTheyAreAskedFor() {
    NdTensor tensor = made(2, 3);
    assertThat(tensor.isKnown()).isTrue();
    assertThat(tensor.size()).isEqualTo(6);
    assertThat(tensor.withoutData().isKnown()).isFalse();
    NdTensor moved = tensor.reshaped(3, 2);
    assertThat(asked).hasValue(0);
    assertThat(moved.floats()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(tensor.at(4)).isEqualTo(5);
    assertThat(asked).hasValue(2);
    NdTensor held = tensor.held();
    assertThat(held.floats()).isSameAs(held.floats());
    assertThat(held.held()).isSameAs(held);
    assertThat(asked).hasValue(3);
  }

  @Test
  void anotherNumberOfValuesIsAnError() {
    assertThatThrownBy(() -> made(2, 2).floats())
        .isInstanceOf(GraphException.class)
        .hasMessageContaining("needs 4 values, found 6");
  }

  @Test
  void aGraphHoldsItsConstants() {
    Node add = new Node("y", "Add", List.of("x", "w"), List.of("y"), Map.of());
    Graph graph =
        new Graph(
            "sum",
            List.of(new Graph.Input("x", ElementType.FLOAT, List.of(6), List.of(""))),
            Map.of("w", made(6)),
            List.of(add),
            List.of("y"));
    Graph held = graph.held();
    assertThat(asked).hasValue(1);
    Map<String, NdTensor> input = Map.of("x", NdTensor.of(new float[6], 6));
    assertThat(new Evaluator(held, 20).run(input, null).get("y").floats())
        .isEqualTo(new Evaluator(graph, 20).run(input, null).get("y").floats());
    assertThat(asked).hasValue(2);
  }
}
