package org.tataa.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tataa.isa.Bank;
import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.LaneOp;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;

/**
 * Which bank each register of a body is in. An operation reads at most one register of each bank,
 * so its two operands are coloured differently; where that contradicts, an operand is copied. A
 * register that is loaded once for many iterations or operations may be in both banks.
 */
final class BankAssignment {
  /** Operations that share a loaded register before it is worth loading into both banks. */
  private static final int SHARED = 4;

  private final List<VectorStep> steps = new ArrayList<>();

  /** Registers of the nest; those beyond are copies. */
  private final int own;

  private final int registers;
  private final boolean[] isDual;
  private final boolean[] inB;

  private BankAssignment(int own, int registers, boolean[] isDual, boolean[] inB) {
    this.own = own;
    this.registers = registers;
    this.isDual = isDual;
    this.inB = inB;
  }

  /** Steps, copies included. */
  List<VectorStep> steps() {
    return steps;
  }

  int registers() {
    return registers;
  }

  /** Whether a step copies a register for the step that follows it. */
  boolean isCopy(VectorStep step) {
    return step instanceof VectorStep.Operate operate && operate.register() >= own;
  }

  /** Whether a register may be loaded into either bank. */
  boolean isDual(int register) {
    return isDual[register];
  }

  /** The bank of a register that is in one. */
  Bank bank(int register) {
    return inB[register] ? Bank.B : Bank.A;
  }

  /**
   * Banks of a nest's registers.
   *
   * @param perLoad vectors one instruction may load into a bank
   * @param sums vectors whose bank is known; null for none
   */
  static BankAssignment of(VectorNest nest, int perLoad, @Nullable SumsBank sums) {
    return new Builder(nest, perLoad).build(sums);
  }

  private static final class Builder {
    private final VectorNest nest;
    private final List<VectorStep> steps = new ArrayList<>();
    private int[] parent;
    private boolean[] opposite;
    private boolean[] isDual;
    private int registers;
    private final int bankA;
    private final int perLoad;

    Builder(VectorNest nest, int perLoad) {
      this.nest = nest;
      this.perLoad = perLoad;
      registers = nest.registers();
      // Every operation may need a copy; one more node stands for bank A.
      int most = registers + nest.body().size() + 1;
      parent = new int[most];
      Arrays.setAll(parent, i -> i);
      opposite = new boolean[most];
      isDual = new boolean[most];
      bankA = most - 1;
    }

    BankAssignment build(@Nullable SumsBank sums) {
      findDual();
      if (sums != null) {
        place(sums);
      }
      for (VectorStep step : nest.body()) {
        if (step instanceof VectorStep.Operate operate) {
          steps.add(constrained(operate));
        } else {
          steps.add(step);
        }
      }
      boolean[] inB = colours();
      BankAssignment result =
          new BankAssignment(
              nest.registers(),
              registers,
              Arrays.copyOf(isDual, registers),
              Arrays.copyOf(inB, registers));
      result.steps.addAll(steps);
      return result;
    }

    private void place(SumsBank sums) {
      for (VectorStep step : nest.body()) {
        if (step instanceof VectorStep.Load load
            && Objects.equals(load.from().buffer(), sums.sums())) {
          isDual[load.register()] = false;
          relate(load.register(), bankA, sums.bank() == Bank.B);
        }
      }
    }

    private void findDual() {
      int[] uses = new int[registers];
      for (VectorStep step : nest.body()) {
        if (step instanceof VectorStep.Operate operate) {
          for (Operand operand : List.of(operate.first(), operate.second())) {
            if (!operand.isConstant()) {
              uses[operand.index()]++;
            }
          }
        }
      }
      int inner = nest.loops().size() - 1;
      for (VectorStep step : nest.body()) {
        if (step instanceof VectorStep.Load load) {
          boolean stays =
              inner >= 0 && nest.loops().get(inner) > 1 && load.from().strides()[inner] == 0;
          isDual[load.register()] = stays || uses[load.register()] > SHARED;
        }
      }
    }

    private VectorStep constrained(VectorStep.Operate operate) {
      Operand first = operate.first();
      Operand second = operate.second();
      if (first.isConstant() || second.isConstant() || first.equals(second)) {
        return operate;
      }
      if (operate.negateSecond()) {
        first = related(first, bankA, false);
        second = related(second, bankA, true);
      } else if (!isDual[first.index()] && !isDual[second.index()]) {
        second = related(second, first.index(), true);
      }
      return new VectorStep.Operate(
          operate.op(), operate.register(), first, second, operate.negateSecond());
    }

    // The operand, or a copy of it whose bank is as wanted.
    private Operand related(Operand operand, int other, boolean different) {
      if (isDual[operand.index()] || relate(operand.index(), other, different)) {
        return operand;
      }
      int copy = registers++;
      steps.add(
          new VectorStep.Operate(LaneOp.MUL, copy, operand, Operand.constant(Bfloat16.ONE), false));
      relate(copy, other, different);
      return Operand.register(copy);
    }

    private boolean relate(int a, int b, boolean different) {
      boolean flip = different ^ differs(a) ^ differs(b);
      int rootA = root(a);
      int rootB = root(b);
      if (rootA == rootB) {
        return !flip;
      }
      parent[rootA] = rootB;
      opposite[rootA] = flip;
      return true;
    }

    private int root(int register) {
      int root = register;
      while (parent[root] != root) {
        root = parent[root];
      }
      return root;
    }

    private boolean differs(int register) {
      boolean flip = false;
      for (int at = register; parent[at] != at; at = parent[at]) {
        flip ^= opposite[at];
      }
      return flip;
    }

    // Components without a wish are coloured so that loads balance over the ports, as many in a row
    // as an instruction loads, and results over the banks at the time they are made.
    private boolean[] colours() {
      boolean[] inB = new boolean[parent.length];
      boolean[] known = new boolean[parent.length];
      known[root(bankA)] = true;
      inB[root(bankA)] = differs(bankA);
      colourLoads(inB, known);
      colourResults(inB, known);
      for (int register = 0; register < parent.length; register++) {
        int root = root(register);
        if (root != register) {
          inB[register] = inB[root] ^ differs(register);
        }
      }
      return inB;
    }

    private void colourLoads(boolean[] inB, boolean[] known) {
      int[] loads = new int[parent.length];
      for (VectorStep step : steps) {
        if (step instanceof VectorStep.Load load && !isDual[load.register()]) {
          loads[root(load.register())] += differs(load.register()) ? -1 : 1;
        }
      }
      int balance = 0;
      boolean toB = false;
      for (int register = 0; register < parent.length; register++) {
        int root = root(register);
        if (root == register && loads[root] != 0) {
          toB = balance >= perLoad || (perLoad > 1 && toB && balance > -perLoad);
          boolean isOpposite = loads[root] < 0 && (perLoad > 1 || balance != 0);
          inB[root] = known[root] ? inB[root] : toB ? loads[root] > 0 : isOpposite;
          known[root] = true;
          balance += inB[root] ? -loads[root] : loads[root];
        }
      }
    }

    private void colourResults(boolean[] inB, boolean[] known) {
      int[] lastUse = new int[registers];
      for (int i = 0; i < steps.size(); i++) {
        if (steps.get(i) instanceof VectorStep.Operate operate) {
          for (Operand operand : List.of(operate.first(), operate.second())) {
            if (!operand.isConstant()) {
              lastUse[operand.index()] = i;
            }
          }
        }
      }
      boolean[] isResult = new boolean[registers];
      int live = 0;
      for (int i = 0; i < steps.size(); i++) {
        if (!(steps.get(i) instanceof VectorStep.Operate operate)) {
          continue;
        }
        Operand first = operate.first();
        Operand second = operate.second();
        live -= ends(first, i, lastUse, isResult) ? side(first.index(), inB) : 0;
        live -=
            !second.equals(first) && ends(second, i, lastUse, isResult)
                ? side(second.index(), inB)
                : 0;
        int register = operate.register();
        if (lastUse[register] > i) {
          int root = root(register);
          if (!known[root]) {
            inB[root] = live < 0 ^ differs(register);
            known[root] = true;
          }
          isResult[register] = true;
          live += side(register, inB);
        }
      }
    }

    private static boolean ends(Operand operand, int step, int[] lastUse, boolean[] isResult) {
      return !operand.isConstant() && isResult[operand.index()] && lastUse[operand.index()] == step;
    }

    // -1 for bank A, 1 for bank B.
    private int side(int register, boolean[] inB) {
      return inB[root(register)] ^ differs(register) ? 1 : -1;
    }
  }
}
