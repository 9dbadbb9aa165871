package org.tataa.schedule;

import java.util.ArrayList;
import java.util.List;
import org.tataa.isa.Bank;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;

/** A body with its banks: which loads it needs, in the order of first use, and how often each. */
final class VectorBody {
  /**
   * A load into a bank.
   *
   * @param step what is loaded
   * @param bank where to
   * @param firstUse number of the step that reads it first
   */
  record Load(VectorStep.Load step, Bank bank, int firstUse) {}

  private final BankAssignment banks;
  private final List<VectorStep> steps = new ArrayList<>();
  private final List<Load> loads = new ArrayList<>();
  private final int[] uses;
  private final boolean[] isStored;
  private final VectorStep.Load[] loaded;
  private final RangeMaximum[] results = new RangeMaximum[2];

  /**
   * A body.
   *
   * @param dmbDepth words of a dual-mode buffer
   */
  VectorBody(BankAssignment banks, int dmbDepth) {
    this.banks = banks;
    uses = new int[2 * banks.registers()];
    isStored = new boolean[banks.registers()];
    loaded = new VectorStep.Load[banks.registers()];
    for (VectorStep step : PushOrder.of(banks.steps(), dmbDepth)) {
      if (step instanceof VectorStep.Load load) {
        loaded[load.register()] = load;
      } else {
        steps.add(step);
      }
      if (step instanceof VectorStep.Store store) {
        for (int register : store.registers()) {
          isStored[register] = true;
        }
      }
    }
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i) instanceof VectorStep.Operate operate) {
        use(i, operate.first(), firstBank(operate));
        if (operate.op().operands() == 2 || !operate.second().equals(operate.first())) {
          use(i, operate.second(), secondBank(operate));
        }
      }
    }
    countResults();
  }

  private void use(int step, Operand operand, Bank bank) {
    if (!operand.isConstant()
        && uses[2 * operand.index() + bank.ordinal()]++ == 0
        && loaded[operand.index()] != null) {
      loads.add(new Load(loaded[operand.index()], bank, step));
    }
  }

  // Results that are live during each step.
  private void countResults() {
    int[] left = uses.clone();
    int[] live = new int[2];
    int[][] during = new int[2][steps.size()];
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i) instanceof VectorStep.Operate operate) {
        end(operate.first(), firstBank(operate), left, live);
        if (operate.op().operands() == 2 || !operate.second().equals(operate.first())) {
          end(operate.second(), secondBank(operate), left, live);
        }
        int bank = bank(operate.register()).ordinal();
        live[bank] += isStored[operate.register()] ? 0 : 1;
        during[0][i] = live[0];
        during[1][i] = live[1];
        boolean isUnread = left[2 * operate.register() + bank] == 0;
        live[bank] -= !isStored[operate.register()] && isUnread ? 1 : 0;
      } else {
        during[0][i] = live[0];
        during[1][i] = live[1];
      }
    }
    results[0] = new RangeMaximum(during[0]);
    results[1] = new RangeMaximum(during[1]);
  }

  private void end(Operand operand, Bank bank, int[] left, int[] live) {
    if (!operand.isConstant()
        && --left[2 * operand.index() + bank.ordinal()] == 0
        && !isLoaded(operand.index())) {
      live[bank.ordinal()]--;
    }
  }

  /** Operations and stores. */
  List<VectorStep> steps() {
    return steps;
  }

  /** Loads in the order in which they are needed. */
  List<Load> loads() {
    return loads;
  }

  /** Uses of each register in each bank: {@code [2 * register + bank]}. */
  int[] uses() {
    return uses;
  }

  int registers() {
    return banks.registers();
  }

  boolean isStored(int register) {
    return isStored[register];
  }

  boolean isLoaded(int register) {
    return loaded[register] != null;
  }

  Bank bank(int register) {
    return banks.bank(register);
  }

  /**
   * Most results in a bank at once from a step on until a load is first used.
   *
   * @param isNext whether the load is for a later iteration
   */
  int resultsUntil(int step, Load load, boolean isNext) {
    RangeMaximum of = results[load.bank().ordinal()];
    return isNext
        ? Math.max(of.of(step, steps.size() - 1), of.of(0, load.firstUse()))
        : of.of(step, load.firstUse());
  }

  /** The bank source 1 is read from; meaningless for a constant. */
  Bank firstBank(VectorStep.Operate operate) {
    return bankOf(operate.first(), operate.second(), operate.negateSecond() ? Bank.A : null);
  }

  /** The bank source 2 is read from; meaningless for a constant. */
  Bank secondBank(VectorStep.Operate operate) {
    if (operate.first().equals(operate.second())) {
      return firstBank(operate);
    }
    Bank other = firstBank(operate);
    if (!operate.first().isConstant()
        && !operate.second().isConstant()
        && banks.isDual(operate.second().index())) {
      return other == Bank.A ? Bank.B : Bank.A;
    }
    return operate.second().isConstant() ? Bank.A : ownBank(operate.second());
  }

  private Bank ownBank(Operand operand) {
    return banks.isDual(operand.index()) ? Bank.A : banks.bank(operand.index());
  }

  private Bank bankOf(
      Operand operand, Operand other, @org.jspecify.annotations.Nullable Bank forced) {
    if (operand.isConstant()) {
      return Bank.A;
    }
    if (!banks.isDual(operand.index())) {
      return banks.bank(operand.index());
    }
    if (forced != null && !other.isConstant()) {
      return forced;
    }
    boolean free = other.isConstant() || other.equals(operand) || banks.isDual(other.index());
    return free ? Bank.A : banks.bank(other.index()) == Bank.A ? Bank.B : Bank.A;
  }
}
