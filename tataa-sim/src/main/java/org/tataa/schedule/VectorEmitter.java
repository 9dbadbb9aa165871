package org.tataa.schedule;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.LoadV;
import org.tataa.isa.VectorOp;
import org.tataa.tile.Loops;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;

/**
 * Emits the instructions of a nest in the order of its body. Loads run ahead of the operations, up
 * to a few iterations, as far as slots are free and the port's queue has room, so that neither the
 * ports nor the array wait. A vector that is still in a slot is not loaded again.
 */
final class VectorEmitter {
  /** Rounds whose loads may be under way or done. */
  private static final int AHEAD = 4;

  /** A STORE that is due. */
  private record Waiting(VectorStep.Store store, long offset) {}

  private final TataaConfig config;
  private final MemoryPlan memory;
  private final Instructions out;
  private final SlotFile[] banks;
  private final PortClock ports;
  private final long tooMany;
  private final VectorBody body;
  private final EmissionStyle style;
  private final int[] loops;
  private final int total;

  /** Rounds: an iteration begins in each, and the last ones end in what are left. */
  private final int rounds;

  private final int[][] slot;
  private final int[][] left;
  private final long[][] ready;
  private final long[] loadBase;

  /** Vectors one instruction may load. */
  private final int mostPerLoad;

  /** Places in the body's loads of what one instruction loads. */
  private final int[] run;

  /** Loaded vectors that no operation has read yet, by bank. */
  private final int[] unused = new int[2];

  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private int words;

  // Cycles when the first round began, the first with all its iterations, the first without a new
  // one, and when the last ended.
  private long begun;
  private long filled;
  private long emptied;
  private long ended;

  /** The round whose loads come next. */
  private int nextRound;

  private int nextLoad;

  /**
   * Emits a nest.
   *
   * @param out where to
   * @param ports clock; goes on
   * @param body the nest's body with its banks
   * @param tooMany cycles at which it gives up
   */
  VectorEmitter(
      TataaConfig config,
      MemoryPlan memory,
      Instructions out,
      PortClock ports,
      VectorNest nest,
      VectorBody body,
      EmissionStyle style,
      long tooMany) {
    this.config = config;
    this.memory = memory;
    this.out = out;
    this.ports = ports;
    this.tooMany = tooMany;
    int slots = config.buffers().vectorSlots();
    banks = new SlotFile[] {new SlotFile(slots), new SlotFile(slots)};
    this.body = body;
    this.style = style;
    loops = nest.loops().stream().mapToInt(Integer::intValue).toArray();
    total = Math.toIntExact(nest.iterations());
    rounds = total + body.mostLag();
    int contexts = AHEAD + body.mostLag() + 1;
    slot = new int[contexts][2 * body.registers()];
    left = new int[contexts][2 * body.registers()];
    ready = new long[contexts][2 * body.registers()];
    Arrays.fill(slot[0], SlotFile.NONE);
    mostPerLoad = config.memory().vectorsPerLoad(config.geometry().vectorBytes());
    run = new int[mostPerLoad];
    loadBase =
        body.loads().stream()
            .map(load -> load.step().from())
            .mapToLong(from -> memory.address(from.buffer()))
            .toArray();
  }

  /** Whether it was emitted; if not, registers did not fit or there were too many cycles. */
  boolean emit() {
    begun = ports.now();
    for (int round = 0; round < rounds; round++) {
      filled = round == body.mostLag() ? ports.now() : filled;
      emptied = round == total ? ports.now() : emptied;
      System.arraycopy(body.uses(), 0, left[round % left.length], 0, 2 * body.registers());
      for (int i = 0; i < body.steps().size(); i++) {
        VectorStep step = body.steps().get(i);
        int iteration = round - body.lag(i);
        if (iteration < 0 || iteration >= total) {
          continue;
        }
        if (ports.now() >= tooMany) {
          return false;
        }
        if (step instanceof VectorStep.Operate operate) {
          if (!operate(operate, iteration, round, i)) {
            return false;
          }
        } else if (step instanceof VectorStep.Store store) {
          prefetch(round, i, 0);
          waiting.add(new Waiting(store, Loops.at(store.to(), loops, iteration)));
          if (!style.isLate()) {
            store();
          }
        }
      }
    }
    while (!waiting.isEmpty()) {
      store();
    }
    ended = ports.now();
    return true;
  }

  /** Cycles a pipeline takes to fill and to empty, beyond those of its rounds. */
  long ramp() {
    int full = total - body.mostLag();
    return body.mostLag() == 0 || full < 1
        ? 0
        : filled - begun + ended - emptied - (emptied - filled) / full * body.mostLag();
  }

  private void store() {
    Waiting next = waiting.remove();
    VectorStep.Store store = next.store();
    if (out.areKept()) {
      out.store(
          store.mode(),
          store.scale(),
          store.transpose(),
          store.registers().length * config.geometry().dmpus(),
          memory.address(store.to().buffer()) + next.offset());
    }
    ports.store(store);
    words -= store.registers().length;
  }

  // Stores for which there is time before an operation can be issued, or which make room for its
  // result. Gives when operands and room are there.
  private long storeBefore(VectorStep.Operate operate, long ready) {
    boolean fills = body.isStored(operate.register());
    while (!waiting.isEmpty()
        && (fills && words == config.buffers().dmbDepth()
            || ports.issue(operate.op(), ready) >= ports.store()
            || waiting.size() > 1 && ports.isStoreFree())) {
      store();
    }
    if (!fills) {
      return ready;
    }
    words++;
    long place = ports.place();
    ports.push();
    return Math.max(ready, place);
  }

  private boolean operate(VectorStep.Operate operate, int iteration, int round, int number) {
    int context = iteration % slot.length;
    Bank firstBank = body.firstBank(operate);
    Bank secondBank = body.secondBank(operate);
    if (!present(operate.first(), firstBank, context, round, number)
        || !present(operate.second(), secondBank, context, round, number)) {
      return false;
    }
    long operands =
        Math.max(
            ready(operate.first(), firstBank, context),
            ready(operate.second(), secondBank, context));
    prefetch(round, number, ports.issue(operate.op(), operands));
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
    operands = storeBefore(operate, operands);
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
    }
    if (out.areKept()) {
      out.add(
          new VectorOp(operate.op(), body.select(operate), a, b, constant, !toBuffers, to, target));
    }
    ready[context][2 * operate.register() + to.ordinal()] = ports.operate(operate.op(), operands);
    if (!toBuffers && left[context][2 * operate.register() + to.ordinal()] == 0) {
      // Nobody reads it.
      banks[to.ordinal()].release(target);
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
    if (body.isLoaded(operand.index()) && left[context][key] == body.uses()[key]) {
      unused[bank.ordinal()]--;
    }
    if (--left[context][key] == 0) {
      banks[bank.ordinal()].release(slot[context][key]);
    }
  }

  // Loads an operand now if it was not loaded before.
  private boolean present(Operand operand, Bank bank, int context, int round, int step) {
    if (operand.isConstant()) {
      return true;
    }
    int key = 2 * operand.index() + bank.ordinal();
    while (slot[context][key] == SlotFile.NONE) {
      if (nextRound > round || !load(round, step)) {
        return false;
      }
    }
    return true;
  }

  // Loads ahead as long as slots are left for what comes before, and ports take a load at once or
  // before the time of the next operation.
  private void prefetch(int round, int step, long time) {
    while (!body.loads().isEmpty() && nextRound < rounds && nextRound < round + AHEAD) {
      VectorBody.Load load = body.loads().get(nextLoad);
      int bank = load.bank().ordinal();
      if (isDue(load)
          && !isLoaded(load)
          && (!hasRoom(load, round, step, 0)
              || ports.nextLoad(bank) > Math.max(ports.now() + 1, time)
              || (time <= ports.now() + 1 && !isUrgent(load, round, step)))) {
        return;
      }
      if (!load(round, step)) {
        return;
      }
    }
  }

  // Whether slots are left for what comes before a load of the round that is loaded now.
  private boolean hasRoom(VectorBody.Load load, int round, int step, int more) {
    int needed = body.peak(step, load, nextRound - round) + unused[load.bank().ordinal()];
    return needed + more < config.buffers().vectorSlots();
  }

  // Whether a load is read so soon that it is worth the cycle an operation could have.
  private boolean isUrgent(VectorBody.Load load, int round, int step) {
    int size = body.steps().size();
    return (long) (nextRound - round) * size + load.firstUse() - step <= style.haste();
  }

  // Whether the iteration of a load of the round that is loaded now exists.
  private boolean isDue(VectorBody.Load load) {
    int iteration = nextRound - load.lag();
    return iteration >= 0 && iteration < total;
  }

  // Whether an instruction before has loaded it, with vectors before it in memory.
  private boolean isLoaded(VectorBody.Load load) {
    return slot[context(load)][2 * load.step().register() + load.bank().ordinal()] != SlotFile.NONE;
  }

  private int context(VectorBody.Load load) {
    return (nextRound - load.lag()) % slot.length;
  }

  // The next load of the body; the array is at a step of a round.
  private boolean load(int round, int step) {
    VectorBody.Load load = body.loads().get(nextLoad);
    if (isDue(load) && !isLoaded(load)) {
      SlotFile bank = banks[load.bank().ordinal()];
      long address =
          loadBase[nextLoad] + Loops.at(load.step().from(), loops, nextRound - load.lag());
      run[0] = nextLoad;
      int at = bank.reuse(address);
      long done = 0;
      int count = 1;
      if (at == SlotFile.NONE) {
        for (count = run(address, round, step); at == SlotFile.NONE && count > 0; count--) {
          at = take(bank, address, count);
        }
        if (at == SlotFile.NONE) {
          return false;
        }
        count++;
        int bytes = count * config.geometry().vectorBytes();
        if (out.areKept()) {
          out.add(new LoadV(load.bank(), at, address, bytes));
        }
        done = ports.load(load.bank().ordinal());
      }
      for (int i = 0; i < count; i++) {
        loaded(body.loads().get(run[i]), at + i, done);
      }
    }
    if (++nextLoad == body.loads().size()) {
      nextLoad = 0;
      nextRound++;
      Arrays.fill(slot[nextRound % slot.length], SlotFile.NONE);
    }
    return true;
  }

  private int take(SlotFile bank, long address, int count) {
    return count == 1
        ? bank.takeFor(address)
        : bank.takeRun(address, config.geometry().vectorBytes(), count);
  }

  private void loaded(VectorBody.Load load, int at, long done) {
    int key = 2 * load.step().register() + load.bank().ordinal();
    unused[load.bank().ordinal()]++;
    slot[context(load)][key] = at;
    ready[context(load)][key] = done;
  }

  // Loads of the iteration that follow each other in memory and come next in their bank, as many as
  // one instruction takes and slots are left for; into run.
  private int run(long address, int round, int step) {
    VectorBody.Load first = body.loads().get(nextLoad);
    int count = 1;
    for (int i = nextLoad + 1; count < mostPerLoad && i < body.loads().size(); i++) {
      VectorBody.Load next = body.loads().get(i);
      if (next.bank() != first.bank()) {
        continue;
      }
      long wanted = address + (long) count * config.geometry().vectorBytes();
      if (next.lag() != first.lag()
          || loadBase[i] + Loops.at(next.step().from(), loops, nextRound - next.lag()) != wanted
          || banks[first.bank().ordinal()].holds(wanted)
          || !hasRoom(next, round, step, count)) {
        break;
      }
      run[count++] = i;
    }
    return count;
  }
}
