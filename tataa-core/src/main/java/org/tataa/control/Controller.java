package org.tataa.control;

import java.util.Arrays;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;
import org.tataa.clock.ClockedUnit;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.HazardPolicy;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;
import org.tataa.isa.ConfigConst;
import org.tataa.isa.ConfigScale;
import org.tataa.isa.MatMul;
import org.tataa.isa.Program;
import org.tataa.isa.WordTable;
import org.tataa.memory.DataMover;
import org.tataa.memory.ExternalMemory;
import org.tataa.memory.OutputPort;
import org.tataa.memory.RegisterFileY;
import org.tataa.memory.ResultPath;
import org.tataa.memory.SlotScoreboard;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.Counters;
import org.tataa.observe.InstructionStats;
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
  private final DataMover moverX;
  private final DataMover moverY;
  private final BlockUnit blocks;
  private final VectorUnit vectors;
  private final StoreUnit stores;
  private final Counters counters;
  private final DmbReservations reservations;
  private final IssueRules rules;
  private final TataaConfig config;
  private final ExternalMemory memory;
  private final Map<Program, DecodedProgram> decoded = new WeakHashMap<>();
  private final WordTable<MicroOp> decodedVectors = new WordTable<>();
  private final int[] constants;
  private Program program = Program.ofWords(new long[0]);
  private DecodedProgram ops;
  private boolean isClean;
  private int pc;
  private long lastAccept = -1;
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
      SlotScoreboard scoreboard,
      BlockUnit blocks,
      VectorUnit vectors,
      StoreUnit stores,
      OutputPort output,
      ResultPath path,
      Counters counters) {
    timing = config.timing();
    trap = config.profiles().hazards() == HazardPolicy.TRAP;
    constants = new int[config.buffers().constants()];
    this.config = config;
    this.memory = memory;
    this.moverX = moverX;
    this.moverY = moverY;
    this.blocks = blocks;
    this.vectors = vectors;
    this.stores = stores;
    this.counters = counters;
    reservations = new DmbReservations(config);
    rules =
        new IssueRules(
            config,
            scoreboard,
            moverX,
            moverY,
            blocks,
            vectors,
            stores,
            output,
            path,
            reservations);
    ops = decode(program);
  }

  // Programs of a model are run again and again; what has been found out about them is kept.
  private DecodedProgram decode(Program newProgram) {
    DecodedProgram known = decoded.get(newProgram);
    if (known == null) {
      known = new DecodedProgram(newProgram, config, memory, decodedVectors);
      decoded.put(newProgram, known);
    }
    return known;
  }

  /**
   * Takes a program and starts at its first instruction; constants are zero.
   *
   * @param rfy what it finds in the Y register file
   */
  public void reset(Program newProgram, RegisterFileY rfy) {
    program = newProgram;
    ops = decode(newProgram);
    isClean = rfy.isEmpty() ? ops.isCleanFromReset() : ops.isCleanFrom(rfy);
    pc = 0;
    lastAccept = -1;
    halted = false;
    firstAccept = -1;
    haltCycle = -1;
    evaluatedCycle = -1;
    stall = null;
    stallCycles = 0;
    sumsOverwrittenBy = -1;
    Arrays.fill(constants, 0);
    reservations.reset();
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
    MicroOp op = ops.op(pc);
    if (stallCycles == 0) {
      validate(op, cycle);
    }
    StallCause cause = rules.check(op, cycle);
    if (cause == null) {
      issue(op, cycle);
      return;
    }
    if (trap) {
      throw new HazardException(cycle, program, pc, cause, rules.blocker());
    }
    stall = cause;
    stallCycles++;
    if (observer != null) {
      observer.onStall(cycle, pc, op.instruction, cause);
    }
  }

  private void validate(MicroOp op, long cycle) {
    String problem = op.problem;
    if (problem.isEmpty() && op.kind == MicroOp.Kind.STORE && reservations.unclaimed() < op.words) {
      problem =
          "pops "
              + op.words
              + " words of each DMB, but only "
              + reservations.unclaimed()
              + " have been written or are on their way";
    }
    if (problem.isEmpty()
        && op.kind == MicroOp.Kind.MATMUL
        && !op.clear
        && sumsOverwrittenBy >= 0) {
      problem =
          "accumulates onto partial sums that instruction "
              + sumsOverwrittenBy
              + " `"
              + program.instruction(sumsOverwrittenBy)
              + "` has overwritten in bf16 mode; set clear";
    }
    if (!problem.isEmpty()) {
      throw new ProgramException(cycle, pc, op.instruction, problem);
    }
  }

  private void issue(MicroOp op, long cycle) {
    int index = pc++;
    stallCycles = 0;
    lastAccept = cycle;
    counters.countInstruction(op.counted);
    if (firstAccept < 0 && op.kind != MicroOp.Kind.NOP) {
      firstAccept = cycle;
    }
    if (observer != null) {
      observer.onAccept(cycle, index, op.instruction);
    }
    switch (op.kind) {
      case VECTOR -> issueVector(op, index, cycle);
      case LOAD_VECTOR -> {
        boolean isX = op.tile == 0;
        issueLoad(op, isX ? moverX : moverY, DataMover.Destination.VECTOR, index, cycle);
      }
      case LOAD_TILE_X -> issueLoad(op, moverX, DataMover.Destination.TILE_X, index, cycle);
      case LOAD_TILE_Y -> issueLoad(op, moverY, DataMover.Destination.TILE_Y, index, cycle);
      case MATMUL -> issueMatMul(op, index, cycle);
      case STORE -> {
        reservations.claim(op.words, cycle);
        stores.accept(cycle, index, op);
      }
      case SCALE -> {
        ConfigScale scale = (ConfigScale) op.instruction;
        stores.setScale(scale.mantissa(), scale.rightShift());
      }
      case CONSTANT -> {
        int value = ((ConfigConst) op.instruction).value();
        constants[op.constant] = value;
        vectors.setConstant(op.constant, value);
      }
      case HALT -> {
        halted = true;
        haltCycle = cycle;
      }
      case NOP -> {}
    }
  }

  private void issueLoad(
      MicroOp op, DataMover mover, DataMover.Destination destination, int index, long cycle) {
    mover.accept(cycle, index, destination, op.tile, op.slot, op.words, op.address, op.bytes);
  }

  private void issueVector(MicroOp op, int index, long cycle) {
    vectors.accept(cycle, index, op, constants[op.constant]);
    sumsOverwrittenBy = index;
    if (op.destBank < 0) {
      reservations.reserve(cycle + timing.startLatency() + timing.vectorCaptureLatency(), index);
    }
  }

  private void issueMatMul(MicroOp op, int index, long cycle) {
    blocks.accept(cycle, index, (MatMul) op.instruction);
    rules.executes(op);
    sumsOverwrittenBy = -1;
    if (op.drain) {
      long first = cycle + timing.startLatency() + op.words + timing.drainWriteOffset();
      for (int row = 0; row < ArrayGeometry.ROWS_PER_DMPU; row++) {
        reservations.reserve(first + row, index);
      }
    }
  }

  /**
   * Whether no instruction of the program can raise an error or wait for ever, so that nothing
   * needs to be checked while it runs.
   */
  public boolean isClean() {
    return isClean && !trap;
  }

  /** An empty table for the numeric events of the program. */
  public InstructionStats newStats() {
    return ops.newStats();
  }

  /** The next instruction to be accepted, while there is one. */
  public MicroOp next() {
    return ops.op(pc);
  }

  /**
   * Why the next instruction cannot be accepted in a cycle; null if it can. For clean programs.
   *
   * @param cycle in which all earlier instructions have been accepted
   */
  public @Nullable StallCause check(long cycle) {
    return rules.check(ops.op(pc), cycle);
  }

  /** A cycle before which the last {@link #check} that said no would say the same. */
  public long until() {
    return rules.until();
  }

  /** The next instruction waits for that many cycles, the last of which is {@code cycle}. */
  public void waits(StallCause cause, long cycles, long cycle) {
    stall = cause;
    stallCycles += cycles;
    evaluatedCycle = cycle;
  }

  /** Accepts the next instruction, as evaluating the cycle would. */
  public void accept(long cycle) {
    stall = null;
    evaluatedCycle = cycle;
    issue(ops.op(pc), cycle);
  }

  /** Nothing was left to be accepted up to a cycle. */
  public void rests(long cycle) {
    stall = null;
    evaluatedCycle = cycle;
  }

  /** Whether an instruction was accepted in this (evaluated) cycle. */
  public boolean acceptedIn(long cycle) {
    return lastAccept == cycle;
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
    return ops.op(pc).unit();
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

  @Override
  public long nextEvent(long cycle) {
    return isEnded() ? NEVER : cycle;
  }

  /** Passes a chain over the controller's registers; the program stays. */
  public void scan(ScanChain chain) {
    pc = Math.max(0, chain.scanChoice("pc", pc, program.size() + 1));
    lastAccept = chain.scan("lastAccept", lastAccept);
    halted = chain.scan("halted", halted);
    firstAccept = chain.scan("firstAccept", firstAccept);
    haltCycle = chain.scan("haltCycle", haltCycle);
    evaluatedCycle = chain.scan("evaluatedCycle", evaluatedCycle);
    StallCause[] causes = StallCause.values();
    int cause = chain.scanChoice("stall", stall == null ? -1 : stall.ordinal(), causes.length);
    stall = cause < 0 ? null : causes[cause];
    stallCycles = chain.scan("stallCycles", stallCycles);
    sumsOverwrittenBy = chain.scanChoice("sumsOverwrittenBy", sumsOverwrittenBy, program.size());
    isClean = chain.scan("isClean", isClean);
    chain.scan("constants", constants);
    for (int i = 0; i < constants.length; i++) {
      vectors.setConstant(i, constants[i]);
    }
    reservations.scan(chain);
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
