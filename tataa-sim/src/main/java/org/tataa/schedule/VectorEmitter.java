package org.tataa.schedule;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.VectorOp;
import org.tataa.tile.Loops;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;

/**
 * Emits the instructions of a nest in the order of its body; its loads run ahead of the operations
 * ({@link VectorLoads}), so that neither the ports nor the array wait.
 */
final class VectorEmitter {
  /** A STORE that is due. */
  private record Waiting(VectorStep.Store store, long offset) {}

  private final TataaConfig config;
  private final MemoryPlan memory;
  private final Instructions out;
  private final NestContext slots;
  private final PortClock ports;
  private final long tooMany;
  private final VectorBody body;
  private final EmissionStyle style;
  private final VectorLoads loads;
  private final int[] loops;
  private final int total;

  /** Rounds: an iteration begins in each, and the last ones end in what are left. */
  private final int rounds;

  private final int[][] slot;
  private final int[][] left;
  private final long[][] ready;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private int words;

  // Cycles when the first round began, the first with all its iterations, the first without a new
  // one, and when the last ended.
  private long begun;
  private long filled;
  private long emptied;
  private long ended;

  /**
   * Emits a nest.
   *
   * @param out where to
   * @param ports clock; goes on
   * @param body the nest's body with its banks
   * @param slots what it finds in them; goes on
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
      NestContext slots,
      long tooMany) {
    this.config = config;
    this.memory = memory;
    this.out = out;
    this.ports = ports;
    this.tooMany = tooMany;
    this.slots = slots;
    this.body = body;
    this.style = style;
    loops = nest.loops().stream().mapToInt(Integer::intValue).toArray();
    total = Math.toIntExact(nest.iterations());
    rounds = total + body.mostLag();
    int contexts = VectorLoads.AHEAD + body.mostLag() + 1;
    slot = new int[contexts][2 * body.registers()];
    left = new int[contexts][2 * body.registers()];
    ready = new long[contexts][2 * body.registers()];
    Arrays.fill(slot[0], SlotFile.NONE);
    loads =
        new VectorLoads(config, memory, out, ports, body, loops, total, style, slots, slot, ready);
  }

  /** Whether it was emitted; if not, registers did not fit or there were too many cycles. */
  boolean emit() {
    begun = ports.now();
    if (body.loads().isEmpty()) {
      slots.afterLoads();
    }
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
          loads.prefetch(round, i, 0);
          waiting.add(new Waiting(store, Loops.at(store.to(), loops, iteration)));
          if (!style.isLate()) {
            store();
          }
        }
      }
    }
    slots.afterOperations();
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
    if (!loads.present(operate.first(), firstBank, context, round, number)
        || !loads.present(operate.second(), secondBank, context, round, number)) {
      return false;
    }
    long operands =
        Math.max(
            ready(operate.first(), firstBank, context),
            ready(operate.second(), secondBank, context));
    loads.prefetch(round, number, ports.issue(operate.op(), operands));
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
      target = slots.bank(to.ordinal()).take();
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
      slots.bank(to.ordinal()).release(target);
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
      loads.used(bank);
    }
    if (--left[context][key] == 0) {
      slots.bank(bank.ordinal()).release(slot[context][key]);
    }
  }
}
