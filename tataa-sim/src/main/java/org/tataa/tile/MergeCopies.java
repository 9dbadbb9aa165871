package org.tataa.tile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.isa.StoreMode;
import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.LaneOp;
import org.tataa.tensor.Scale;
import org.tataa.tile.VectorStep.Operand;

/**
 * A pass of tile programs: a nest that only copies the vectors of a buffer, to have them in another
 * order, is left out where nests before it that load the same vectors and store little, as
 * reductions do, can store them, too. Those nests have one iteration, and so are not split over
 * cores as a copy is: for several cores the pass is no gain.
 */
public final class MergeCopies {
  /** By which the pass is left out. */
  public static final String NAME = "merge-copies";

  /** What it does. */
  public static final String DESCRIPTION =
      "on one core, copies in another order are stored by reductions that load the same";

  /** Vectors a nest loads for each it stores, at least. */
  private static final int LOADS_PER_STORED = 4;

  /** Vectors that are stored together: where they are loaded in a body, and where they go. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Group(int[] places, Address to) {}

  /** What a nest copies, in all its iterations: where vectors stored together are and go. */
  private record Copy(Buffer from, Buffer to, Map<List<Long>, Long> groups) {}

  /** A nest with the places of the loads of a buffer in its body, by address. */
  private record Loader(int step, VectorNest nest, Map<Long, Integer> places) {
    // Loads of vectors in the first iteration; null if it does not have them all.
    int @Nullable [] placesOf(List<Long> from) {
      int[] found = new int[from.size()];
      for (int i = 0; i < found.length; i++) {
        found[i] = places.getOrDefault(from.get(i), -1);
        if (found[i] < 0) {
          return null;
        }
      }
      return found;
    }

    List<Long> at(int[] places, int[] index) {
      return Arrays.stream(places)
          .mapToObj(place -> ((VectorStep.Load) nest.body().get(place)).from().at(index))
          .toList();
    }
  }

  private final TileProgram program;
  private final List<TileStep> steps;

  /** Steps after which a value is known to be somewhere. */
  private final Set<Integer> makers = new HashSet<>();

  private final Set<Integer> removed = new HashSet<>();

  private MergeCopies(TileProgram program) {
    this.program = program;
    steps = new ArrayList<>(program.steps());
    program.values().forEach(value -> makers.add(value.step()));
  }

  /** The program with fewer copies. */
  public static TileProgram apply(TileProgram program) {
    return new MergeCopies(program).apply();
  }

  private TileProgram apply() {
    int[] number = new int[steps.size()];
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < number.length; i++) {
      Copy copy =
          !makers.contains(i) && steps.get(i) instanceof VectorNest nest ? copy(nest) : null;
      if (copy == null || !merge(copy, i)) {
        kept.add(i);
      } else {
        removed.add(i);
      }
      number[i] = kept.size() - 1;
    }
    List<StoredValue> values =
        program.values().stream()
            .map(
                value ->
                    new StoredValue(
                        value.value(), number[value.step()], value.buffer(), value.layout()))
            .toList();
    return new TileProgram(
        program.name(),
        program.config(),
        kept.stream().map(steps::get).toList(),
        values,
        program.outputs());
  }

  // What a nest copies; null if it does anything else.
  private static @Nullable Copy copy(VectorNest nest) {
    Map<Integer, Address> loaded = new HashMap<>();
    Map<Integer, Address> copied = new HashMap<>();
    List<VectorStep.Store> stores = new ArrayList<>();
    for (VectorStep step : nest.body()) {
      if (step instanceof VectorStep.Load load) {
        loaded.put(load.register(), load.from());
      } else if (step instanceof VectorStep.Operate operate) {
        Address from = operate.first().isConstant() ? null : loaded.get(operate.first().index());
        if (operate.op() != LaneOp.MUL
            || from == null
            || !operate.second().equals(Operand.constant(Bfloat16.ONE))) {
          return null;
        }
        copied.put(operate.register(), from);
      } else if (step instanceof VectorStep.Store store) {
        if (store.mode() != StoreMode.BF16_TO_BF16 || store.transpose()) {
          return null;
        }
        stores.add(store);
      }
    }
    List<Buffer> from = loaded.values().stream().map(Address::buffer).distinct().toList();
    List<Buffer> to = stores.stream().map(store -> store.to().buffer()).distinct().toList();
    if (from.size() != 1 || to.size() != 1 || from.equals(to)) {
      return null;
    }
    Map<List<Long>, Long> groups = groups(nest, stores, copied);
    // Vectors that go to several places are not looked at.
    return groups.size() == nest.iterations() * stores.size()
        ? new Copy(from.get(0), to.get(0), groups)
        : null;
  }

  private static Map<List<Long>, Long> groups(
      VectorNest nest, List<VectorStep.Store> stores, Map<Integer, Address> copied) {
    int[] loops = loops(nest);
    int[] index = new int[loops.length];
    Map<List<Long>, Long> groups = new LinkedHashMap<>();
    for (long i = nest.iterations(); i > 0; i--) {
      for (VectorStep.Store store : stores) {
        List<Long> from = new ArrayList<>();
        for (int register : store.registers()) {
          Address address = copied.get(register);
          from.add(address == null ? -1 : address.at(index));
        }
        groups.put(from, store.to().at(index));
      }
      Loops.advance(index, loops);
    }
    return groups;
  }

  private static int[] loops(VectorNest nest) {
    return nest.loops().stream().mapToInt(Integer::intValue).toArray();
  }

  // Whether nests between what writes the copied vectors and the copy can store them instead.
  private boolean merge(Copy copy, int before) {
    Map<List<Long>, Long> left = new LinkedHashMap<>(copy.groups());
    Map<Loader, List<Group>> merged = new LinkedHashMap<>();
    for (Loader loader : loaders(copy, before)) {
      List<Group> own = new ArrayList<>();
      for (List<Long> from : List.copyOf(left.keySet())) {
        int[] places = left.containsKey(from) ? loader.placesOf(from) : null;
        Address to = places == null ? null : to(copy, left, loader, places);
        if (places != null && to != null) {
          own.add(new Group(places, to));
        }
      }
      merged.put(loader, own);
    }
    if (!left.isEmpty()) {
      return false;
    }
    merged.forEach(
        (loader, groups) -> {
          if (!groups.isEmpty()) {
            steps.set(loader.step(), with(loader, groups));
          }
        });
    return true;
  }

  // Where loads of a nest go in all its iterations, taken from what is left; null if not all of
  // them are copied, or not to regular places.
  private static @Nullable Address to(
      Copy copy, Map<List<Long>, Long> left, Loader loader, int[] places) {
    int[] loops = loops(loader.nest());
    long[] strides = new long[loops.length];
    int[] index = new int[loops.length];
    long base = left.getOrDefault(loader.at(places, index), -1L);
    for (int loop = 0; loop < loops.length; loop++) {
      if (loops[loop] > 1) {
        index[loop] = 1;
        strides[loop] = left.getOrDefault(loader.at(places, index), base) - base;
        index[loop] = 0;
      }
    }
    Address to = new Address(copy.to(), base, strides);
    List<List<Long>> taken = new ArrayList<>();
    for (long i = loader.nest().iterations(); i > 0; i--) {
      List<Long> from = loader.at(places, index);
      if (left.getOrDefault(from, -1L) != to.at(index)) {
        return null;
      }
      taken.add(from);
      Loops.advance(index, loops);
    }
    taken.forEach(left::remove);
    return to;
  }

  private List<Loader> loaders(Copy copy, int before) {
    List<Loader> loaders = new ArrayList<>();
    for (int i = before - 1; i >= 0 && !ends(steps.get(i), copy); i--) {
      if (steps.get(i) instanceof VectorNest nest && !removed.contains(i)) {
        Map<Long, Integer> places = places(nest, copy.from());
        if (places.size() >= LOADS_PER_STORED * stored(nest) && !places.isEmpty()) {
          loaders.add(new Loader(i, nest, places));
        }
      }
    }
    return loaders;
  }

  // Whether a step may write what is copied, or touches the copy.
  private static boolean ends(TileStep step, Copy copy) {
    Set<Buffer> buffers = StepBuffers.of(step);
    if (buffers.contains(copy.to())) {
      return true;
    }
    return step instanceof VectorNest nest
        ? nest.body().stream()
            .anyMatch(
                each ->
                    each instanceof VectorStep.Store store && store.to().buffer() == copy.from())
        : buffers.contains(copy.from());
  }

  // Places in the body of the loads of a buffer, by address.
  private static Map<Long, Integer> places(VectorNest nest, Buffer buffer) {
    Map<Long, Integer> places = new HashMap<>();
    int[] index = new int[nest.loops().size()];
    for (int i = 0; i < nest.body().size(); i++) {
      if (nest.body().get(i) instanceof VectorStep.Load load && load.from().buffer() == buffer) {
        places.put(load.from().at(index), i);
      }
    }
    return places;
  }

  private static int stored(VectorNest nest) {
    return nest.body().stream()
        .mapToInt(step -> step instanceof VectorStep.Store store ? store.registers().length : 0)
        .sum();
  }

  // A nest that stores groups, too, each behind the last of its loads.
  private static VectorNest with(Loader loader, List<Group> groups) {
    VectorNest nest = loader.nest();
    Map<Integer, List<Group>> behind = new HashMap<>();
    for (Group group : groups) {
      int last = Arrays.stream(group.places()).max().orElseThrow();
      behind.computeIfAbsent(last, place -> new ArrayList<>()).add(group);
    }
    List<VectorStep> body = new ArrayList<>();
    int registers = nest.registers();
    for (int i = 0; i < nest.body().size(); i++) {
      body.add(nest.body().get(i));
      for (Group group : behind.getOrDefault(i, List.of())) {
        int[] stored = new int[group.places().length];
        for (int k = 0; k < stored.length; k++) {
          VectorStep.Load load = (VectorStep.Load) nest.body().get(group.places()[k]);
          stored[k] = registers++;
          body.add(
              new VectorStep.Operate(
                  LaneOp.MUL,
                  stored[k],
                  Operand.register(load.register()),
                  Operand.constant(Bfloat16.ONE),
                  false));
        }
        body.add(
            new VectorStep.Store(StoreMode.BF16_TO_BF16, Scale.ONE, false, stored, group.to()));
      }
    }
    return new VectorNest(nest.work(), nest.loops(), registers, body);
  }
}
