package org.tataa.control;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.array.Dmpu;
import org.tataa.array.PeArray;
import org.tataa.array.ProcessingElement;
import org.tataa.array.VectorPipeline;
import org.tataa.clock.ClockedUnit;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;
import org.tataa.isa.OperandSelect;
import org.tataa.isa.Program;
import org.tataa.isa.VectorOp;
import org.tataa.memory.DualModeBuffer;
import org.tataa.memory.RegisterFileY;
import org.tataa.memory.SlotScoreboard;
import org.tataa.observe.ArrayMode;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.Counters;
import org.tataa.observe.UnitKind;
import org.tataa.simd.LaneKernel;
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
  private final int lanes;
  private final PeArray array;
  private final VectorPipeline pipeline;
  private final RegisterFileY rfy;
  private final DualModeBuffer dmb;
  private final ModeRegister mode;
  private final Counters counters;
  private final SlotScoreboard scoreboard;
  private final LaneKernel kernel;
  private final short[] constants;
  private final short[] result;
  private long lastMultiplyStart = LONG_AGO;
  private long lastAddStart = LONG_AGO;
  private int lastIndex = -1;
  private @Nullable CoreObserver observer;

  /** An idle unit. */
  public VectorUnit(
      TataaConfig config,
      PeArray array,
      RegisterFileY rfy,
      SlotScoreboard scoreboard,
      LaneKernel kernel,
      DualModeBuffer dmb,
      ModeRegister mode,
      Counters counters) {
    timing = config.timing();
    lanes = config.geometry().lanes();
    this.array = array;
    pipeline = array.operations();
    this.rfy = rfy;
    this.scoreboard = scoreboard;
    this.kernel = kernel;
    this.dmb = dmb;
    this.mode = mode;
    this.counters = counters;
    constants = new short[config.buffers().constants() * lanes];
    result = new short[lanes];
  }

  /** Forgets all operations. */
  public void reset() {
    pipeline.reset();
    lastMultiplyStart = LONG_AGO;
    lastAddStart = LONG_AGO;
    lastIndex = -1;
    Arrays.fill(constants, (short) 0);
  }

  /** Broadcasts a constant to all lanes. */
  void setConstant(int index, int bits) {
    Arrays.fill(constants, index * lanes, (index + 1) * lanes, (short) bits);
  }

  /** Sets who hears of events, or null. */
  public void observe(@Nullable CoreObserver value) {
    observer = value;
  }

  /** Enters an operation accepted in {@code cycle}. */
  void accept(long cycle, int index, MicroOp op, int constantBits) {
    long start = cycle + timing.startLatency();
    VectorPipeline.Operation operation = pipeline.enter(index, start, op.vector(), constantBits);
    if (op.multiplyType) {
      lastMultiplyStart = start;
    } else {
      lastAddStart = start;
    }
    lastIndex = index;
    enterOnScoreboard(operation);
  }

  private void enterOnScoreboard(VectorPipeline.Operation operation) {
    VectorOp op = operation.instruction;
    long start = operation.startCycle;
    if (op.readsA()) {
      scoreboard.reads(0, op.slotA(), operation.index, start + timing.vectorReadLatency());
    }
    if (op.readsB()) {
      scoreboard.reads(1, op.slotB(), operation.index, start + timing.vectorReadLatency());
    }
    if (op.writeBack()) {
      int latency =
          op.op().isMultiplyType() ? timing.multiplyResultLatency() : timing.addResultLatency();
      scoreboard.writes(
          op.destBank().ordinal(),
          op.destSlot(),
          operation.index,
          start + timing.vectorCaptureLatency(),
          start + latency);
    }
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

  @Override
  public void evaluate(long cycle) {
    array.moveOperations();
    int inFlight = pipeline.size();
    for (int i = 0; i < inFlight; i++) {
      VectorPipeline.Operation operation = pipeline.inFlight(i);
      int age = (int) (cycle - operation.startCycle);
      if (age >= 0) {
        step(operation, age, cycle);
      }
    }
    while (pipeline.size() > 0
        && cycle >= pipeline.inFlight(0).startCycle + timing.vectorCaptureLatency()) {
      pipeline.leave();
    }
  }

  private void step(VectorPipeline.Operation operation, int age, long cycle) {
    if (age == 0) {
      mode.enter(
          cycle, operation.instruction.op().isMultiplyType() ? ArrayMode.MULTIPLY : ArrayMode.ADD);
      counters.countVectorOperation(lanes);
      if (observer != null) {
        observer.onStart(cycle, operation.index, UnitKind.EXEC);
      }
    }
    if (age == timing.vectorDoneLatency() && observer != null) {
      observer.onDone(cycle, operation.index, UnitKind.EXEC);
    }
    if (age == timing.vectorReadLatency()) {
      checkOperands(operation, cycle);
      readOperands(operation);
    }
    if (age == timing.vectorCaptureLatency()) {
      capture(operation, cycle);
    }
  }

  private void readOperands(VectorPipeline.Operation operation) {
    OperandSelect select = operation.instruction.select();
    read(operation, select.kind1(), select.negates1(), operation.operandA);
    if (operation.instruction.op().operands() == 2) {
      read(operation, select.kind2(), select.negates2(), operation.operandB);
    } else {
      Arrays.fill(operation.operandB, 0);
    }
    operation.position = 0;
  }

  private void read(VectorPipeline.Operation operation, char kind, boolean negates, int[] target) {
    switch (kind) {
      case 'A' -> rfy.readLanes(0, operation.instruction.slotA(), target);
      case 'B' -> rfy.readLanes(1, operation.instruction.slotB(), target);
      default -> Arrays.fill(target, operation.constantBits);
    }
    if (negates) {
      for (int lane = 0; lane < lanes; lane++) {
        target[lane] ^= SIGN;
      }
    }
  }

  private void checkOperands(VectorPipeline.Operation operation, long cycle) {
    VectorOp op = operation.instruction;
    if (op.readsA()) {
      requireVector(operation, 0, op.slotA(), cycle);
    }
    if (op.readsB()) {
      requireVector(operation, 1, op.slotB(), cycle);
    }
  }

  private void requireVector(VectorPipeline.Operation operation, int bank, int number, long cycle) {
    if (rfy.use(bank, number) == RegisterFileY.Use.MATRIX) {
      throw new ProgramException(
          cycle,
          operation.index,
          operation.instruction,
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

  private void capture(VectorPipeline.Operation operation, long cycle) {
    VectorOp op = operation.instruction;
    int[] lanesOut = array.result(operation);
    if (op.writeBack()) {
      rfy.writeLanes(op.destBank().ordinal(), op.destSlot(), lanesOut, operation.index);
    } else {
      dmb.pushLanes(lanesOut);
    }
    if (observer != null) {
      observer.onVectorCapture(cycle, operation.index, lanesOut);
    }
  }

  /**
   * Does the work of the oldest operation in the pipeline that falls into the cycles {@code
   * from..to-1}; it leaves the pipeline if that includes its capture.
   *
   * @param i 0..{@link #inFlight()}-1, 0 the oldest; older ones have been done
   * @return whether it has left
   */
  public boolean forward(int i, long from, long to) {
    VectorPipeline.Operation operation = pipeline.inFlight(i);
    VectorOp op = operation.instruction;
    long start = operation.startCycle;
    if (from <= start && start < to) {
      mode.enter(start, op.op().isMultiplyType() ? ArrayMode.MULTIPLY : ArrayMode.ADD);
      counters.countVectorOperation(lanes);
    }
    if (start + timing.vectorCaptureLatency() < to) {
      array.overwriteSums(Dmpu.ROWS);
      if (operation.position == VectorPipeline.WAITING) {
        compute(op, operation.constantBits, operation.index);
      } else {
        operation.position = VectorPipeline.RESULT;
        capture(operation, start + timing.vectorCaptureLatency());
      }
      pipeline.leave();
      return true;
    }
    long position = to - 1 - start - timing.vectorReadLatency();
    if (position >= 0) {
      if (operation.position == VectorPipeline.WAITING) {
        readOperands(operation);
      }
      operation.position = (int) Math.min(VectorPipeline.RESULT, position);
      array.overwriteSums(operation.position / ProcessingElement.REGISTERS);
    }
    return false;
  }

  // From the register file to the register file or the DMBs.
  private void compute(VectorOp op, int constantBits, int index) {
    if (constants[op.constant() * lanes] != (short) constantBits) {
      computeWithOld(op, constantBits, index);
      return;
    }
    OperandSelect select = op.select();
    short[] target = result;
    int to = 0;
    if (op.writeBack()) {
      int bank = op.destBank().ordinal();
      rfy.takeAsVector(bank, op.destSlot(), index);
      target = rfy.lanes(bank);
      to = op.destSlot() * lanes;
    }
    kernel.apply(
        op.op(),
        source(select.kind1()),
        lanes * number(select.kind1(), op),
        select.negates1() ? SIGN : 0,
        source(select.kind2()),
        lanes * number(select.kind2(), op),
        select.negates2() ? SIGN : 0,
        target,
        to,
        lanes);
    if (!op.writeBack()) {
      dmb.pushLanes(result);
    }
  }

  // The constant register has changed since the operation was accepted.
  private void computeWithOld(VectorOp op, int constantBits, int index) {
    int now = constants[op.constant() * lanes];
    setConstant(op.constant(), constantBits);
    compute(op, constantBits, index);
    setConstant(op.constant(), now);
  }

  private short[] source(char kind) {
    return kind == 'C' ? constants : rfy.lanes(kind - 'A');
  }

  private static int number(char kind, VectorOp op) {
    return kind == 'A' ? op.slotA() : kind == 'B' ? op.slotB() : op.constant();
  }

  /** Operations in the pipeline. */
  public int inFlight() {
    return pipeline.size();
  }

  /** Instruction index of an operation in the pipeline, 0 the oldest. */
  public int index(int i) {
    return pipeline.inFlight(i).index;
  }

  /** exec_start of an operation in the pipeline, 0 the oldest. */
  public long start(int i) {
    return pipeline.inFlight(i).startCycle;
  }

  /** First cycle in which no operation accepted so far is in flight. */
  public long activeEnd() {
    return lastStart() + timing.vectorCaptureLatency();
  }

  /** Passes a chain over the unit's registers and the pipeline's. */
  public void scan(ScanChain chain, Program program) {
    lastMultiplyStart = chain.scan("vector.lastMultiply", lastMultiplyStart);
    lastAddStart = chain.scan("vector.lastAdd", lastAddStart);
    lastIndex = chain.scan("vector.last", lastIndex);
    pipeline.scan(chain, program);
    for (int i = 0; i < pipeline.size(); i++) {
      enterOnScoreboard(pipeline.inFlight(i));
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
