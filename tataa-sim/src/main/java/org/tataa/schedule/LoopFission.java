package org.tataa.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.isa.StoreMode;
import org.tataa.tensor.Scale;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;
import org.tataa.tile.Work;

/**
 * A nest with its body in some order, to be cut into parts with the same loops that are done one
 * after the other. A result that a later part reads is spilled: it is computed into the dual-mode
 * buffers, for a second time if its own part reads it, too, and stored, one vector for each
 * iteration. Loaded vectors are loaded again: a nest writes nothing that it loads.
 *
 * <p>What goes to the dual-mode buffers belongs to the part of its store, wherever it is in the
 * order. Places in the order are numbers of its steps, loads left out.
 */
final class LoopFission {
  /** Bytes of a vector. */
  private final int vectorBytes;

  private final VectorNest nest;
  private final List<VectorStep> order = new ArrayList<>();

  /** By register: the load, null for results. */
  private final VectorStep.@Nullable Load[] loads;

  /** By register: where it is computed, or stored if it is; -1 for what is loaded. */
  private final int[] madeAt;

  /** By register: the places that decide in which parts it is read; none if it is not. */
  private final int[] firstRead;

  private final int[] lastRead;

  /** Steps whose place is before one. */
  private final int[] stepsBefore;

  /** Places before which the order may be cut; beyond, stores would change their order. */
  private final int lastCut;

  /**
   * A nest to be cut.
   *
   * @param ordered the same with its body in the order that is cut
   */
  LoopFission(TataaConfig config, VectorNest ordered) {
    vectorBytes = config.geometry().vectorBytes();
    nest = ordered;
    loads = new VectorStep.Load[nest.registers()];
    madeAt = new int[nest.registers()];
    firstRead = new int[nest.registers()];
    lastRead = new int[nest.registers()];
    Arrays.fill(madeAt, -1);
    Arrays.fill(firstRead, Integer.MAX_VALUE);
    Arrays.fill(lastRead, -1);
    // Stores of other iterations would come between those of an iteration.
    boolean together = Interleave.storesOverlap(config, nest);
    List<VectorStep> last = new ArrayList<>();
    for (VectorStep step : nest.body()) {
      if (together && step instanceof VectorStep.Store) {
        last.add(step);
      } else if (!(step instanceof VectorStep.Load)) {
        order.add(step);
      }
    }
    lastCut = order.size();
    order.addAll(last);
    findPlaces();
    stepsBefore = new int[order.size() + 1];
    for (VectorStep step : order) {
      stepsBefore[place(step) + 1]++;
    }
    Arrays.parallelPrefix(stepsBefore, Integer::sum);
  }

  private void findPlaces() {
    for (VectorStep step : nest.body()) {
      if (step instanceof VectorStep.Load load) {
        loads[load.register()] = load;
      }
    }
    for (int i = 0; i < order.size(); i++) {
      if (order.get(i) instanceof VectorStep.Operate operate) {
        madeAt[operate.register()] = i;
      } else if (order.get(i) instanceof VectorStep.Store store) {
        for (int register : store.registers()) {
          madeAt[register] = i;
        }
      }
    }
    for (VectorStep step : order) {
      if (step instanceof VectorStep.Operate operate) {
        int place = place(step);
        for (Operand operand : List.of(operate.first(), operate.second())) {
          if (!operand.isConstant()) {
            firstRead[operand.index()] = Math.min(firstRead[operand.index()], place);
            lastRead[operand.index()] = Math.max(lastRead[operand.index()], place);
          }
        }
      }
    }
  }

  private int place(VectorStep step) {
    return step instanceof VectorStep.Operate operate
        ? madeAt[operate.register()]
        : madeAt[((VectorStep.Store) step).registers()[0]];
  }

  /** Where the last part ends. */
  int end() {
    return order.size();
  }

  /** The last place before which the order may be cut. */
  int lastCut() {
    return lastCut;
  }

  /** Whether a part has no steps. */
  boolean isEmpty(int from, int to) {
    return stepsBefore[from] == stepsBefore[to];
  }

  /** Vectors a part spills, for each place it may end before, up to one. */
  int[] spilled(int from, int last) {
    int[] change = new int[order.size() + 2];
    for (int register = 0; register < madeAt.length; register++) {
      if (madeAt[register] >= from && lastRead[register] > madeAt[register]) {
        change[madeAt[register] + 1]++;
        change[lastRead[register] + 1]--;
      }
    }
    Arrays.parallelPrefix(change, Integer::sum);
    return Arrays.copyOf(change, last + 1);
  }

  /**
   * A part of the nest.
   *
   * @param nest what it does
   * @param spilled where registers it makes can be loaded
   */
  record Part(VectorNest nest, Map<Integer, Address> spilled) {}

  /**
   * The steps from one place up to another.
   *
   * @param known where registers of earlier parts can be loaded
   * @param names gives a name to the buffer of what it spills
   */
  Part part(int from, int to, Map<Integer, Address> known, Supplier<String> names) {
    int[] spilled =
        IntStream.range(0, madeAt.length)
            .filter(i -> madeAt[i] >= from && madeAt[i] < to && lastRead[i] >= to)
            .toArray();
    return new Maker(from, to, known, homes(spilled, names)).part();
  }

  /**
   * All parts.
   *
   * @param ends where they end
   * @param names gives names to buffers of what they spill
   */
  List<VectorNest> parts(List<Integer> ends, Supplier<String> names) {
    List<VectorNest> parts = new ArrayList<>();
    Map<Integer, Address> known = new HashMap<>();
    int from = 0;
    for (int to : ends) {
      Part part = part(from, to, known, names);
      known.putAll(part.spilled());
      parts.add(part.nest());
      from = to;
    }
    return parts;
  }

  // The vectors of an iteration follow each other, so that an instruction may load several.
  private Map<Integer, Address> homes(int[] registers, Supplier<String> names) {
    Map<Integer, Address> homes = new HashMap<>();
    if (registers.length == 0) {
      return homes;
    }
    long[] strides = new long[nest.loops().size()];
    long bytes = (long) registers.length * vectorBytes;
    for (int loop = strides.length - 1; loop >= 0; loop--) {
      strides[loop] = bytes;
      bytes *= nest.loops().get(loop);
    }
    Buffer buffer = Buffer.spill(names.get(), bytes);
    for (int i = 0; i < registers.length; i++) {
      homes.put(registers[i], new Address(buffer, (long) i * vectorBytes, strides));
    }
    return homes;
  }

  /** Makes a part's body. */
  private final class Maker {
    private final int from;
    private final int to;
    private final Map<Integer, Address> known;
    private final Map<Integer, Address> homes;
    private final List<VectorStep> body = new ArrayList<>();

    /** Registers of the part by those of the nest. */
    private final Map<Integer, Integer> own = new HashMap<>();

    /** Whether nothing the part makes is read in it. */
    private final boolean isFlat;

    private int registers;

    Maker(int from, int to, Map<Integer, Address> known, Map<Integer, Address> homes) {
      this.from = from;
      this.to = to;
      this.known = known;
      this.homes = homes;
      isFlat =
          IntStream.range(0, madeAt.length)
              .noneMatch(i -> madeAt[i] >= from && madeAt[i] < to && firstRead[i] < to);
    }

    Part part() {
      for (VectorStep step : order) {
        int place = place(step);
        if (place < from || place >= to) {
          continue;
        }
        if (step instanceof VectorStep.Operate operate) {
          operate(operate);
        } else {
          VectorStep.Store store = (VectorStep.Store) step;
          int[] stored = Arrays.stream(store.registers()).map(own::get).toArray();
          body.add(
              new VectorStep.Store(
                  store.mode(), store.scale(), store.transpose(), stored, store.to()));
        }
      }
      // The part that ends the nest is the one that counts as its work.
      Work work = nest.work();
      boolean isLast = to == order.size();
      Work counted = isLast ? work : new Work(work.kind(), work.value(), 0, 0);
      return new Part(new VectorNest(counted, nest.loops(), registers, body), homes);
    }

    private void operate(VectorStep.Operate operate) {
      Operand first = operand(operate.first());
      Operand second = operate.second().equals(operate.first()) ? first : operand(operate.second());
      Address home = homes.get(operate.register());
      if (home != null) {
        int[] stored = {registers++};
        body.add(
            new VectorStep.Operate(operate.op(), stored[0], first, second, operate.negateSecond()));
        // More registers in one store would be exchanged with DMPUs.
        body.add(new VectorStep.Store(StoreMode.BF16_TO_BF16, Scale.ONE, false, stored, home));
      }
      if (home == null || firstRead[operate.register()] < to) {
        own.put(operate.register(), registers);
        body.add(
            new VectorStep.Operate(
                operate.op(), registers++, first, second, operate.negateSecond()));
      }
    }

    private Operand operand(Operand operand) {
      if (operand.isConstant()) {
        return operand;
      }
      Integer register = own.get(operand.index());
      if (register == null) {
        VectorStep.Load load = loads[operand.index()];
        Address address = load == null ? known.get(operand.index()) : load.from();
        if (address == null) {
          throw new IllegalStateException("v" + operand.index() + " is not there");
        }
        register = registers++;
        // With loads of its own an operation can have its operands in any bank. Of the shortest
        // parts each operation then needs one slot of each bank.
        if (!isFlat) {
          own.put(operand.index(), register);
        }
        body.add(new VectorStep.Load(register, address));
      }
      return Operand.register(register);
    }
  }
}
