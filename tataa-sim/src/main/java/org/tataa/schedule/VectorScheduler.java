package org.tataa.schedule;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.LoadV;
import org.tataa.isa.OperandSelect;
import org.tataa.isa.VectorOp;
import org.tataa.tile.Loops;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;

/**
 * Emits the instructions of a vector nest, in the order of the {@link Plan} that takes least time
 * on a rough clock. Loads run ahead of the operations, up to a few iterations, as far as slots are
 * free and the port's queue has room, so that neither the ports nor the array wait. A vector that
 * is still in a slot is not loaded again.
 */
final class VectorScheduler {
  /** Iterations whose loads may be under way or done. */
  private static final int AHEAD = 4;

  /** Most iterations that are done side by side. */
  private static final int MAX_INTERLEAVED = 8;

  /** Orders that are tried, the first being that of the nest. */
  private static final List<ListOrder.Limits> ORDERS =
      List.of(
          new ListOrder.Limits(0, 0, 0, 8),
          new ListOrder.Limits(64, 64, 1, 7),
          new ListOrder.Limits(ListOrder.ALL, 12, 4, 7),
          new ListOrder.Limits(ListOrder.ALL, 16, 8, 7),
          new ListOrder.Limits(ListOrder.ALL, 32, 8, 7));

  /** Iterations on which orders are compared. */
  private static final int SAMPLE = 12;

  private final TataaConfig config;
  private final MemoryPlan memory;
  private final Instructions out;
  private final SlotFile[] banks;
  private final PortClock ports;
  private final VectorPlans plans;

  VectorScheduler(TataaConfig config, MemoryPlan memory, Instructions out, VectorPlans plans) {
    this.config = config;
    this.memory = memory;
    this.out = out;
    this.plans = plans;
    int slots = config.buffers().vectorSlots();
    banks = new SlotFile[] {new SlotFile(slots), new SlotFile(slots)};
    ports = new PortClock(config);
  }

  /** Emits a nest; {@link ScheduleException} if its registers do not fit in any order. */
  void emit(VectorNest nest) {
    Plan plan = plans.of(nest, this::plan);
    int start = out.size();
    boolean fits = true;
    for (VectorNest part : plan.apply(nest)) {
      fits = fits && new Run(part, body(part)).emit();
    }
    if (!fits) {
      out.truncate(start);
      emitInOrder(nest);
    }
  }

  /** Cycles what was emitted takes by the rough clock. */
  long predictedCycles() {
    return ports.end();
  }

  private void emitInOrder(VectorNest nest) {
    int start = out.size();
    for (int i = 0; i < 3; i++) {
      VectorNest order =
          i == 0 ? nest : i == 1 ? PressureOrder.reorder(nest) : DepthFirst.reorder(nest);
      if (new Run(order, body(order)).emit()) {
        return;
      }
      out.truncate(start);
    }
    throw new ScheduleException(
        nest.work().value()
            + ": the vector slots, "
            + config.buffers().vectorSlots()
            + " in each bank, are too few for an expression of "
            + nest.registers()
            + " vectors");
  }

  /**
   * How nests of a shape are ordered.
   *
   * @param factor iterations side by side
   * @param orders orders of the bodies of the parts this gives; none for the orders they have
   */
  record Plan(int factor, List<int[]> orders) {
    List<VectorNest> apply(VectorNest nest) {
      List<VectorNest> parts = parts(nest, factor);
      if (orders.isEmpty()) {
        return parts;
      }
      return IntStream.range(0, parts.size())
          .mapToObj(i -> ListOrder.reorder(parts.get(i), orders.get(i)))
          .toList();
    }
  }

  private static List<VectorNest> parts(VectorNest nest, int factor) {
    return factor == 1 ? List.of(nest) : Interleave.of(nest, factor);
  }

  private Plan plan(VectorNest nest, int factor, ListOrder.Limits limits) {
    if (limits.window() == 0) {
      return new Plan(factor, List.of());
    }
    return new Plan(
        factor,
        parts(nest, factor).stream()
            .map(part -> plans.order(part, limits, () -> ListOrder.of(config, part, limits)))
            .toList());
  }

  private Plan plan(VectorNest nest) {
    VectorNest head = Interleave.head(nest, SAMPLE);
    int most = Math.min(MAX_INTERLEAVED, Interleave.most(config, nest));
    VectorPlans.Choice choice = plans.choice(head, most, () -> choice(head, most));
    return plan(nest, choice.factor(), choice.limits());
  }

  // By the rough clock, for the first iterations.
  private VectorPlans.Choice choice(VectorNest head, int most) {
    int bestFactor = 1;
    ListOrder.Limits best = ORDERS.get(0);
    long bestTime = Long.MAX_VALUE;
    for (int factor = 1; factor <= most; factor += factor < 4 ? 1 : 2) {
      boolean fits = false;
      for (ListOrder.Limits limits : ORDERS) {
        long time = time(plan(head, factor, limits).apply(head));
        fits |= time < Long.MAX_VALUE;
        if (time < bestTime) {
          bestFactor = factor;
          best = limits;
          bestTime = time;
        }
      }
      if (!fits && factor > 1) {
        break;
      }
    }
    return new VectorPlans.Choice(bestFactor, best);
  }

  private long time(List<VectorNest> nests) {
    VectorScheduler trial = new VectorScheduler(config, memory, new Instructions(config), plans);
    for (VectorNest nest : nests) {
      if (!trial.new Run(nest, trial.body(nest)).emit()) {
        return Long.MAX_VALUE;
      }
    }
    return trial.ports.now();
  }

  private VectorBody body(VectorNest nest) {
    return new VectorBody(BankAssignment.of(nest), config.buffers().dmbDepth());
  }

  private final class Run {
    private final VectorBody body;
    private final int[] loops;
    private final int total;
    private final int[][] slot;
    private final int[][] left;
    private final long[][] ready;
    private final long[] loadBase;
    private final int[] liveResults = new int[2];
    private int nextIteration;
    private int nextLoad;

    Run(VectorNest nest, VectorBody body) {
      this.body = body;
      loops = nest.loops().stream().mapToInt(Integer::intValue).toArray();
      total = Math.toIntExact(nest.iterations());
      slot = new int[AHEAD][2 * body.registers()];
      left = new int[AHEAD][2 * body.registers()];
      ready = new long[AHEAD][2 * body.registers()];
      loadBase =
          body.loads().stream()
              .map(load -> load.step().from())
              .mapToLong(from -> memory.address(from.buffer()) + from.base())
              .toArray();
    }

    boolean emit() {
      for (SlotFile bank : banks) {
        bank.clear();
      }
      int[] index = new int[loops.length];
      for (int iteration = 0; iteration < total; iteration++) {
        int context = iteration % AHEAD;
        if (iteration == nextIteration && nextLoad == 0) {
          Arrays.fill(slot[context], SlotFile.NONE);
        }
        System.arraycopy(body.uses(), 0, left[context], 0, left[context].length);
        for (int i = 0; i < body.steps().size(); i++) {
          VectorStep step = body.steps().get(i);
          if (step instanceof VectorStep.Operate operate) {
            if (!operate(operate, iteration, i)) {
              return false;
            }
          } else if (step instanceof VectorStep.Store store) {
            prefetch(iteration, i);
            long address = memory.address(store.to().buffer()) + store.to().at(index);
            out.store(
                store.mode(),
                store.scale(),
                store.transpose(),
                store.registers().length * config.geometry().dmpus(),
                address);
            ports.store(store);
          }
        }
        Loops.advance(index, loops);
      }
      return true;
    }

    private boolean operate(VectorStep.Operate operate, int iteration, int number) {
      int context = iteration % AHEAD;
      Bank firstBank = body.firstBank(operate);
      Bank secondBank = body.secondBank(operate);
      if (!present(operate.first(), firstBank, iteration)
          || !present(operate.second(), secondBank, iteration)) {
        return false;
      }
      prefetch(iteration, number);
      int constant =
          operate.first().isConstant()
              ? out.constant(operate.first().index())
              : operate.second().isConstant() ? out.constant(operate.second().index()) : 0;
      int a = 0;
      int b = 0;
      if (!operate.first().isConstant()) {
        int at = slot[context][2 * operate.first().index() + firstBank.ordinal()];
        a = firstBank == Bank.A ? at : a;
        b = firstBank == Bank.B ? at : b;
      }
      if (!operate.second().isConstant()) {
        int at = slot[context][2 * operate.second().index() + secondBank.ordinal()];
        a = secondBank == Bank.A ? at : a;
        b = secondBank == Bank.B ? at : b;
      }
      release(operate.first(), firstBank, context);
      if (operate.op().operands() == 2 || !operate.second().equals(operate.first())) {
        release(operate.second(), secondBank, context);
      }
      boolean toBuffers = body.isStored(operate.register());
      Bank to = body.bank(operate.register());
      int target = 0;
      if (!toBuffers) {
        target = banks[to.ordinal()].take();
        if (target == SlotFile.NONE) {
          return false;
        }
        slot[context][2 * operate.register() + to.ordinal()] = target;
        liveResults[to.ordinal()]++;
      }
      out.add(
          new VectorOp(
              operate.op(),
              select(operate, firstBank, secondBank),
              a,
              b,
              constant,
              !toBuffers,
              to,
              target));
      long operands =
          Math.max(
              ready(operate.first(), firstBank, context),
              ready(operate.second(), secondBank, context));
      ready[context][2 * operate.register() + to.ordinal()] = ports.operate(operate.op(), operands);
      if (!toBuffers && left[context][2 * operate.register() + to.ordinal()] == 0) {
        // Nobody reads it.
        banks[to.ordinal()].release(target);
        liveResults[to.ordinal()]--;
      }
      return true;
    }

    private long ready(Operand operand, Bank bank, int context) {
      return operand.isConstant() ? 0 : ready[context][2 * operand.index() + bank.ordinal()];
    }

    // One use of an operand is over.
    private void release(Operand operand, Bank bank, int context) {
      if (operand.isConstant()) {
        return;
      }
      int key = 2 * operand.index() + bank.ordinal();
      if (--left[context][key] == 0) {
        banks[bank.ordinal()].release(slot[context][key]);
        if (!body.isLoaded(operand.index())) {
          liveResults[bank.ordinal()]--;
        }
      }
    }

    // Loads an operand now if it was not loaded before.
    private boolean present(Operand operand, Bank bank, int iteration) {
      if (operand.isConstant()) {
        return true;
      }
      int key = 2 * operand.index() + bank.ordinal();
      while (slot[iteration % AHEAD][key] == SlotFile.NONE) {
        if (nextIteration > iteration || !load()) {
          return false;
        }
      }
      return true;
    }

    // Loads ahead as long as a port has nothing better to do, and slots are left for the results
    // that come before.
    private void prefetch(int iteration, int step) {
      while (!body.loads().isEmpty()
          && nextIteration < total
          && nextIteration < iteration + AHEAD) {
        VectorBody.Load load = body.loads().get(nextLoad);
        int bank = load.bank().ordinal();
        int reserve = body.resultsUntil(step, load, nextIteration > iteration) - liveResults[bank];
        if (banks[bank].free() <= reserve || ports.isBacklogged(bank) || !load()) {
          return;
        }
      }
    }

    private boolean load() {
      VectorBody.Load load = body.loads().get(nextLoad);
      int bank = load.bank().ordinal();
      int context = nextIteration % AHEAD;
      if (nextLoad == 0) {
        Arrays.fill(slot[context], SlotFile.NONE);
      }
      long address = loadBase[nextLoad] + at(load, nextIteration);
      int at = banks[bank].reuse(address);
      long done = 0;
      if (at == SlotFile.NONE) {
        at = banks[bank].takeFor(address);
        if (at == SlotFile.NONE) {
          return false;
        }
        out.add(new LoadV(load.bank(), at, address, config.geometry().vectorBytes()));
        done = ports.load(bank);
      }
      slot[context][2 * load.step().register() + bank] = at;
      ready[context][2 * load.step().register() + bank] = done;
      if (++nextLoad == body.loads().size()) {
        nextLoad = 0;
        nextIteration++;
      }
      return true;
    }

    private long at(VectorBody.Load load, int iteration) {
      long offset = 0;
      long[] strides = load.step().from().strides();
      int rest = iteration;
      for (int loop = loops.length - 1; loop >= 0; loop--) {
        offset += strides[loop] * (rest % loops[loop]);
        rest /= loops[loop];
      }
      return offset;
    }
  }

  private static OperandSelect select(VectorStep.Operate operate, Bank firstBank, Bank secondBank) {
    boolean negate = operate.negateSecond();
    if (operate.first().isConstant()) {
      return secondBank == Bank.B
          ? negate ? OperandSelect.C_NEG_B : OperandSelect.C_B
          : negate ? OperandSelect.NEG_A_C : OperandSelect.A_C;
    }
    if (operate.second().isConstant()) {
      return firstBank == Bank.A ? OperandSelect.A_C : OperandSelect.C_B;
    }
    if (operate.first().equals(operate.second()) || operate.op().operands() == 1) {
      return firstBank == Bank.A ? OperandSelect.A_A : OperandSelect.B_B;
    }
    return negate ? OperandSelect.A_NEG_B : OperandSelect.A_B;
  }
}
