package org.tataa.observe;

import org.tataa.isa.Instruction;

/**
 * Hears what one core does. All methods are called during the cycle they report, on the thread that
 * ticks the core; within a cycle the order of calls from different units is not defined. A core
 * without an observer pays one null check per event.
 */
public interface CoreObserver {
  /** The controller accepted an instruction. */
  default void onAccept(long cycle, int index, Instruction instruction) {}

  /** The controller could not accept the instruction at {@code index} in this cycle. */
  default void onStall(long cycle, int index, Instruction instruction, StallCause cause) {}

  /** A unit started: command at the data mover, exec_start or store_start. */
  default void onStart(long cycle, int index, UnitKind unit) {}

  /** A unit pulsed done. */
  default void onDone(long cycle, int index, UnitKind unit) {}

  /** The STORE at {@code index} handed its command to the write mover. */
  default void onStoreCommand(long cycle, int index) {}

  /** The array changed what it computes. */
  default void onModeSwitch(long cycle, ArrayMode from, ArrayMode to) {}

  /**
   * A row of partial sums was written to the dual-mode buffers.
   *
   * @param dmpu which DMPU
   * @param row row of that DMPU, 3..0
   * @param lo {@code [columns]} low read-outs; valid during the call only
   * @param hi {@code [columns]} high read-outs; valid during the call only
   */
  default void onDrainWrite(long cycle, int index, int dmpu, int row, int[] lo, int[] hi) {}

  /**
   * A vector result reached the register-file or DMB write port.
   *
   * @param lanes {@code [dmpus * columns]} bfloat16 bits; valid during the call only
   */
  default void onVectorCapture(long cycle, int index, int[] lanes) {}

  /** A read beat arrived through a port. */
  default void onLoadBeat(long cycle, int index, UnitKind unit) {}

  /** A write beat left for memory. */
  default void onOutputBeat(long cycle, int index, int beat, int beats) {}
}
