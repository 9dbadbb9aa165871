package org.tataa.schedule;

import java.util.Arrays;
import java.util.List;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;

/**
 * How many registers a body has in use at once if it is emitted in its own order. An upper bound:
 * operands of what is sent to the dual-mode buffers count until the store, as it may have to wait
 * for its turn.
 */
final class LiveRegisters {
  /** Copies of operands, which {@link BankAssignment} makes, for one operation. */
  private static final int COPIES = 2;

  private LiveRegisters() {}

  /** Whether a body fits so many slots in each bank, even if all its registers are in one. */
  static boolean fit(VectorNest nest, int slots) {
    return nest.registers() + COPIES <= slots || most(nest) + COPIES <= slots;
  }

  /** Most registers in use at once. */
  static int most(VectorNest nest) {
    List<VectorStep> body = nest.body();
    int[] storeOf = new int[nest.registers()];
    Arrays.fill(storeOf, -1);
    for (int i = 0; i < body.size(); i++) {
      if (body.get(i) instanceof VectorStep.Store store) {
        for (int register : store.registers()) {
          storeOf[register] = i;
        }
      }
    }
    int[] begin = new int[nest.registers()];
    int[] end = new int[nest.registers()];
    Arrays.fill(begin, -1);
    for (int i = 0; i < body.size(); i++) {
      if (body.get(i) instanceof VectorStep.Operate operate) {
        int until = Math.max(i, storeOf[operate.register()]);
        for (Operand operand : List.of(operate.first(), operate.second())) {
          if (!operand.isConstant()) {
            int register = operand.index();
            begin[register] = begin[register] < 0 ? i : begin[register];
            end[register] = Math.max(end[register], until);
          }
        }
        if (storeOf[operate.register()] < 0) {
          begin[operate.register()] = i;
          end[operate.register()] = i;
        }
      }
    }
    int[] change = new int[body.size() + 1];
    for (int register = 0; register < begin.length; register++) {
      if (begin[register] >= 0) {
        change[begin[register]]++;
        change[end[register] + 1]--;
      }
    }
    int live = 0;
    int most = 0;
    for (int each : change) {
      live += each;
      most = Math.max(most, live);
    }
    return most;
  }
}
