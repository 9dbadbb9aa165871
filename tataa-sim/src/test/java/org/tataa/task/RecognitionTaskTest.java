package org.tataa.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tataa.graph.Evaluator;
import org.tataa.graph.NdTensor;

/** The recogniser in float32 reads what was rendered. */
class RecognitionTaskTest {
  @Test
  @Tag("heavy")
  void readsRenderedLines() {
    RecognitionTask task = new RecognitionTask(4, null);
    Evaluator evaluator = new Evaluator(task.model().graph(), task.model().opset());
    List<float[]> readings = new ArrayList<>();
    int same = 0;
    for (int i = 0; i < 4; i++) {
      Map<String, NdTensor> item = task.items().get(i);
      float[] reading = task.reading(item, evaluator.run(item, null));
      readings.add(reading);
      String text = task.text(reading);
      same += text.replace(" ", "").equals(task.lines().get(i).replace(" ", "")) ? 1 : 0;
    }
    assertThat(same).isGreaterThanOrEqualTo(3);
    Metric metric = task.metric(List.of(), readings);
    assertThat(metric.value(readings, new int[] {0, 1, 2, 3})).isEqualTo(100);
    List<float[]> others = new ArrayList<>(readings);
    others.set(1, new float[readings.get(1).length]);
    assertThat(metric.value(others, new int[] {0, 1, 2, 3})).isEqualTo(75);
    assertThat(metric.value(others, new int[] {1, 1, 0, 2})).isEqualTo(50);
  }

  @Test
  @Tag("heavy")
  void theMachineReadsTheSame() {
    TaskRow row =
        new TaskStudy(ReadingStore.inMemory(), 10)
            .row(new RecognitionTask(6, null), TaskStudy.schemes().get(0), (done, of) -> {});
    assertThat(row.simulated()).isEqualTo(100);
  }
}
