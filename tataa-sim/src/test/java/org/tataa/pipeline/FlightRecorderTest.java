package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tataa.compiler.CompilerOptions;
import org.tataa.config.TataaConfig;

/** The flight recorder sees phases, steps and simulated programs. */
class FlightRecorderTest {
  @TempDir Path directory;

  private static long cycles(List<RecordedEvent> events) {
    return events.stream().mapToLong(event -> event.getLong("cycles")).sum();
  }

  @Test
  void eventsOfAModel() throws IOException {
    Path file = directory.resolve("tataa.jfr");
    Workloads.Workload workload = Workloads.of("deit-tiny-2");
    BatchResult result;
    try (Recording recording = new Recording()) {
      recording.enable("org.tataa.Run").withoutThreshold();
      recording.enable("org.tataa.Step").withoutThreshold();
      recording.enable("org.tataa.CompilePhase").withoutThreshold();
      recording.start();
      ModelSession session =
          new ModelSession(TataaConfig.u280(), workload.model(), Set.of(), CompilerOptions.DEFAULT);
      session.calibrate(List.of(workload.inputs()), (done, of) -> {});
      result = session.run(List.of(workload.inputs()), false, (done, of) -> {});
      recording.stop();
      recording.dump(file);
    }
    Map<String, List<RecordedEvent>> events =
        RecordingFile.readAllEvents(file).stream()
            .collect(Collectors.groupingBy(event -> event.getEventType().getName()));
    BatchResult.Item item = result.items().get(0);
    assertThat(events.get("org.tataa.Step")).hasSameSizeAs(item.result().steps());
    assertThat(cycles(events.get("org.tataa.Step"))).isEqualTo(item.result().cycles());
    // Barriers are between programs.
    assertThat(cycles(events.get("org.tataa.Run")) + item.result().barrierCycles())
        .isEqualTo(item.result().cycles());
    assertThat(events.get("org.tataa.CompilePhase").stream().map(e -> e.getString("phase")))
        .containsExactly("fuse", "lower", "passes", "tile", "schedule");
  }
}
