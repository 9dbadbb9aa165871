package org.tataa.schedule;

import java.util.Arrays;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.LoadV;
import org.tataa.tile.Loops;
import org.tataa.tile.VectorStep.Operand;

/**
 * The loads of a nest, in the order of first use. They run ahead of the operations, up to a few
 * iterations, as far as slots are free and the port's queue has room. A vector that is still in a
 * slot is not loaded again.
 */
final class VectorLoads {
  /** Rounds whose loads may be under way or done. */
  static final int AHEAD = 4;

  private final TataaConfig config;
  private final Instructions out;
  private final PortClock ports;
  private final VectorBody body;
  private final int[] loops;
  private final int total;
  private final int rounds;
  private final EmissionStyle style;
  private final NestContext slots;
  private final int[][] slot;
  private final long[][] ready;
  private final long[] loadBase;

  /** Vectors one instruction may load. */
  private final int mostPerLoad;

  /** Places in the body's loads of what one instruction loads. */
  private final int[] run;

  /** Loaded vectors that no operation has read yet, by bank. */
  private final int[] unused = new int[2];

  /** The round whose loads come next. */
  private int nextRound;

  private int nextLoad;

  /**
   * No loads so far.
   *
   * @param loops of the nest
   * @param total iterations of the nest
   * @param slots what it finds in the slots
   * @param slot receives the slots of registers, by context and twice the register plus the bank
   * @param ready receives when they can be read
   */
  VectorLoads(
      TataaConfig config,
      MemoryPlan memory,
      Instructions out,
      PortClock ports,
      VectorBody body,
      int[] loops,
      int total,
      EmissionStyle style,
      NestContext slots,
      int[][] slot,
      long[][] ready) {
    this.config = config;
    this.out = out;
    this.ports = ports;
    this.body = body;
    this.loops = loops;
    this.total = total;
    this.style = style;
    this.slots = slots;
    this.slot = slot;
    this.ready = ready;
    rounds = total + body.mostLag();
    mostPerLoad = config.memory().vectorsPerLoad(config.geometry().vectorBytes());
    run = new int[mostPerLoad];
    loadBase =
        body.loads().stream()
            .map(load -> load.step().from())
            .mapToLong(from -> memory.address(from.buffer()))
            .toArray();
  }

  /** A loaded vector is read for the first time. */
  void used(Bank bank) {
    unused[bank.ordinal()]--;
  }

  /** Loads an operand now if it was not loaded before; whether it is in a slot. */
  boolean present(Operand operand, Bank bank, int context, int round, int step) {
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

  /**
   * Loads ahead as long as slots are left for what comes before, and ports take a load at once or
   * before the time of the next operation.
   *
   * @param step the array is at this step of a round
   * @param time when the next operation is issued
   */
  void prefetch(int round, int step, long time) {
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
    int free = config.buffers().vectorSlots() - slots.bank(load.bank().ordinal()).held();
    int needed = body.peak(step, load, nextRound - round) + unused[load.bank().ordinal()];
    return needed + more < free;
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
      SlotFile bank = slots.bank(load.bank().ordinal());
      long address =
          loadBase[nextLoad] + Loops.at(load.step().from(), loops, nextRound - load.lag());
      run[0] = nextLoad;
      int at = bank.reuse(address);
      long done = 0;
      int count = 1;
      if (at == SlotFile.NONE && slots.isForwarded(address)) {
        return false;
      } else if (at == SlotFile.NONE) {
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
      if (nextRound == rounds) {
        slots.afterLoads();
      }
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
          || slots.bank(first.bank().ordinal()).holds(wanted)
          || !hasRoom(next, round, step, count)) {
        break;
      }
      run[count++] = i;
    }
    return count;
  }
}
