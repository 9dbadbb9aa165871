package org.tataa.kernel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.LoadV;
import org.tataa.isa.OperandSelect;
import org.tataa.isa.ProgramBuilder;
import org.tataa.isa.StoreMode;
import org.tataa.numeric.LaneOp;

/**
 * Writes vector code: operations between slots named A0.. and B0.., and loads that are spread
 * between the operations so that a full command queue does not hold up the array.
 */
final class VectorEmitter {
  /** A vector register: a slot of a bank. */
  record Reg(Bank bank, int slot) {}

  private static final int OPERATIONS_PER_LOAD = 3;

  private final ProgramBuilder program;
  private final int vectorBytes;
  private final int vectorWords;
  private final int columnsBytes;
  private final int outputs;
  private final Deque<LoadV> prefetches = new ArrayDeque<>();
  private int sinceLoad;

  VectorEmitter(TataaConfig config, ProgramBuilder program) {
    this.program = program;
    vectorBytes = config.geometry().vectorBytes();
    vectorWords = config.geometry().dmpus();
    columnsBytes = 2 * config.geometry().columns();
    outputs = config.geometry().outputs();
  }

  static Reg a(int slot) {
    return new Reg(Bank.A, slot);
  }

  static Reg b(int slot) {
    return new Reg(Bank.B, slot);
  }

  /** Loads a vector now. */
  void load(Reg to, long address) {
    program.loadV(to.bank(), to.slot(), address, vectorBytes);
  }

  /** Loads a vector some operations later, at the latest when {@link #flushLoads} is called. */
  void prefetch(Reg to, long address) {
    prefetches.add(new LoadV(to.bank(), to.slot(), address, vectorBytes));
  }

  /** Emits all loads that are still waiting. */
  void flushLoads() {
    while (!prefetches.isEmpty()) {
      program.add(prefetches.remove());
    }
  }

  /** Sets a constant register to a bfloat16 pattern. */
  void constant(int index, int bits) {
    program.configConst(index, bits);
  }

  /** Operation on two registers; one must be in bank A and the other in B, or both the same. */
  void op(LaneOp op, Reg first, Reg second, Reg to) {
    emit(op, pair(first, second), slot(first, second, Bank.A), slot(first, second, Bank.B), 0, to);
  }

  /** {@code first - second}: first in bank A, second in bank B. */
  void subtract(Reg first, Reg second, Reg to) {
    if (first.bank() != Bank.A || second.bank() != Bank.B) {
      throw new IllegalArgumentException("subtract needs A - B, found " + first + " - " + second);
    }
    emit(LaneOp.ADD, OperandSelect.A_NEG_B, first.slot(), second.slot(), 0, to);
  }

  /** {@code -register + constant}; the register in bank A. */
  void negate(Reg register, int constant, Reg to) {
    emit(LaneOp.ADD, OperandSelect.NEG_A_C, register.slot(), 0, constant, to);
  }

  /** Operation of a register with a constant. */
  void withConstant(LaneOp op, Reg register, int constant, Reg to) {
    boolean inA = register.bank() == Bank.A;
    emit(
        op,
        inA ? OperandSelect.A_C : OperandSelect.C_B,
        inA ? register.slot() : 0,
        inA ? 0 : register.slot(),
        constant,
        to);
  }

  /** Operation of one register. */
  void unary(LaneOp op, Reg register, Reg to) {
    boolean inA = register.bank() == Bank.A;
    emit(
        op,
        inA ? OperandSelect.A_A : OperandSelect.B_B,
        inA ? register.slot() : 0,
        inA ? 0 : register.slot(),
        0,
        to);
  }

  /** Operation of two registers whose result goes to the dual-mode buffers. */
  void opToDmb(LaneOp op, Reg first, Reg second) {
    spread();
    program.vectorToDmb(
        op, pair(first, second), slot(first, second, Bank.A), slot(first, second, Bank.B), 0);
  }

  /** Operation of a register with a constant whose result goes to the dual-mode buffers. */
  void withConstantToDmb(LaneOp op, Reg register, int constant) {
    boolean inA = register.bank() == Bank.A;
    spread();
    program.vectorToDmb(
        op,
        inA ? OperandSelect.A_C : OperandSelect.C_B,
        inA ? register.slot() : 0,
        inA ? 0 : register.slot(),
        constant);
  }

  /** Any operation; the result goes to a register or, without one, to the dual-mode buffers. */
  void apply(
      LaneOp op, OperandSelect select, int slotA, int slotB, int constant, @Nullable Reg to) {
    if (to != null) {
      emit(op, select, slotA, slotB, constant, to);
    } else {
      spread();
      program.vectorToDmb(op, select, slotA, slotB, constant);
    }
  }

  /** Stores the bfloat16 vectors in the dual-mode buffers; DMPU 0 first. */
  void store(int vectors, long address) {
    int words = vectors * vectorWords;
    program.store(StoreMode.BF16_TO_BF16, false, words, address, words * columnsBytes);
  }

  /** Stores the vectors as int8, the lower half of each word; the scale must be set before. */
  void storeInt8(int vectors, boolean transpose, long address) {
    int words = vectors * vectorWords;
    program.store(StoreMode.BF16_TO_INT8, transpose, words, address, words * outputs);
  }

  /**
   * Combines registers pairwise, level by level; registers alternate between banks A and B.
   *
   * @param zero constant register that holds 0, for moves between banks
   * @param to register of the result
   */
  void tree(LaneOp op, List<Reg> inputs, int zero, Reg to) {
    List<Reg> level = inputs;
    while (level.size() > 2) {
      List<Reg> next = new ArrayList<>();
      for (int i = 0; i + 1 < level.size(); i += 2) {
        Reg target = next.size() % 2 == 0 ? level.get(i) : level.get(i + 1);
        op(op, level.get(i), level.get(i + 1), target);
        next.add(target);
      }
      if (level.size() % 2 == 1) {
        next.add(aligned(level.get(level.size() - 1), next.size(), level, zero));
      }
      level = next;
    }
    if (level.size() == 2) {
      op(op, level.get(0), level.get(1), to);
    } else {
      withConstant(LaneOp.ADD, level.get(0), zero, to);
    }
  }

  // The odd one out of a level keeps its place if that is in the bank its new position needs;
  // otherwise it moves to the slot its neighbour has just given up.
  private Reg aligned(Reg last, int position, List<Reg> level, int zero) {
    Bank wanted = position % 2 == 0 ? Bank.A : Bank.B;
    if (last.bank() == wanted) {
      return last;
    }
    Reg free = level.get(level.size() - 2);
    withConstant(LaneOp.ADD, last, zero, free);
    return free;
  }

  private static OperandSelect pair(Reg first, Reg second) {
    if (first.bank() != second.bank()) {
      return OperandSelect.A_B;
    }
    if (first.slot() != second.slot()) {
      throw new IllegalArgumentException(
          "one bank delivers one slot, found " + first + " and " + second);
    }
    return first.bank() == Bank.A ? OperandSelect.A_A : OperandSelect.B_B;
  }

  private static int slot(Reg first, Reg second, Bank bank) {
    return first.bank() == bank ? first.slot() : second.bank() == bank ? second.slot() : 0;
  }

  private void emit(LaneOp op, OperandSelect select, int slotA, int slotB, int constant, Reg to) {
    spread();
    program.vector(op, select, slotA, slotB, constant, to.bank(), to.slot());
  }

  private void spread() {
    sinceLoad++;
    if (sinceLoad >= OPERATIONS_PER_LOAD && !prefetches.isEmpty()) {
      sinceLoad = 0;
      program.add(prefetches.remove());
    }
  }
}
