package org.tataa.observe;

import org.tataa.isa.Instruction;

/**
 * Hears what one core does. All methods are called during the cycle they report, on the thread that
 * ticks the core; within a cycle the order of calls from different units is not defined. A core
 * without an observer pays one null check per event.
 */
public interface CoreObserver {
  /**
   * The controller accepted an instruction.
   *
   * @param cycle clock cycle, from 0
   * @param index number of the instruction in the program
   * @param instruction the instruction
   */
  default void onAccept(long cycle, int index, Instruction instruction) {}

  /**
   * The controller could not accept the instruction at {@code index} in this cycle.
   *
   * @param cycle clock cycle, from 0
   * @param index number of the instruction in the program
   * @param instruction the instruction
   * @param cause what it waits for
   */
  default void onStall(long cycle, int index, Instruction instruction, StallCause cause) {}

  /**
   * A unit started: command at the data mover, exec_start or store_start.
   *
   * @param cycle clock cycle, from 0
   * @param index number of the instruction in the program
   * @param unit the unit
   */
  default void onStart(long cycle, int index, UnitKind unit) {}

  /**
   * A unit pulsed done.
   *
   * @param cycle clock cycle, from 0
   * @param index number of the instruction in the program
   * @param unit the unit
   */
  default void onDone(long cycle, int index, UnitKind unit) {}

  /**
   * The STORE at {@code index} handed its command to the write mover.
   *
   * @param cycle clock cycle, from 0
   * @param index number of the instruction in the program
   */
  default void onStoreCommand(long cycle, int index) {}

  /**
   * The array changed what it computes.
   *
   * @param cycle clock cycle, from 0
   * @param from what was before
   * @param to what is from now on
   */
  default void onModeSwitch(long cycle, ArrayMode from, ArrayMode to) {}

  /**
   * A row of partial sums was written to the dual-mode buffers.
   *
   * @param cycle clock cycle, from 0
   * @param index number of the instruction in the program
   * @param dmpu which DMPU
   * @param row row of that DMPU, 3..0
   * @param lo {@code [columns]} low read-outs; valid during the call only
   * @param hi {@code [columns]} high read-outs; valid during the call only
   */
  default void onDrainWrite(long cycle, int index, int dmpu, int row, int[] lo, int[] hi) {}

  /**
   * A vector result reached the register-file or DMB write port.
   *
   * @param cycle clock cycle, from 0
   * @param index number of the instruction in the program
   * @param lanes {@code [dmpus * columns]} bfloat16 bits; valid during the call only
   */
  default void onVectorCapture(long cycle, int index, int[] lanes) {}

  /**
   * A read beat arrived through a port.
   *
   * @param cycle clock cycle, from 0
   * @param index number of the instruction in the program
   * @param unit the unit
   */
  default void onLoadBeat(long cycle, int index, UnitKind unit) {}

  /**
   * A write beat left for memory.
   *
   * @param cycle clock cycle, from 0
   * @param index number of the instruction in the program
   * @param beat number of the beat of its store, from 0
   * @param beats beats of the store
   */
  default void onOutputBeat(long cycle, int index, int beat, int beats) {}
}
