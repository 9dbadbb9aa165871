package org.tataa.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.function.LaneProgram;
import org.tataa.isa.Bank;
import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.LaneOp;

/**
 * Finds registers for a {@link LaneProgram}. An operation reads one operand from each bank, so the
 * values are coloured with the two banks; where that is impossible a value is copied to the other
 * bank. A result takes the registers of an operand that is not needed any more, if it can.
 */
final class LaneRegisters {
  /** A value: an input or a result for a block of vectors. */
  static final class Home {
    final int width;
    Bank bank = Bank.A;
    int[][] slots = {};
    int lastUse = -1;
    boolean isInput;
    boolean isPinned;
    private @Nullable Home parent;
    private boolean opposite;
    private @Nullable Bank rootBank;

    Home(int width) {
      this.width = width;
    }

    Home root() {
      Home root = this;
      for (Home next = parent; next != null; next = next.parent) {
        root = next;
      }
      return root;
    }

    boolean differsFromRoot() {
      boolean flip = false;
      for (Home next = this; next.parent != null; next = next.parent) {
        flip ^= next.opposite;
      }
      return flip;
    }

    int slot(int vector, int turn) {
      return slots[turn % slots.length][BlockForm.variant(vector, width)];
    }
  }

  /** An operation on homes; a null home is a constant. */
  record Step(
      LaneOp op,
      @Nullable Home first,
      @Nullable Home second,
      boolean negateSecond,
      int constant,
      @Nullable Home result) {}

  private static final LaneOp COPY = LaneOp.MUL;

  final List<Home> inputs = new ArrayList<>();
  final List<Step> steps = new ArrayList<>();
  private final Home bankA = new Home(0);

  private LaneRegisters() {}

  /**
   * Allocates.
   *
   * @param widths different vectors of each input
   * @param pinned inputs that stay over many blocks
   * @param slots slots of a bank
   * @throws IllegalArgumentException if the registers do not suffice
   */
  static LaneRegisters allocate(
      LaneProgram program, List<Integer> widths, List<Boolean> pinned, int slots) {
    for (int sets = 2; sets >= 1; sets--) {
      LaneRegisters registers = new LaneRegisters();
      registers.translate(program, widths, pinned);
      registers.chooseBanks();
      if (registers.place(slots, sets)) {
        return registers;
      }
    }
    throw new IllegalArgumentException(
        program + " needs more than the " + 2 * slots + " vector slots of the machine");
  }

  private void translate(LaneProgram program, List<Integer> widths, List<Boolean> pinned) {
    for (int i = 0; i < program.inputs(); i++) {
      Home home = new Home(widths.get(i));
      home.isInput = true;
      home.isPinned = pinned.get(i);
      inputs.add(home);
    }
    List<Home> results = new ArrayList<>();
    for (LaneProgram.Step step : program.steps()) {
      Home first = home(step.first(), results);
      Home second = home(step.second(), results);
      Home result = new Home(BlockForm.VECTORS);
      int constant =
          first == null ? step.first().index() : second == null ? step.second().index() : 0;
      if (first != null && second != null && first != second) {
        if (step.negateSecond()) {
          first = related(first, bankA, false);
          second = related(second, bankA, true);
        } else {
          second = related(second, first, true);
        }
      }
      steps.add(new Step(step.op(), first, second, step.negateSecond(), constant, result));
      results.add(result);
    }
    // The last operation writes to the dual-mode buffers.
    Home last = home(program.result(), results);
    if (last == null) {
      throw new IllegalArgumentException(program + ": the result is a constant");
    }
    int end = steps.size() - 1;
    if (end >= 0 && steps.get(end).result() == last) {
      Step step = steps.get(end);
      steps.set(
          end,
          new Step(
              step.op(), step.first(), step.second(), step.negateSecond(), step.constant(), null));
    } else {
      steps.add(new Step(COPY, last, null, false, Bfloat16.ONE, null));
    }
  }

  private @Nullable Home home(LaneProgram.Value value, List<Home> results) {
    return switch (value.kind()) {
      case INPUT -> inputs.get(value.index());
      case RESULT -> results.get(value.index());
      case CONSTANT -> null;
    };
  }

  // A value whose bank is related to that of another as wanted: itself, or else a copy of it.
  private Home related(Home value, Home other, boolean different) {
    if (relate(value, other, different)) {
      return value;
    }
    Home copy = new Home(BlockForm.VECTORS);
    steps.add(new Step(COPY, value, null, false, Bfloat16.ONE, copy));
    relate(copy, other, different);
    return copy;
  }

  // Records that two homes are in different banks (or the same); false if that contradicts.
  private static boolean relate(Home a, Home b, boolean different) {
    boolean flip = different ^ a.differsFromRoot() ^ b.differsFromRoot();
    Home rootA = a.root();
    Home rootB = b.root();
    if (rootA == rootB) {
      return !flip;
    }
    rootA.parent = rootB;
    rootA.opposite = flip;
    return true;
  }

  private void chooseBanks() {
    bankA.root().rootBank = bankA.differsFromRoot() ? Bank.B : Bank.A;
    // Free choices are balanced by the registers of the inputs.
    int balance = 0;
    for (Home home : all()) {
      Home root = home.root();
      boolean other = home.differsFromRoot();
      if (root.rootBank == null) {
        root.rootBank = (balance <= 0) != other ? Bank.A : Bank.B;
      }
      home.bank = other == (root.rootBank == Bank.A) ? Bank.B : Bank.A;
      if (home.isInput) {
        balance += home.bank == Bank.A ? home.width : -home.width;
      }
    }
  }

  private List<Home> all() {
    List<Home> all = new ArrayList<>(inputs);
    for (Step step : steps) {
      if (step.result() != null) {
        all.add(step.result());
      }
    }
    return all;
  }

  private boolean place(int slots, int sets) {
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      if (step.first() != null) {
        step.first().lastUse = i;
      }
      if (step.second() != null) {
        step.second().lastUse = i;
      }
    }
    boolean[][] used = new boolean[2][slots];
    for (Home input : inputs) {
      int[][] places = new int[input.isPinned ? 1 : sets][];
      for (int set = 0; set < places.length; set++) {
        places[set] = take(used, input);
        if (places[set].length == 0) {
          return false;
        }
      }
      input.slots = places;
    }
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      Home result = step.result();
      Home inherited = null;
      if (result != null) {
        for (Home operand : new Home[] {step.first(), step.second()}) {
          if (operand != null
              && !operand.isInput
              && operand.lastUse == i
              && operand.bank == result.bank) {
            inherited = operand;
          }
        }
        result.slots = inherited != null ? inherited.slots : new int[][] {take(used, result)};
        if (result.slots[0].length == 0) {
          return false;
        }
        if (result.lastUse < 0) {
          throw new IllegalStateException("a result without use");
        }
      }
      for (Home operand : new Home[] {step.first(), step.second()}) {
        if (operand != null && !operand.isInput && operand.lastUse == i && operand != inherited) {
          release(used, operand);
        }
      }
    }
    return true;
  }

  private static int[] take(boolean[][] used, Home home) {
    boolean[] bank = used[home.bank == Bank.A ? 0 : 1];
    int[] slots = new int[home.width];
    int count = 0;
    for (int slot = 0; slot < bank.length && count < slots.length; slot++) {
      if (!bank[slot]) {
        slots[count++] = slot;
      }
    }
    if (count < slots.length) {
      return new int[0];
    }
    for (int slot : slots) {
      bank[slot] = true;
    }
    return slots;
  }

  private static void release(boolean[][] used, Home home) {
    for (int slot : home.slots[0]) {
      used[home.bank == Bank.A ? 0 : 1][slot] = false;
    }
  }

  @Override
  public String toString() {
    return "inputs "
        + Arrays.toString(inputs.stream().map(h -> h.bank + "x" + h.width).toArray())
        + ", "
        + steps.size()
        + " operations";
  }
}
