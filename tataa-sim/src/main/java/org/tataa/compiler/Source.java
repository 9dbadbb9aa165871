package org.tataa.compiler;

import java.util.function.Function;

/** What a lane program reads. */
sealed interface Source permits Matrix, Source.Row, Source.Statistic {
  /** One value per place, known when the scales are. */
  final class Row implements Source {
    final String name;
    final Function<Quantization, float[]> values;

    Row(String name, Function<Quantization, float[]> values) {
      this.name = name;
      this.values = values;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** One value per token, a result of {@link Step.Statistics}. */
  record Statistic(Step.Statistics step, boolean isMean) implements Source {}
}
