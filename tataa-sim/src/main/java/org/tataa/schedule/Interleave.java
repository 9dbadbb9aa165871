package org.tataa.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntBiFunction;
import org.tataa.config.TataaConfig;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.Loops;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;

/**
 * Several iterations of a vector nest side by side: each operation is done for all of them before
 * the next, so that the array changes its operation type less often and rarely waits for a result.
 */
final class Interleave {
  private final VectorNest nest;
  private final int axis;

  private Interleave(VectorNest nest, int axis) {
    this.nest = nest;
    this.axis = axis;
  }

  /**
   * The innermost loop with more than one iteration, or one outside of it whose iterations have
   * more loaded vectors in common and may be done in any order; -1 if there is none.
   */
  private static int axis(TataaConfig config, VectorNest nest) {
    int best = -1;
    for (int axis = nest.loops().size() - 1; axis >= 0; axis--) {
      if (nest.loops().get(axis) > 1
          && (best < 0
              || shared(nest, axis) > shared(nest, best) && !columnsOverlap(config, nest, axis))) {
        best = axis;
      }
    }
    return best;
  }

  private static long shared(VectorNest nest, int axis) {
    return nest.body().stream()
        .filter(step -> step instanceof VectorStep.Load load && load.from().strides()[axis] == 0)
        .count();
  }

  /** Most iterations that may be done side by side; 1 if they depend on each other's memory. */
  static int most(TataaConfig config, VectorNest nest) {
    int axis = axis(config, nest);
    boolean isFree =
        axis >= 0
            && !readsItsStores(nest)
            && (storesLast(nest) || !iterationsOverlap(config, nest));
    return isFree ? nest.loops().get(axis) : 1;
  }

  /**
   * What a number of iterations side by side, if there may be several, must divide: iterations that
   * are left over in a row are done after all rows, which must not have overwritten what they
   * write.
   *
   * @return 0 if any number will do
   */
  static int mustDivide(TataaConfig config, VectorNest nest) {
    int axis = axis(config, nest);
    boolean isOneRow = axis < 0 || nest.iterations() == nest.loops().get(axis);
    return isOneRow
            || !columnsOverlap(config, nest, axis)
            || !rowsOverlap(config, nest, nest.loops().get(axis))
        ? 0
        : nest.loops().get(axis);
  }

  /**
   * A nest with iterations side by side, and one for those that are left over.
   *
   * @param factor iterations side by side, from 2 to {@link #most}
   */
  static List<VectorNest> of(TataaConfig config, VectorNest nest, int factor) {
    int axis = axis(config, nest);
    int extent = nest.loops().get(axis);
    int rest = extent % factor;
    Interleave interleave = new Interleave(nest, axis);
    List<VectorNest> nests = new ArrayList<>();
    nests.add(interleave.part(0, factor, extent / factor));
    if (rest > 0) {
      nests.add(interleave.part(extent - rest, rest, 1));
    }
    return nests;
  }

  /**
   * The first iterations of a nest.
   *
   * @param iterations iterations of the loop whose iterations are done side by side
   * @param more iterations of all loops if that has fewer
   */
  static VectorNest head(TataaConfig config, VectorNest nest, int iterations, int more) {
    int axis = axis(config, nest);
    if (axis < 0) {
      return nest;
    }
    Integer[] loops = new Integer[nest.loops().size()];
    Arrays.fill(loops, 1);
    loops[axis] = Math.min(iterations, nest.loops().get(axis));
    int left = loops[axis] < iterations ? Math.max(1, more / loops[axis]) : 1;
    for (int loop = loops.length - 1; loop >= 0; loop--) {
      if (loop != axis) {
        loops[loop] = Math.min(left, nest.loops().get(loop));
        left = Math.max(1, left / loops[loop]);
      }
    }
    return new VectorNest(nest.work(), List.of(loops), nest.registers(), nest.body());
  }

  private VectorNest part(int from, int factor, int count) {
    List<Integer> loops = new ArrayList<>(nest.loops());
    loops.set(axis, count);
    List<VectorStep> body = new ArrayList<>();
    // A vector that is the same in all copies is loaded once.
    boolean[] isShared = new boolean[nest.registers()];
    for (VectorStep step : nest.body()) {
      if (step instanceof VectorStep.Load load) {
        isShared[load.register()] = load.from().strides()[axis] == 0;
      }
    }
    int start = 0;
    while (start < nest.body().size()) {
      int end = runEnd(start);
      for (int copy = 0; copy < factor; copy++) {
        for (VectorStep step : nest.body().subList(start, end)) {
          boolean isOnce =
              copy > 0 && step instanceof VectorStep.Load load && isShared[load.register()];
          if (!isOnce) {
            body.add(copied(step, copy, from + copy, factor, isShared));
          }
        }
      }
      start = end;
    }
    return new VectorNest(nest.work(), loops, factor * nest.registers(), body);
  }

  // The end of the steps from one on that do the same for vectors that do not depend on each other,
  // or that are stores: those of a copy stay together, so that all are in the order of the nest.
  private int runEnd(int start) {
    int end = start + 1;
    if (nest.body().get(start) instanceof VectorStep.Store) {
      return storesEnd(nest, start);
    }
    if (!(nest.body().get(start) instanceof VectorStep.Operate first)) {
      return end;
    }
    boolean[] isMade = new boolean[nest.registers()];
    isMade[first.register()] = true;
    while (end < nest.body().size()
        && nest.body().get(end) instanceof VectorStep.Operate next
        && next.op() == first.op()
        && !reads(isMade, next.first())
        && !reads(isMade, next.second())) {
      isMade[next.register()] = true;
      end++;
    }
    return end;
  }

  private static int storesEnd(VectorNest nest, int start) {
    int end = start;
    while (end < nest.body().size() && nest.body().get(end) instanceof VectorStep.Store) {
      end++;
    }
    return end;
  }

  private static boolean reads(boolean[] isMade, Operand operand) {
    return !operand.isConstant() && isMade[operand.index()];
  }

  private VectorStep copied(VectorStep step, int copy, int index, int factor, boolean[] isShared) {
    int registers = copy * nest.registers();
    if (step instanceof VectorStep.Load load) {
      return new VectorStep.Load(registers + load.register(), moved(load.from(), index, factor));
    }
    if (step instanceof VectorStep.Store store) {
      return new VectorStep.Store(
          store.mode(),
          store.scale(),
          store.transpose(),
          Arrays.stream(store.registers()).map(r -> registers + r).toArray(),
          moved(store.to(), index, factor));
    }
    VectorStep.Operate operate = (VectorStep.Operate) step;
    return new VectorStep.Operate(
        operate.op(),
        registers + operate.register(),
        operand(operate.first(), registers, isShared),
        operand(operate.second(), registers, isShared),
        operate.negateSecond());
  }

  private static Operand operand(Operand operand, int registers, boolean[] isShared) {
    return operand.isConstant() || isShared[operand.index()]
        ? operand
        : Operand.register(registers + operand.index());
  }

  private Address moved(Address address, int index, int factor) {
    long[] strides = address.strides();
    long base = address.base() + strides[axis] * index;
    strides = strides.clone();
    strides[axis] *= factor;
    return new Address(address.buffer(), base, strides);
  }

  /** Whether a nest loads from where it stores. */
  static boolean readsItsStores(VectorNest nest) {
    Set<Buffer> written = new HashSet<>();
    for (VectorStep step : nest.body()) {
      if (step instanceof VectorStep.Store store) {
        written.add(store.to().buffer());
      }
    }
    return nest.body().stream()
        .anyMatch(
            step -> step instanceof VectorStep.Load load && written.contains(load.from().buffer()));
  }

  // Whether all stores end the body: then those of copies are in the order of the iterations.
  private static boolean storesLast(VectorNest nest) {
    int first = 0;
    while (first < nest.body().size() && !(nest.body().get(first) instanceof VectorStep.Store)) {
      first++;
    }
    return storesEnd(nest, first) == nest.body().size();
  }

  /** Whether an iteration writes what another one writes. */
  static boolean iterationsOverlap(TataaConfig config, VectorNest nest) {
    return rowsOverlap(config, nest, 1);
  }

  // Whether an iteration writes what one with another index along an axis writes.
  private static boolean columnsOverlap(TataaConfig config, VectorNest nest, int axis) {
    return groupsOverlap(config, nest, (index, store) -> index[axis]);
  }

  /** Whether a store of the body writes, in any iteration, what another one writes in any. */
  static boolean storesOverlap(TataaConfig config, VectorNest nest) {
    return groupsOverlap(config, nest, (index, store) -> store);
  }

  // Whether a group of writes, given by their iteration and their number in the body, writes what
  // another one writes.
  private static boolean groupsOverlap(
      TataaConfig config, VectorNest nest, ToIntBiFunction<int[], Integer> groupOf) {
    int[] loops = nest.loops().stream().mapToInt(Integer::intValue).toArray();
    Map<Buffer, Map<Integer, List<long[]>>> written = new HashMap<>();
    int[] index = new int[loops.length];
    for (long i = nest.iterations(); i > 0; i--) {
      int stores = 0;
      for (VectorStep step : nest.body()) {
        if (step instanceof VectorStep.Store store) {
          long start = store.to().at(index);
          written
              .computeIfAbsent(store.to().buffer(), key -> new HashMap<>())
              .computeIfAbsent(groupOf.applyAsInt(index, stores++), key -> new ArrayList<>())
              .add(new long[] {start, start + store.bytes(config.geometry())});
        }
      }
      Loops.advance(index, loops);
    }
    for (Map<Integer, List<long[]>> groups : written.values()) {
      List<long[]> own =
          groups.values().stream().flatMap(ranges -> united(ranges).stream()).toList();
      if (united(own).size() < own.size()) {
        return true;
      }
    }
    return false;
  }

  // Whether one of so many iterations that follow each other writes what one of others writes.
  private static boolean rowsOverlap(TataaConfig config, VectorNest nest, int length) {
    Map<Buffer, List<long[]>> written = new HashMap<>();
    int[] loops = nest.loops().stream().mapToInt(Integer::intValue).toArray();
    int[] index = new int[loops.length];
    for (long i = nest.iterations() / length; i > 0; i--) {
      Map<Buffer, List<long[]>> own = new HashMap<>();
      for (int k = 0; k < length; k++) {
        for (VectorStep step : nest.body()) {
          if (step instanceof VectorStep.Store store) {
            long start = store.to().at(index);
            own.computeIfAbsent(store.to().buffer(), key -> new ArrayList<>())
                .add(new long[] {start, start + store.bytes(config.geometry())});
          }
        }
        Loops.advance(index, loops);
      }
      own.forEach(
          (buffer, ranges) ->
              written.computeIfAbsent(buffer, key -> new ArrayList<>()).addAll(united(ranges)));
    }
    return written.values().stream().anyMatch(ranges -> united(ranges).size() < ranges.size());
  }

  // Sorted, with those that overlap as one.
  private static List<long[]> united(List<long[]> ranges) {
    List<long[]> sorted = new ArrayList<>(ranges);
    sorted.sort((a, b) -> Long.compare(a[0], b[0]));
    List<long[]> united = new ArrayList<>();
    for (long[] range : sorted) {
      long[] last = united.isEmpty() ? null : united.get(united.size() - 1);
      if (last != null && range[0] < last[1]) {
        last[1] = Math.max(last[1], range[1]);
      } else {
        united.add(range.clone());
      }
    }
    return united;
  }
}
