package org.tataa.tile;

import java.util.ArrayList;
import java.util.List;

/**
 * How the steps of a program are split over cores that share a memory.
 *
 * @param cores cores of the group
 * @param steps one per step of the program
 */
public record Partition(int cores, List<Step> steps) {
  /**
   * A step.
   *
   * @param barrierCycles length of the barrier before it in clock cycles; 0 for none
   * @param shares for each core that takes part the nests it executes; none for the host's work
   */
  public record Step(long barrierCycles, List<List<TileStep>> shares) {
    /** Takes copies. */
    public Step {
      shares = shares.stream().map(List::copyOf).toList();
    }
  }

  /** Takes a copy. */
  public Partition {
    steps = List.copyOf(steps);
  }

  /** A program on one core. */
  public static Partition none(TileProgram program) {
    List<Step> steps = new ArrayList<>();
    for (TileStep step : program.steps()) {
      steps.add(new Step(0, step instanceof HostStep ? List.of() : List.of(List.of(step))));
    }
    return new Partition(1, steps);
  }
}
