package org.tataa.compiler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tataa.schedule.MemoryPlan;
import org.tataa.schedule.Schedule;
import org.tataa.tile.Buffer;
import org.tataa.tile.StepBuffers;
import org.tataa.tile.StoredValue;

/**
 * The values of a tile program as they can be read from memory while its programs run once: a
 * step's last stores are on their way when the next step begins, and memory that is not needed any
 * more is given to other buffers.
 */
final class ReadableValues {
  private final Schedule schedule;
  private final Map<Integer, List<StoredValue>> byStep = new HashMap<>();

  /** Values that are complete but not in memory. */
  private final List<StoredValue> waiting = new ArrayList<>();

  ReadableValues(Schedule schedule) {
    this.schedule = schedule;
    for (StoredValue value : schedule.tiles().values()) {
      byStep.computeIfAbsent(value.step(), step -> new ArrayList<>()).add(value);
    }
  }

  /**
   * Goes on by a step, all of whose instructions have been accepted.
   *
   * @param stored steps before this number have everything they store in memory
   * @return the values that can be read now and not later
   */
  List<StoredValue> accepted(int step, int stored) {
    waiting.addAll(byStep.getOrDefault(step, List.of()));
    List<StoredValue> readable = waiting.stream().filter(value -> value.step() < stored).toList();
    waiting.removeAll(readable);
    if (!waiting.isEmpty() && step + 1 < schedule.tiles().steps().size()) {
      List<Buffer> next = List.copyOf(StepBuffers.of(schedule.tiles().steps().get(step + 1)));
      waiting.removeIf(
          value -> next.stream().anyMatch(other -> meet(schedule.memory(), value.buffer(), other)));
    }
    return readable;
  }

  private static boolean meet(MemoryPlan memory, Buffer a, Buffer b) {
    long from = memory.address(a);
    long other = memory.address(b);
    return a != b && from < other + b.bytes() && other < from + a.bytes();
  }
}
