package org.tataa.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.isa.Bank;
import org.tataa.isa.OperandSelect;
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
   * @param lag rounds that step's iteration is behind the newest
   */
  record Load(VectorStep.Load step, Bank bank, int firstUse, int lag) {}

  private final BankAssignment banks;
  private final List<VectorStep> steps = new ArrayList<>();

  /** By how many rounds the iteration of a step is behind the newest. */
  private final int[] lags;

  private final int mostLag;
  private final int[] most = new int[2];
  private final List<Load> loads = new ArrayList<>();
  private final int[] uses;
  private final boolean[] isStored;
  private final VectorStep.Load[] loaded;

  /** By bank: loads first used before each step, and the last entry: all. */
  private final int[][] begun = new int[2][];

  /** By bank: vectors in use after each step, less the loads first used until then. */
  private final RangeMaximum[] inUse = new RangeMaximum[2];

  /** A body whose iterations follow each other. */
  static VectorBody of(BankAssignment banks, int dmbDepth) {
    return new VectorBody(banks, PushOrder.of(banks.steps(), dmbDepth), new int[0]);
  }

  /**
   * A round of a pipelined body.
   *
   * @param lags for every step of the nest, by how many rounds its iteration is behind the newest
   */
  static VectorBody pipelined(BankAssignment banks, int[] lags) {
    return new VectorBody(banks, banks.steps(), lags);
  }

  private VectorBody(BankAssignment banks, List<VectorStep> ordered, int[] lagOf) {
    this.banks = banks;
    uses = new int[2 * banks.registers()];
    isStored = new boolean[banks.registers()];
    loaded = new VectorStep.Load[banks.registers()];
    lags = new int[ordered.size()];
    int at = 0;
    for (VectorStep step : ordered) {
      if (step instanceof VectorStep.Load load) {
        loaded[load.register()] = load;
      } else {
        lags[steps.size()] = lagOf.length == 0 ? 0 : lagOf[at];
        steps.add(step);
      }
      // A copy comes before the step that needs it.
      at += banks.isCopy(step) ? 0 : 1;
      if (step instanceof VectorStep.Store store) {
        for (int register : store.registers()) {
          isStored[register] = true;
        }
      }
    }
    mostLag = Arrays.stream(lags).max().orElse(0);
    findLoads();
    countUse();
  }

  private void findLoads() {
    Load[] firstLoads = new Load[uses.length];
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i) instanceof VectorStep.Operate operate) {
        use(i, operate.first(), firstBank(operate), firstLoads);
        if (operate.op().operands() == 2 || !operate.second().equals(operate.first())) {
          use(i, operate.second(), secondBank(operate), firstLoads);
        }
      }
    }
    for (Load load : firstLoads) {
      if (load != null) {
        loads.add(load);
      }
    }
    loads.sort(Comparator.comparingInt(Load::firstUse));
  }

  private void use(int step, Operand operand, Bank bank, Load[] firstLoads) {
    if (operand.isConstant()) {
      return;
    }
    int key = 2 * operand.index() + bank.ordinal();
    uses[key]++;
    VectorStep.Load load = loaded[operand.index()];
    if (load != null && (firstLoads[key] == null || lags[step] < firstLoads[key].lag())) {
      firstLoads[key] = new Load(load, bank, step, lags[step]);
    }
  }

  // What is in use after each step: results, and loaded vectors from their first use on. Of so many
  // rounds that all iterations are under way, the last.
  private void countUse() {
    int[][] left = new int[mostLag + 1][];
    int[] live = new int[2];
    int[][] after = new int[2][steps.size()];
    begun[0] = new int[steps.size() + 1];
    begun[1] = new int[steps.size() + 1];
    for (Load load : loads) {
      begun[load.bank().ordinal()][load.firstUse() + 1]++;
    }
    int[][] begins = {begun[0].clone(), begun[1].clone()};
    for (int i = 0; i < steps.size(); i++) {
      begun[0][i + 1] += begun[0][i];
      begun[1][i + 1] += begun[1][i];
    }
    for (int round = 0; round <= mostLag; round++) {
      left[round] = uses.clone();
      for (int i = 0; i < steps.size(); i++) {
        if (lags[i] > round) {
          continue;
        }
        int[] own = left[round - lags[i]];
        for (int bank = 0; bank < 2; bank++) {
          live[bank] += begins[bank][i + 1];
        }
        boolean isUnread = false;
        int bank = 0;
        if (steps.get(i) instanceof VectorStep.Operate operate) {
          end(operate.first(), firstBank(operate), own, live);
          if (operate.op().operands() == 2 || !operate.second().equals(operate.first())) {
            end(operate.second(), secondBank(operate), own, live);
          }
          bank = bank(operate.register()).ordinal();
          live[bank] += isStored[operate.register()] ? 0 : 1;
          isUnread = !isStored[operate.register()] && own[2 * operate.register() + bank] == 0;
        }
        most[0] = Math.max(most[0], live[0]);
        most[1] = Math.max(most[1], live[1]);
        after[0][i] = live[0] - begun[0][i + 1];
        after[1][i] = live[1] - begun[1][i + 1];
        live[bank] -= isUnread ? 1 : 0;
      }
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

  /** By how many rounds the iteration of a step is behind the newest. */
  int lag(int step) {
    return lags[step];
  }

  /** The largest lag. */
  int mostLag() {
    return mostLag;
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

  /** Whether what is in use at once fits the slots of each bank. */
  boolean fits(int slots) {
    return most[0] <= slots && most[1] <= slots;
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

  /** Which banks and constants an operation reads. */
  OperandSelect select(VectorStep.Operate operate) {
    Bank firstBank = firstBank(operate);
    Bank secondBank = secondBank(operate);
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
