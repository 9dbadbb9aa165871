package org.tataa.control;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.array.VectorPipeline;
import org.tataa.clock.ClockedUnit;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.Program;
import org.tataa.isa.VectorOp;
import org.tataa.memory.DualModeBuffer;
import org.tataa.memory.RegisterFileY;
import org.tataa.observe.ArrayMode;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.Counters;
import org.tataa.observe.UnitKind;
import org.tataa.state.ScanChain;

/**
 * Runs vector operations: one start per cycle, operands from the two banks and the constant, result
 * back to a bank or into the DMBs.
 *
 * <pre>
 *  start  +1          +3             +6   +9   +12  +15      +17
 *  |      exec_done   operand read   S0   S1   S2   S3 done  capture
 * </pre>
 */
public final class VectorUnit implements ClockedUnit {
  private static final int SIGN = 0x8000;
  private static final long LONG_AGO = Long.MIN_VALUE / 2;

  private final TimingConfig timing;
  private final int dmpus;
  private final int lanes;
  private final VectorPipeline pipeline;
  private final RegisterFileY rfy;
  private final DualModeBuffer dmb;
  private final ModeRegister mode;
  private final Counters counters;
  private final int[] stageAge = new int[4];
  private final int[] bankA;
  private final int[] bankB;
  private long lastMultiplyStart = LONG_AGO;
  private long lastAddStart = LONG_AGO;
  private int lastIndex = -1;
  private boolean isDeferring;
  private @Nullable CoreObserver observer;

  /** An idle unit. */
  public VectorUnit(
      TataaConfig config,
      VectorPipeline pipeline,
      RegisterFileY rfy,
      DualModeBuffer dmb,
      ModeRegister mode,
      Counters counters) {
    timing = config.timing();
    dmpus = config.geometry().dmpus();
    lanes = config.geometry().lanes();
    this.pipeline = pipeline;
    this.rfy = rfy;
    this.dmb = dmb;
    this.mode = mode;
    this.counters = counters;
    bankA = new int[lanes];
    bankB = new int[lanes];
    int span = timing.vectorCaptureLatency() - timing.vectorReadLatency() - 2;
    for (int stage = 0; stage < stageAge.length; stage++) {
      stageAge[stage] =
          timing.vectorReadLatency() + Math.max(stage + 1, (stage + 1) * span / stageAge.length);
    }
  }

  /** Operations that can be in flight at once: one per cycle of the latency. */
  public static int pipelineCapacity(TataaConfig config) {
    return config.timing().startLatency() + config.timing().vectorCaptureLatency() + 2;
  }

  /** Forgets all operations. */
  public void reset() {
    pipeline.reset();
    lastMultiplyStart = LONG_AGO;
    lastAddStart = LONG_AGO;
    lastIndex = -1;
  }

  /** Sets who hears of events, or null. */
  public void observe(@Nullable CoreObserver value) {
    observer = value;
  }

  /** Enters an operation accepted in {@code cycle}. */
  void accept(long cycle, int index, VectorOp op, int constantBits) {
    long start = cycle + timing.startLatency();
    VectorPipeline.Slot slot = pipeline.enter(index, start, op, constantBits);
    if (isDeferring) {
      pipeline.defer(slot);
    }
    if (op.op().isMultiplyType()) {
      lastMultiplyStart = start;
    } else {
      lastAddStart = start;
    }
    lastIndex = index;
  }

  /** exec_start of the youngest multiply-type operation, or a cycle long past. */
  long lastMultiplyStart() {
    return lastMultiplyStart;
  }

  /** exec_start of the youngest add-type operation, or a cycle long past. */
  long lastAddStart() {
    return lastAddStart;
  }

  /** exec_start of the youngest operation, or a cycle long past. */
  long lastStart() {
    return Math.max(lastMultiplyStart, lastAddStart);
  }

  /** Index of the youngest operation ever accepted, or -1. */
  int lastIndex() {
    return lastIndex;
  }

  /** Whether the exec busy flag is high for a vector operation in {@code cycle}. */
  boolean isBusy(long cycle) {
    return cycle < lastStart() + timing.vectorDoneLatency() + timing.busyClearLatency();
  }

  /**
   * The youngest operation in flight that writes a slot.
   *
   * @return it, or null
   */
  VectorPipeline.@Nullable Slot writerOf(int bank, int slot) {
    for (int i = pipeline.size() - 1; i >= 0; i--) {
      VectorPipeline.Slot candidate = pipeline.inFlight(i);
      VectorOp op = candidate.instruction;
      if (op.writeBack() && op.destBank().ordinal() == bank && op.destSlot() == slot) {
        return candidate;
      }
    }
    return null;
  }

  /**
   * The youngest operation that reads or writes one of the slots {@code first..first+count-1} in or
   * after {@code cycle}.
   *
   * @return its instruction index, or -1
   */
  int userAfter(int bank, int first, int count, long cycle) {
    for (int i = pipeline.size() - 1; i >= 0; i--) {
      VectorPipeline.Slot candidate = pipeline.inFlight(i);
      VectorOp op = candidate.instruction;
      boolean reads =
          cycle <= candidate.startCycle + timing.vectorReadLatency()
              && (bank == 0
                  ? op.readsA() && within(op.slotA(), first, count)
                  : op.readsB() && within(op.slotB(), first, count));
      boolean writes =
          cycle <= candidate.startCycle + timing.vectorCaptureLatency()
              && op.writeBack()
              && op.destBank().ordinal() == bank
              && within(op.destSlot(), first, count);
      if (reads || writes) {
        return candidate.index;
      }
    }
    return -1;
  }

  private static boolean within(int slot, int first, int count) {
    return slot >= first && slot < first + count;
  }

  @Override
  public void evaluate(long cycle) {
    int inFlight = pipeline.size();
    for (int i = 0; i < inFlight; i++) {
      VectorPipeline.Slot slot = pipeline.inFlight(i);
      int age = (int) (cycle - slot.startCycle);
      if (age >= 0) {
        step(slot, age, cycle);
      }
    }
    while (pipeline.size() > 0
        && cycle >= pipeline.inFlight(0).startCycle + timing.vectorCaptureLatency()) {
      pipeline.leave();
    }
  }

  private void step(VectorPipeline.Slot slot, int age, long cycle) {
    if (age == 0) {
      mode.enter(
          cycle, slot.instruction.op().isMultiplyType() ? ArrayMode.MULTIPLY : ArrayMode.ADD);
      counters.countVectorOperation(lanes);
      if (observer != null) {
        observer.onStart(cycle, slot.index, UnitKind.EXEC);
      }
    }
    if (age == timing.vectorDoneLatency() && observer != null) {
      observer.onDone(cycle, slot.index, UnitKind.EXEC);
    }
    if (age == timing.vectorReadLatency()) {
      readOperands(slot, cycle);
    }
    if (slot.stagesDone < stageAge.length && age == stageAge[slot.stagesDone]) {
      pipeline.advance(slot);
    }
    if (age == timing.vectorCaptureLatency()) {
      capture(slot, cycle);
    }
  }

  private void readOperands(VectorPipeline.Slot slot, long cycle) {
    VectorOp op = slot.instruction;
    if (op.readsA()) {
      requireVector(slot, 0, op.slotA(), cycle);
      rfy.readLanes(0, op.slotA(), bankA);
    } else {
      Arrays.fill(bankA, 0);
    }
    if (op.readsB()) {
      requireVector(slot, 1, op.slotB(), cycle);
      rfy.readLanes(1, op.slotB(), bankB);
    } else {
      Arrays.fill(bankB, 0);
    }
    slot.hasOperands = true;
    int[] a = slot.operandA;
    int[] b = slot.operandB;
    int constant = slot.constantBits;
    for (int lane = 0; lane < lanes; lane++) {
      switch (op.select()) {
        case A_B -> set(a, b, lane, bankA[lane], bankB[lane]);
        case A_A -> set(a, b, lane, bankA[lane], bankA[lane]);
        case B_B -> set(a, b, lane, bankB[lane], bankB[lane]);
        case A_NEG_B -> set(a, b, lane, bankA[lane], bankB[lane] ^ SIGN);
        case A_C -> set(a, b, lane, bankA[lane], constant);
        case NEG_A_C -> set(a, b, lane, bankA[lane] ^ SIGN, constant);
        case C_B -> set(a, b, lane, constant, bankB[lane]);
        case C_NEG_B -> set(a, b, lane, constant, bankB[lane] ^ SIGN);
      }
    }
  }

  private static void set(int[] a, int[] b, int lane, int first, int second) {
    a[lane] = first;
    b[lane] = second;
  }

  private void requireVector(VectorPipeline.Slot slot, int bank, int number, long cycle) {
    if (rfy.use(bank, number) == RegisterFileY.Use.MATRIX) {
      throw new ProgramException(
          cycle,
          slot.index,
          slot.instruction,
          "slot "
              + number
              + " of bank "
              + (bank == 0 ? "A" : "B")
              + " was overwritten as word "
              + number
              + " of Y tile "
              + bank
              + " by instruction "
              + rfy.writer(bank, number)
              + "; load the vector again");
    }
  }

  private void capture(VectorPipeline.Slot slot, long cycle) {
    VectorOp op = slot.instruction;
    int[] result = pipeline.result(slot);
    if (op.writeBack()) {
      rfy.writeLanes(op.destBank() == Bank.A ? 0 : 1, op.destSlot(), result, slot.index);
    } else {
      for (int dmpu = 0; dmpu < dmpus; dmpu++) {
        dmb.pushLanes(dmpu, result);
      }
    }
    if (observer != null) {
      observer.onVectorCapture(cycle, slot.index, result);
    }
  }

  /** Passes a chain over the unit's registers and the pipeline's. */
  public void scan(ScanChain chain, Program program) {
    lastMultiplyStart = chain.scan("vector.lastMultiply", lastMultiplyStart);
    lastAddStart = chain.scan("vector.lastAdd", lastAddStart);
    lastIndex = chain.scan("vector.last", lastIndex);
    pipeline.scan(chain, program);
  }

  /** Whether stage registers of operations that start from now on are left to {@link #settle}. */
  public void defer(boolean value) {
    isDeferring = value;
  }

  /** Computes the stage registers that were left out. */
  public void settle() {
    pipeline.settle();
  }

  // Start, operand read and capture are seen by others; stages only pass.
  @Override
  public long steadyUntil(long cycle) {
    long until = NEVER;
    for (int i = 0; i < pipeline.size(); i++) {
      VectorPipeline.Slot slot = pipeline.inFlight(i);
      if (!pipeline.isDeferred(slot)) {
        return cycle;
      }
      long start = slot.startCycle;
      long next =
          cycle <= start
              ? start
              : cycle <= start + timing.vectorReadLatency()
                  ? start + timing.vectorReadLatency()
                  : start + timing.vectorCaptureLatency();
      until = Math.min(until, next);
    }
    return until;
  }

  @Override
  public void advance(long from, long to) {
    for (int i = 0; i < pipeline.size(); i++) {
      VectorPipeline.Slot slot = pipeline.inFlight(i);
      long age = to - 1 - slot.startCycle;
      while (slot.stagesDone < stageAge.length && age >= stageAge[slot.stagesDone]) {
        slot.stagesDone++;
      }
    }
  }

  /** First cycle in which the exec busy flag is low again. */
  long busyEnd() {
    return lastStart() + timing.vectorDoneLatency() + timing.busyClearLatency();
  }

  /** Whether an operation starts in this cycle. */
  public boolean startsIn(long cycle) {
    for (int i = pipeline.size() - 1; i >= 0; i--) {
      if (pipeline.inFlight(i).startCycle == cycle) {
        return true;
      }
    }
    return false;
  }

  /** Whether an operation is in flight after this cycle was evaluated. */
  public boolean isActive() {
    return pipeline.size() > 0;
  }

  @Override
  public long nextEvent(long cycle) {
    return pipeline.size() == 0 ? NEVER : Math.max(cycle, pipeline.inFlight(0).startCycle);
  }

  @Override
  public String toString() {
    return pipeline.size() == 0
        ? "vector unit idle"
        : "vector unit " + pipeline.size() + " in flight, oldest #" + pipeline.inFlight(0).index;
  }
}
