package org.tataa.pipeline;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.LostCycles;
import org.tataa.compiler.ProgramBound;
import org.tataa.observe.StallCause;

/**
 * The most cycles that one kind of work loses to one cause.
 *
 * @param work the kind of work; empty if nothing is lost
 * @param unit the unit that is its bound
 * @param cause what that unit waited for; null if nothing was issued to it
 * @param issue what the controller waited for most meanwhile; null if it never waited
 * @param cycles core cycles of all items
 * @param share of the cycles of all work, 0..1
 */
public record LargestLoss(
    String work,
    ProgramBound.Unit unit,
    @Nullable StallCause cause,
    @Nullable StallCause issue,
    long cycles,
    double share) {
  static LargestLoss of(Map<String, WorkSum> sums) {
    LargestLoss largest = new LargestLoss("", ProgramBound.Unit.ARRAY, null, null, 0, 0);
    long all = sums.values().stream().mapToLong(WorkSum::cycles).sum();
    for (Map.Entry<String, WorkSum> sum : sums.entrySet()) {
      List<LostCycles.Loss> lost = sum.getValue().lost();
      if (!lost.isEmpty() && lost.get(0).cycles() > largest.cycles()) {
        largest =
            new LargestLoss(
                sum.getKey(),
                sum.getValue().bound().unit(),
                lost.get(0).cause(),
                LostCycles.issue(sum.getValue().counters()),
                lost.get(0).cycles(),
                (double) lost.get(0).cycles() / all);
      }
    }
    return largest;
  }

  /** In words. */
  public String text() {
    if (cycles == 0) {
      return "nothing";
    }
    String why =
        cause != null
            ? "waiting for: " + cause.description()
            : "nothing issued"
                + (issue == null
                    ? ", the program has ended or the core has no share"
                    : ", the controller waits for: " + issue.description());
    return String.format(
        Locale.ROOT,
        "%s, %d cycles (%.1f %% of all); bound by %s; %s",
        work,
        cycles,
        100 * share,
        unit.text(),
        why);
  }
}
