package org.tataa.explore;

import java.util.List;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.OperandSelect;
import org.tataa.isa.Program;
import org.tataa.isa.ProgramBuilder;
import org.tataa.isa.VectorOp;
import org.tataa.machine.CoreMachine;
import org.tataa.numeric.LaneOp;

/**
 * What changes between types of vector operations cost: batches of one type after batches of the
 * other, on vectors that are already in their slots.
 */
final class VectorBatches {
  private static final int PAIRS = 32;

  private VectorBatches() {}

  /**
   * Rate of the device in GFLOPS with batches of {@code operations} of multiply type and as many of
   * add type in turn, in the long run.
   */
  static double gflops(TataaConfig config, int operations) {
    long cycles = cycles(config, operations, 2 * PAIRS) - cycles(config, operations, PAIRS);
    return 2.0 * operations * PAIRS / cycles * config.peakBf16Gflops();
  }

  private static long cycles(TataaConfig config, int operations, int pairs) {
    int slots = config.buffers().vectorSlots();
    int bytes = config.geometry().vectorBytes();
    ProgramBuilder program = new ProgramBuilder();
    for (int slot = 0; slot < slots; slot++) {
      program.loadV(Bank.A, slot, 0, bytes).loadV(Bank.B, slot, 0, bytes);
    }
    for (int pair = 0; pair < pairs; pair++) {
      append(program, LaneOp.MUL, Bank.A, operations, slots);
      append(program, LaneOp.ADD, Bank.B, operations, slots);
    }
    Program complete = program.halt().build();
    return CoreMachine.timed(config.withCores(1)).run(List.of(complete)).cycles();
  }

  private static void append(
      ProgramBuilder program, LaneOp op, Bank to, int operations, int slots) {
    for (int i = 0; i < operations; i++) {
      int slot = i % slots;
      program.add(new VectorOp(op, OperandSelect.A_B, slot, slot, 0, true, to, slot));
    }
  }
}
