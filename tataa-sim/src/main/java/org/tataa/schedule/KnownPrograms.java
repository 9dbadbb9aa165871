package org.tataa.schedule;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.tataa.isa.Program;
import org.tataa.tile.TileStep;

/**
 * Instructions of steps that were made before. Layers of a model that are alike differ in the
 * contents and addresses of their buffers, and in a few scales: most of their steps have the same
 * ones but for the addresses. For one machine; several threads may share it.
 */
final class KnownPrograms {
  /**
   * Instructions of a step.
   *
   * @param programs of each core
   * @param cycles by the scheduler's rough clocks
   */
  record Made(List<Program> programs, long cycles) {
    /** Takes a copy. */
    Made {
      programs = List.copyOf(programs);
    }
  }

  private record Key(int cores, PlacedSteps.Key step) {}

  private record Entry(PlacedSteps.Placed step, Made made) {}

  /** Steps that are kept: those of a few kinds of layers, the ones used last. */
  private static final int KEPT = 256;

  private final Map<Key, Entry> made =
      new LinkedHashMap<>(KEPT, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Entry> eldest) {
          return size() > KEPT;
        }
      };
  private final Map<Integer, Map<Object, Partitioner.Choice>> choices = new ConcurrentHashMap<>();

  /** How nests were split over a number of cores, by their shape; added to. */
  Map<Object, Partitioner.Choice> choices(int cores) {
    return choices.computeIfAbsent(cores, key -> new ConcurrentHashMap<>());
  }

  /**
   * The instructions of a step, if those of one that differs in the addresses of its buffers alone
   * are known; else null.
   */
  @Nullable Made of(TileStep step, MemoryPlan memory, int cores) {
    PlacedSteps.Placed placed = PlacedSteps.of(step, memory);
    Entry entry;
    synchronized (made) {
      entry = made.get(new Key(cores, placed.key()));
    }
    if (entry == null || entry.step().isAt(placed)) {
      return entry == null ? null : entry.made();
    }
    return new Made(
        entry.made().programs().stream()
            .map(program -> program.moved(address -> entry.step().moved(address, placed)))
            .toList(),
        entry.made().cycles());
  }

  /** Keeps the instructions of a step. */
  void keep(TileStep step, MemoryPlan memory, int cores, Made programs) {
    PlacedSteps.Placed placed = PlacedSteps.of(step, memory);
    synchronized (made) {
      made.put(new Key(cores, placed.key()), new Entry(placed, programs));
    }
  }
}
