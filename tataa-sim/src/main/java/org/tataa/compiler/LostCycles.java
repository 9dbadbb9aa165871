package org.tataa.compiler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.observe.Counters;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;

/**
 * Where the cycles beyond the bound of some programs went, by the account of the unit that is the
 * bound: what it waited for, and the cycles in which nothing was issued to it. They add up to the
 * cycles less the bound. What the array needs to start, drain and end a block is part of its bound,
 * though it counts as stalled then.
 */
public final class LostCycles {
  /**
   * Cycles lost to one cause.
   *
   * @param cause what the unit waited for; null if nothing was issued to it
   * @param cycles of cores
   */
  public record Loss(@Nullable StallCause cause, long cycles) {
    /** The cause for reports. */
    public String text() {
      return cause == null ? "nothing issued to it" : cause.description();
    }
  }

  private LostCycles() {}

  /**
   * Losses of programs, the largest first.
   *
   * @param bound what they need
   * @param counters of the cores that ran them
   */
  public static List<Loss> of(ProgramBound bound, Counters counters) {
    UnitKind unit = bound.unit().unit();
    Map<StallCause, Long> stalled = new EnumMap<>(StallCause.class);
    for (StallCause cause : StallCause.values()) {
      stalled.put(cause, counters.stalled(unit, cause));
    }
    long idle = counters.idle(unit);
    // Cycles the unit needs but is not busy in.
    long needed = Math.max(0, bound.cycles() - counters.busy(unit));
    for (StallCause cause : needed(unit)) {
      long part = Math.min(needed, stalled.getOrDefault(cause, 0L));
      stalled.merge(cause, -part, Long::sum);
      needed -= part;
    }
    List<Loss> losses = new ArrayList<>();
    stalled.forEach((cause, cycles) -> losses.add(new Loss(cause, cycles)));
    // What the step before issued to it, of a program whose steps run into each other.
    long others = Math.max(0, counters.busy(unit) - bound.cycles());
    losses.add(new Loss(null, idle - Math.min(needed, idle) + others));
    losses.removeIf(loss -> loss.cycles() <= 0);
    losses.sort(Comparator.comparingLong(loss -> -loss.cycles()));
    return losses;
  }

  // What a unit counts as while it does what its bound contains, in this order.
  private static List<StallCause> needed(UnitKind unit) {
    return unit == UnitKind.EXEC
        ? List.of(StallCause.FLUSH, StallCause.LAUNCH, StallCause.EXEC_BUSY)
        : List.of();
  }

  /**
   * What the controller waited for most while nothing was issued; null if it was idle for longer,
   * as on a core that is done before others.
   */
  public static @Nullable StallCause issue(Counters counters) {
    StallCause worst = null;
    long most = counters.idle(UnitKind.CONTROLLER);
    for (StallCause cause : StallCause.values()) {
      long cycles = counters.stalled(UnitKind.CONTROLLER, cause);
      if (cycles > most) {
        worst = cause;
        most = cycles;
      }
    }
    return worst;
  }
}
