package org.tataa.schedule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import org.tataa.config.TataaConfig;
import org.tataa.tile.Address;
import org.tataa.tile.SpilledVectors;
import org.tataa.tile.TileProgram;
import org.tataa.tile.VectorNest;

/**
 * Searches where a nest is cut so that its parts fit the vector slots: each part in turn is about
 * as long as fits, and ends where fewest vectors are spilled. Of the orders of the body the one
 * with fewest spilled vectors is cut.
 */
final class FissionSearch {
  /** Iterations on which it is tried whether a part fits. */
  private static final int SAMPLE = 8;

  /** Of buffers of parts that are only tried. */
  private static final String NAME = "spilled";

  /**
   * Where a nest is cut.
   *
   * @param order which order of the body, as {@link VectorScheduler#ordered} has them
   * @param ends where the parts end; none if the nest stays as it is
   */
  record Cuts(int order, List<Integer> ends) {
    static final Cuts NONE = new Cuts(0, List.of());
  }

  // What is spilled and loaded again, in vectors.
  private record Candidate(Cuts cuts, List<VectorNest> parts, long moved) {
    static Candidate of(Cuts cuts, List<VectorNest> parts) {
      SpilledVectors spilled =
          parts.stream().map(SpilledVectors::of).reduce(SpilledVectors.NONE, SpilledVectors::plus);
      return new Candidate(cuts, parts, spilled.stored() + spilled.loaded());
    }
  }

  private final TataaConfig config;
  private final VectorNest nest;

  FissionSearch(TataaConfig config, VectorNest nest) {
    this.config = config;
    this.nest = nest;
  }

  /** Where it is cut; nowhere if no cut makes it fit. */
  Cuts search() {
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < VectorScheduler.ORDERS; i++) {
      LoopFission fission = new LoopFission(config, VectorScheduler.ordered(nest, i));
      for (boolean perStep : new boolean[] {false, true}) {
        List<Integer> ends = ends(fission, perStep);
        if (!ends.isEmpty()) {
          candidates.add(Candidate.of(new Cuts(i, ends), fission.parts(ends, () -> NAME)));
        }
      }
    }
    candidates.sort(Comparator.comparingLong(Candidate::moved));
    for (Candidate candidate : candidates) {
      // In all their iterations.
      if (candidate.parts().stream().allMatch(this::fits)) {
        return candidate.cuts();
      }
    }
    return Cuts.NONE;
  }

  // Where the parts of an order end; none if they cannot be made to fit.
  private List<Integer> ends(LoopFission fission, boolean perStep) {
    List<Integer> ends = new ArrayList<>();
    Map<Integer, Address> known = new HashMap<>();
    int from = 0;
    while (from < fission.end()) {
      int longest = longest(fission, from, known);
      if (longest < 0) {
        return List.of();
      }
      int to = longest == fission.end() ? longest : cheapest(fission, from, longest, perStep);
      to = fits(fission, from, to, known) ? to : longest;
      ends.add(to);
      known.putAll(fission.part(from, to, known, () -> NAME).spilled());
      from = to;
    }
    return ends;
  }

  // Where a part from a place ends that is about as long as fits; -1 if none fits. What is tried is
  // not much longer than that.
  private int longest(LoopFission fission, int from, Map<Integer, Address> known) {
    // Ends are numbered: the places behind, up to the last cut, then the end of all.
    int all = Math.max(0, Math.min(fission.lastCut(), fission.end() - 1) - from) + 1;
    IntUnaryOperator end = number -> number == all ? fission.end() : from + number;
    IntPredicate fits = number -> fits(fission, from, end.applyAsInt(number), known);
    int fitting = 1;
    while (fitting < all && fission.isEmpty(from, from + fitting)) {
      fitting++;
    }
    if (!fits.test(fitting)) {
      return -1;
    }
    while (fitting < all && fits.test(Math.min(2 * fitting, all))) {
      fitting = Math.min(2 * fitting, all);
    }
    int tooLong = Math.min(2 * fitting, all);
    while (tooLong - fitting > 1) {
      int middle = (fitting + tooLong) / 2;
      if (fits.test(middle)) {
        fitting = middle;
      } else {
        tooLong = middle;
      }
    }
    return end.applyAsInt(fitting);
  }

  // Where fewest vectors are spilled, or fewest for each step; parts not half as long would be
  // many.
  private static int cheapest(LoopFission fission, int from, int longest, boolean perStep) {
    int[] spilled = fission.spilled(from, longest);
    int best = longest;
    for (int to = longest; 2 * (to - from) >= longest - from; to--) {
      long own = (long) spilled[to] * (perStep ? best - from : 1);
      long other = (long) spilled[best] * (perStep ? to - from : 1);
      best = own < other && !fission.isEmpty(from, to) ? to : best;
    }
    return best;
  }

  private boolean fits(LoopFission fission, int from, int to, Map<Integer, Address> known) {
    VectorNest part = fission.part(from, to, known, () -> NAME).nest();
    List<Integer> loops = new ArrayList<>(part.loops());
    int left = SAMPLE;
    for (int loop = loops.size() - 1; loop >= 0; loop--) {
      loops.set(loop, Math.min(left, loops.get(loop)));
      left /= loops.get(loop);
    }
    return fits(new VectorNest(part.work(), loops, part.registers(), part.body()));
  }

  private boolean fits(VectorNest part) {
    return LiveRegisters.fit(part, config.buffers().vectorSlots())
        || VectorScheduler.fitsInOrder(config, memory(part), part);
  }

  private MemoryPlan memory(VectorNest part) {
    return MemoryPlan.of(
        new TileProgram(part.work().value(), config, List.of(part), List.of(), Map.of()));
  }
}
