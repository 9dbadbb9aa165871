package org.tataa.control;

import org.jspecify.annotations.Nullable;
import org.tataa.clock.ClockedUnit;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.HazardPolicy;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.ConfigConst;
import org.tataa.isa.ConfigScale;
import org.tataa.isa.Halt;
import org.tataa.isa.Instruction;
import org.tataa.isa.LoadM;
import org.tataa.isa.LoadV;
import org.tataa.isa.MatMul;
import org.tataa.isa.Nop;
import org.tataa.isa.Operand;
import org.tataa.isa.Program;
import org.tataa.isa.Store;
import org.tataa.isa.VectorOp;
import org.tataa.memory.DataMover;
import org.tataa.memory.DualModeBuffer;
import org.tataa.memory.ExternalMemory;
import org.tataa.memory.OutputPort;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.Counters;
import org.tataa.observe.InstructionKind;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;
import org.tataa.state.ScanChain;

/**
 * Fetch, scoreboard and in-order issue: at best one instruction per cycle (architecture.md,
 * controller). A program ends with HALT or its last instruction.
 */
public final class Controller implements ClockedUnit {
  private final TimingConfig timing;
  private final boolean trap;
  private final ExternalMemory memory;
  private final DataMover moverX;
  private final DataMover moverY;
  private final BlockUnit blocks;
  private final VectorUnit vectors;
  private final StoreUnit stores;
  private final Counters counters;
  private final DmbLedger ledger;
  private final IssueRules rules;
  private final ProgramChecks checks;
  private final int[] constants;
  private final int dmpus;
  private Program program = Program.ofWords(new long[0]);
  private String[] problems = new String[0];
  private int pc;
  private int checkedPc = -1;
  private boolean halted;
  private long firstAccept = -1;
  private long haltCycle = -1;
  private long evaluatedCycle = -1;
  private @Nullable StallCause stall;
  private long stallCycles;
  private int sumsOverwrittenBy = -1;
  private @Nullable CoreObserver observer;

  /** A controller without a program. */
  public Controller(
      TataaConfig config,
      ExternalMemory memory,
      DataMover moverX,
      DataMover moverY,
      BlockUnit blocks,
      VectorUnit vectors,
      StoreUnit stores,
      OutputPort output,
      DualModeBuffer dmb,
      Counters counters) {
    timing = config.timing();
    trap = config.profiles().hazards() == HazardPolicy.TRAP;
    dmpus = config.geometry().dmpus();
    constants = new int[config.buffers().constants()];
    this.memory = memory;
    this.moverX = moverX;
    this.moverY = moverY;
    this.blocks = blocks;
    this.vectors = vectors;
    this.stores = stores;
    this.counters = counters;
    ledger = new DmbLedger(config, dmb);
    rules = new IssueRules(config, memory, moverX, moverY, blocks, vectors, stores, output, ledger);
    checks = new ProgramChecks(config, memory);
  }

  /** Takes a program and starts at its first instruction; constants are zero. */
  public void reset(Program newProgram) {
    program = newProgram;
    // Found now, reported when the controller gets there: checking builds text, ticking must not.
    problems = new String[newProgram.size()];
    for (int i = 0; i < problems.length; i++) {
      problems[i] = checks.problem(newProgram.instruction(i));
    }
    pc = 0;
    checkedPc = -1;
    halted = false;
    firstAccept = -1;
    haltCycle = -1;
    evaluatedCycle = -1;
    stall = null;
    stallCycles = 0;
    sumsOverwrittenBy = -1;
    java.util.Arrays.fill(constants, 0);
    ledger.reset();
    rules.reset();
  }

  /** Sets who hears of events, or null. */
  public void observe(@Nullable CoreObserver value) {
    observer = value;
  }

  @Override
  public void evaluate(long cycle) {
    evaluatedCycle = cycle;
    stall = null;
    if (isEnded()) {
      return;
    }
    Instruction instruction = program.instruction(pc);
    if (checkedPc != pc) {
      validate(instruction, cycle);
      checkedPc = pc;
    }
    StallCause cause = rules.check(instruction, cycle);
    if (cause == null) {
      issue(instruction, cycle);
      return;
    }
    if (trap) {
      throw new HazardException(cycle, program, pc, cause, rules.blocker());
    }
    stall = cause;
    stallCycles++;
    if (observer != null) {
      observer.onStall(cycle, pc, instruction, cause);
    }
  }

  private void validate(Instruction instruction, long cycle) {
    String problem = problems[pc];
    if (problem.isEmpty() && instruction instanceof Store store) {
      int needed = store.words() / dmpus;
      if (ledger.unclaimed() < needed) {
        problem =
            "pops "
                + needed
                + " words of each DMB, but only "
                + ledger.unclaimed()
                + " have been written or are on their way";
      }
    }
    if (problem.isEmpty()
        && instruction instanceof MatMul matmul
        && !matmul.clear()
        && sumsOverwrittenBy >= 0) {
      problem =
          "accumulates onto partial sums that instruction "
              + sumsOverwrittenBy
              + " `"
              + program.instruction(sumsOverwrittenBy)
              + "` has overwritten in bf16 mode; set clear";
    }
    if (!problem.isEmpty()) {
      throw new ProgramException(cycle, pc, instruction, problem);
    }
  }

  private void issue(Instruction instruction, long cycle) {
    int index = pc++;
    stallCycles = 0;
    counters.countInstruction(InstructionKind.of(instruction));
    if (firstAccept < 0 && !(instruction instanceof Nop)) {
      firstAccept = cycle;
    }
    if (observer != null) {
      observer.onAccept(cycle, index, instruction);
    }
    if (instruction instanceof VectorOp op) {
      issueVector(op, index, cycle);
    } else if (instruction instanceof MatMul matmul) {
      issueMatMul(matmul, index, cycle);
    } else if (instruction instanceof LoadM load) {
      issueLoadM(load, index, cycle);
    } else if (instruction instanceof LoadV load) {
      issueLoadV(load, index, cycle);
    } else if (instruction instanceof Store store) {
      ledger.claim(store.words() / dmpus);
      int target = memory.locate(ExternalMemory.Space.YZ, store.address(), store.bytes());
      stores.accept(cycle, index, store, target);
    } else if (instruction instanceof ConfigScale scale) {
      stores.setScale(scale.mantissa(), scale.rightShift());
    } else if (instruction instanceof ConfigConst constant) {
      constants[constant.index()] = constant.value();
    } else if (instruction instanceof Halt) {
      halted = true;
      haltCycle = cycle;
    }
  }

  private void issueVector(VectorOp op, int index, long cycle) {
    vectors.accept(cycle, index, op, constants[op.constant()]);
    sumsOverwrittenBy = index;
    if (!op.writeBack()) {
      ledger.promise(cycle + timing.startLatency() + timing.vectorCaptureLatency(), index);
    }
  }

  private void issueMatMul(MatMul matmul, int index, long cycle) {
    blocks.accept(cycle, index, matmul);
    rules.executes(matmul);
    sumsOverwrittenBy = -1;
    if (matmul.drain()) {
      long first = cycle + timing.startLatency() + matmul.depth() + timing.drainWriteOffset();
      for (int row = 0; row < ArrayGeometry.ROWS_PER_DMPU; row++) {
        ledger.promise(first + row, index);
      }
    }
  }

  private void issueLoadM(LoadM load, int index, long cycle) {
    boolean x = load.operand() == Operand.X;
    ExternalMemory.Space space = x ? ExternalMemory.Space.X : ExternalMemory.Space.YZ;
    (x ? moverX : moverY)
        .accept(
            cycle,
            index,
            x ? DataMover.Destination.TILE_X : DataMover.Destination.TILE_Y,
            load.tile(),
            0,
            load.depth(),
            memory.locate(space, load.address(), load.bytes()),
            load.bytes());
  }

  private void issueLoadV(LoadV load, int index, long cycle) {
    boolean a = load.bank() == Bank.A;
    ExternalMemory.Space space = a ? ExternalMemory.Space.X : ExternalMemory.Space.YZ;
    (a ? moverX : moverY)
        .accept(
            cycle,
            index,
            DataMover.Destination.VECTOR,
            a ? 0 : 1,
            load.slot(),
            1,
            memory.locate(space, load.address(), load.bytes()),
            load.bytes());
  }

  /** Whether every instruction has been accepted. */
  public boolean isEnded() {
    return halted || pc >= program.size();
  }

  /** Index of the next instruction to be accepted. */
  public int pc() {
    return pc;
  }

  /** The program being run. */
  public Program program() {
    return program;
  }

  /** Why the instruction at {@link #pc()} was not accepted in the last cycle; null if it was. */
  public @Nullable StallCause stall() {
    return stall;
  }

  /** Cycles the instruction at {@link #pc()} has waited so far. */
  public long stallCycles() {
    return stallCycles;
  }

  /** The unit the waiting instruction is for. */
  public UnitKind stalledUnit() {
    Instruction instruction = program.instruction(pc);
    if (instruction instanceof LoadM load) {
      return load.operand() == Operand.X ? UnitKind.LOAD_X : UnitKind.LOAD_Y;
    } else if (instruction instanceof LoadV load) {
      return load.bank() == Bank.A ? UnitKind.LOAD_X : UnitKind.LOAD_Y;
    } else if (instruction instanceof Store || instruction instanceof ConfigScale) {
      return UnitKind.STORE;
    }
    return UnitKind.EXEC;
  }

  /** Value of a constant register, bfloat16 bits. */
  public int constant(int index) {
    return constants[index];
  }

  /**
   * The released latency counter: cycles from the first accepted instruction to HALT, or to now if
   * HALT has not been accepted (golden traces, {@code latency_cycles}).
   */
  public long latencyCycles() {
    if (firstAccept < 0) {
      return 0;
    }
    return (halted ? haltCycle : evaluatedCycle) - firstAccept;
  }

  // While an instruction waits, nothing changes before the rule that stops it could give way.
  @Override
  public long steadyUntil(long cycle) {
    return stall == null ? cycle : Math.max(cycle, rules.until());
  }

  @Override
  public void advance(long from, long to) {
    stallCycles += to - from;
    evaluatedCycle = to - 1;
  }

  @Override
  public long nextEvent(long cycle) {
    return isEnded() ? NEVER : cycle;
  }

  /** Passes a chain over the controller's registers; the program stays. */
  public void scan(ScanChain chain) {
    pc = Math.max(0, chain.scanChoice("pc", pc, program.size() + 1));
    checkedPc = chain.scan("checkedPc", checkedPc);
    halted = chain.scan("halted", halted);
    firstAccept = chain.scan("firstAccept", firstAccept);
    haltCycle = chain.scan("haltCycle", haltCycle);
    evaluatedCycle = chain.scan("evaluatedCycle", evaluatedCycle);
    StallCause[] causes = StallCause.values();
    int cause = chain.scanChoice("stall", stall == null ? -1 : stall.ordinal(), causes.length);
    stall = cause < 0 ? null : causes[cause];
    stallCycles = chain.scan("stallCycles", stallCycles);
    sumsOverwrittenBy = chain.scanChoice("sumsOverwrittenBy", sumsOverwrittenBy, program.size());
    chain.scan("constants", constants);
    ledger.scan(chain);
    rules.scan(chain);
  }

  @Override
  public String toString() {
    if (isEnded()) {
      return "controller ended";
    }
    return "controller pc="
        + pc
        + " `"
        + program.instruction(pc)
        + "`"
        + (stall == null ? "" : " stalled " + stallCycles + " cycles: " + stall.description());
  }
}
