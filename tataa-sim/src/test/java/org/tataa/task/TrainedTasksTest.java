package org.tataa.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;
import org.tataa.lower.CachedDecoder;
import org.tataa.pipeline.DecoderWorkload;
import org.tataa.pipeline.Workloads;

/** What images and text are measured by, on readings made by hand. */
class TrainedTasksTest {
  @Test
  void accuracyIsTheShareOfRightClasses() {
    Map<String, NdTensor> item = Map.of("image", NdTensor.of(new float[1], 1, 1));
    Workloads.Workload model = Workloads.linear(1, 1, 3);
    ImageTask task =
        new ImageTask(
            "m", model.model(), List.of(), List.of(item, item, item), new int[] {2, 0, 1});
    Metric metric = task.metric(List.of(), List.of());
    List<float[]> logits = List.of(new float[] {1, 2, 3}, new float[] {1, 2, 0}, new float[3]);
    assertThat(metric.value(logits, new int[] {0, 1, 2})).isCloseTo(100 / 3.0, Offset.offset(1e-9));
    assertThat(metric.value(logits, new int[] {0, 0, 1, 2})).isEqualTo(50);
    assertThat(metric.drop(90, 89)).isCloseTo(1, Offset.offset(1e-9));
    assertThatThrownBy(
            () -> new ImageTask("m", model.model(), List.of(), List.of(item), new int[2]))
        .hasMessage("1 images, 2 labels");
  }

  @Test
  void perplexityOfEqualSharesIsTheirNumber() {
    DecoderWorkload decoder = Workloads.decoder("decoder-tiny-2");
    long[] text = {4, 0, 1, 2};
    PerplexityTask task =
        new PerplexityTask("m", decoder.withPast(), List.of(text), List.of(text, text));
    String output = task.model().graph().outputs().get(0);
    float[] logits = new float[4 * 5];
    Map<String, NdTensor> item = task.items().get(0);
    float[] equal = task.reading(item, Map.of(output, NdTensor.of(logits, 1, 4, 5)));
    // Sure of the second token, equal shares of the others; the last row says nothing.
    logits[0] = 100;
    logits[15] = 100;
    float[] better = task.reading(item, Map.of(output, NdTensor.of(logits, 1, 4, 5)));
    Metric metric = task.metric(List.of(), List.of());
    assertThat(metric.value(List.of(equal), new int[] {0})).isCloseTo(5, Offset.offset(1e-5));
    assertThat(metric.value(List.of(equal, better), new int[] {0, 1}))
        .isCloseTo(Math.pow(5, 5 / 6.0), Offset.offset(1e-5));
    assertThat(metric.drop(5, 5.1)).isCloseTo(2, Offset.offset(1e-9));
    NdTensor ids = item.get(CachedDecoder.tokens(task.model().graph()));
    assertThat(ids).extracting(NdTensor::type).isEqualTo(ElementType.INT);
  }
}
