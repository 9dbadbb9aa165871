package org.tataa.schedule;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
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

  /** By bank: loads first used before each step, and the last entry: all. */
  private final int[][] begun = new int[2][];

  /** By bank: vectors in use after each step, less the loads first used until then. */
  private final RangeMaximum[] inUse = new RangeMaximum[2];

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
    countUse();
  }

  private void use(int step, Operand operand, Bank bank) {
    if (!operand.isConstant()
        && uses[2 * operand.index() + bank.ordinal()]++ == 0
        && loaded[operand.index()] != null) {
      loads.add(new Load(loaded[operand.index()], bank, step));
    }
  }

  // What is in use after each step: results, and loaded vectors from their first use on.
  private void countUse() {
    int[] left = uses.clone();
    int[] live = new int[2];
    int[][] after = new int[2][steps.size()];
    begun[0] = new int[steps.size() + 1];
    begun[1] = new int[steps.size() + 1];
    for (Load load : loads) {
      begun[load.bank().ordinal()][load.firstUse() + 1]++;
    }
    for (int i = 0; i < steps.size(); i++) {
      for (int bank = 0; bank < 2; bank++) {
        live[bank] += begun[bank][i + 1];
        begun[bank][i + 1] += begun[bank][i];
      }
      boolean isUnread = false;
      int bank = 0;
      if (steps.get(i) instanceof VectorStep.Operate operate) {
        end(operate.first(), firstBank(operate), left, live);
        if (operate.op().operands() == 2 || !operate.second().equals(operate.first())) {
          end(operate.second(), secondBank(operate), left, live);
        }
        bank = bank(operate.register()).ordinal();
        live[bank] += isStored[operate.register()] ? 0 : 1;
        isUnread = !isStored[operate.register()] && left[2 * operate.register() + bank] == 0;
      }
      after[0][i] = live[0] - begun[0][i + 1];
      after[1][i] = live[1] - begun[1][i + 1];
      live[bank] -= isUnread ? 1 : 0;
    }
    inUse[0] = new RangeMaximum(after[0]);
    inUse[1] = new RangeMaximum(after[1]);
  }

  private static void end(Operand operand, Bank bank, int[] left, int[] live) {
    if (!operand.isConstant() && --left[2 * operand.index() + bank.ordinal()] == 0) {
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
   * Most vectors in use in the bank of a load from a step on until it is first used, less the
   * vectors loaded before that begin to be used by then: with those that are loaded and not yet in
   * use before the step, the slots that all but the load itself need.
   *
   * @param ahead iterations from the step's to the load's
   */
  int peak(int step, Load load, int ahead) {
    int bank = load.bank().ordinal();
    int last = steps.size() - 1;
    int before = begun[bank][step];
    if (ahead == 0) {
      return inUse[bank].of(step, load.firstUse()) + before;
    }
    int all = begun[bank][steps.size()];
    int most =
        Math.max(inUse[bank].of(step, last), inUse[bank].of(0, load.firstUse()) - ahead * all);
    return before + (ahead == 1 ? most : Math.max(most, inUse[bank].of(0, last) - all));
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

  private Bank bankOf(Operand operand, Operand other, @Nullable Bank forced) {
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
