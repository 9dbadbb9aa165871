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
 * contents of their constants, and in a few scales: most of their steps have the same ones. For one
 * machine; several threads may share it.
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

  /** Steps that are kept: those of a few kinds of layers, the ones used last. */
  private static final int KEPT = 1024;

  private final Map<Key, Made> made =
      new LinkedHashMap<>(KEPT, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Made> eldest) {
          return size() > KEPT;
        }
      };
  private final Map<Integer, Map<Object, Partitioner.Choice>> choices = new ConcurrentHashMap<>();

  /** How nests were split over a number of cores, by their shape; added to. */
  Map<Object, Partitioner.Choice> choices(int cores) {
    return choices.computeIfAbsent(cores, key -> new ConcurrentHashMap<>());
  }

  /** What is known of a step that uses the same addresses; null if there is nothing. */
  @Nullable Made of(TileStep step, MemoryPlan memory, int cores) {
    Key key = new Key(cores, PlacedSteps.of(step, memory));
    synchronized (made) {
      return made.get(key);
    }
  }

  /** Keeps the instructions of a step. */
  void keep(TileStep step, MemoryPlan memory, int cores, Made programs) {
    Key key = new Key(cores, PlacedSteps.of(step, memory));
    synchronized (made) {
      made.put(key, programs);
    }
  }
}
