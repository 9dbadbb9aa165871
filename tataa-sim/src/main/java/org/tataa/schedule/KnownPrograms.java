package org.tataa.schedule;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.tataa.isa.Program;

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

  private record Kept(PlacedSteps.Placed step, Made made) {}

  /** Steps that are kept: those of a few kinds of layers, the ones used last. */
  private static final int KEPT = 256;

  /** Places of a step that are kept: a layer may have a few steps that are alike. */
  private static final int PLACES = 4;

  /** Programs of several steps that are kept, which are large. */
  private static final int JOINED = 16;

  private final Map<Key, List<Kept>> made =
      new LinkedHashMap<>(KEPT, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, List<Kept>> eldest) {
          return size() > KEPT;
        }
      };
  private final Map<List<Program>, Program> joined =
      new LinkedHashMap<>(JOINED, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Program>, Program> eldest) {
          return size() > JOINED;
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
  @Nullable Made of(PlacedSteps.Placed step, int cores) {
    Key key = new Key(cores, step.key());
    Kept first;
    synchronized (made) {
      List<Kept> entries = made.getOrDefault(key, List.of());
      for (Kept entry : entries) {
        if (entry.step().isAt(step)) {
          return entry.made();
        }
      }
      if (entries.isEmpty()) {
        return null;
      }
      first = entries.get(0);
    }
    Made moved =
        new Made(
            first.made().programs().stream()
                .map(program -> program.moved(address -> first.step().moved(address, step)))
                .toList(),
            first.made().cycles());
    keep(step, cores, moved);
    return moved;
  }

  /** The programs of several steps as one. */
  Program joined(List<Program> programs) {
    synchronized (joined) {
      return joined.computeIfAbsent(programs, Program::joined);
    }
  }

  /** Keeps the instructions of a step. */
  void keep(PlacedSteps.Placed step, int cores, Made programs) {
    synchronized (made) {
      List<Kept> entries =
          made.computeIfAbsent(new Key(cores, step.key()), none -> new ArrayList<>());
      if (entries.size() < PLACES) {
        entries.add(new Kept(step, programs));
      }
    }
  }
}
