package org.tataa.kernel;

import java.util.ArrayList;
import java.util.List;
import org.tataa.isa.Bank;
import org.tataa.numeric.LaneOp;

/**
 * Combines any number of vectors by a pairwise tree, "two by two" (functions.md, Reductions), with
 * one register per level: a binary counter whose digits are partial results.
 *
 * <p>An operation takes one operand from each bank. The first partial of a pair therefore waits in
 * bank A and the second arrives in bank B; {@link #next()} says where the next input must go.
 */
final class TreeReducer {
  private final VectorEmitter emitter;
  private final LaneOp op;
  private final int firstSlot;
  private final int levels;
  private final int zero;
  private final List<Boolean> waiting = new ArrayList<>();

  /**
   * A reducer that uses slots {@code firstSlot..firstSlot+levels-1} of both banks.
   *
   * @param levels {@link #levelsFor} the number of inputs
   * @param zero constant register that holds 0
   */
  TreeReducer(VectorEmitter emitter, LaneOp op, int firstSlot, int levels, int zero) {
    this.emitter = emitter;
    this.op = op;
    this.firstSlot = firstSlot;
    this.levels = levels;
    this.zero = zero;
  }

  /** Levels that {@code inputs} inputs need. */
  static int levelsFor(int inputs) {
    return 32 - Integer.numberOfLeadingZeros(Math.max(1, inputs));
  }

  private boolean isWaiting(int level) {
    return level < waiting.size() && waiting.get(level);
  }

  private VectorEmitter.Reg place(int level) {
    if (level >= levels) {
      throw new IllegalStateException("reduction tree is deeper than its " + levels + " levels");
    }
    Bank bank = isWaiting(level) ? Bank.B : Bank.A;
    return new VectorEmitter.Reg(bank, firstSlot + level);
  }

  /** Register the next input must be written to, before {@link #accept()} is called. */
  VectorEmitter.Reg next() {
    return place(0);
  }

  /** Takes the input that was written to {@link #next()} and combines as far as possible. */
  void accept() {
    int level = 0;
    while (isWaiting(level)) {
      waiting.set(level, false);
      emitter.op(
          op,
          VectorEmitter.a(firstSlot + level),
          VectorEmitter.b(firstSlot + level),
          place(level + 1));
      level++;
    }
    while (waiting.size() <= level) {
      waiting.add(false);
    }
    waiting.set(level, true);
  }

  /**
   * Combines what is left.
   *
   * @return the register of the result, in bank A
   */
  VectorEmitter.Reg finish() {
    VectorEmitter.Reg partial = null;
    for (int level = 0; level < waiting.size(); level++) {
      if (!waiting.get(level)) {
        continue;
      }
      VectorEmitter.Reg here = VectorEmitter.a(firstSlot + level);
      if (partial == null) {
        partial = here;
      } else {
        // The smaller partial moves over to bank B.
        VectorEmitter.Reg other = VectorEmitter.b(firstSlot + level);
        emitter.withConstant(LaneOp.ADD, partial, zero, other);
        emitter.op(op, here, other, here);
        partial = here;
      }
    }
    if (partial == null) {
      throw new IllegalStateException("nothing to reduce");
    }
    waiting.clear();
    return partial;
  }
}
