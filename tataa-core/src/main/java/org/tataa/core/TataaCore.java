package org.tataa.core;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tataa.array.FastArray;
import org.tataa.array.PeArray;
import org.tataa.array.PeView;
import org.tataa.array.StageView;
import org.tataa.clock.ClockedUnit;
import org.tataa.config.ArithmeticProfile;
import org.tataa.config.TataaConfig;
import org.tataa.control.BlockUnit;
import org.tataa.control.Controller;
import org.tataa.control.DeadlockException;
import org.tataa.control.ModeRegister;
import org.tataa.control.StoreUnit;
import org.tataa.control.VectorUnit;
import org.tataa.forward.FastForward;
import org.tataa.isa.Program;
import org.tataa.memory.DataMover;
import org.tataa.memory.DualModeBuffer;
import org.tataa.memory.ExternalMemory;
import org.tataa.memory.Hbm;
import org.tataa.memory.OutputPort;
import org.tataa.memory.RegisterFileX;
import org.tataa.memory.RegisterFileY;
import org.tataa.memory.ResultPath;
import org.tataa.memory.SlotScoreboard;
import org.tataa.numeric.Bfloat16;
import org.tataa.observe.ArrayMode;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.Counters;
import org.tataa.observe.InstructionStats;
import org.tataa.observe.SectionListener;
import org.tataa.observe.UnitKind;
import org.tataa.simd.HostKernels;
import org.tataa.state.ScanChain;

/**
 * One TATAA core, advanced one clock cycle at a time (architecture.md).
 *
 * <pre>
 *  memory -> moverX -> RFX --> +---------+ --> DMB --> store unit --> output port -> memory
 *         -> moverY -> RFY --> | PEs     |
 *                        ^     | 2 modes | --+
 *                        +-----+---------+   vector results (and, in studies, stored words)
 *                 controller: fetch, hazards, issue
 * </pre>
 *
 * <p>Not thread safe. {@link #tick()} allocates nothing. All state can be read between ticks.
 */
public final class TataaCore {
  private static final int DEADLOCK_PATIENCE = 512;

  private final TataaConfig config;
  private final ExternalMemory memory;
  private final RegisterFileX rfx;
  private final RegisterFileY rfy;
  private final PeArray array;
  private final DualModeBuffer dmb;
  private final Counters counters = new Counters();
  private final ModeRegister mode;
  private final OutputPort output;
  private final DataMover moverX;
  private final DataMover moverY;
  private final BlockUnit blocks;
  private final VectorUnit vectors;
  private final StoreUnit stores;
  private final Controller controller;
  private final CycleAccounting accounting;
  private final ClockedUnit[] units;
  private final SlotScoreboard scoreboard;
  private final FastForward forward;
  private final ProgramSections sections;
  private final @Nullable Hbm channels;
  private final Hbm.@Nullable Ports ports;
  private InstructionStats stats = new InstructionStats(new int[0], 0);
  private long cycle;
  private long quietSince = -1;
  private boolean isReordered;
  private boolean isLagging;
  private boolean isObserved;

  /**
   * A core after reset, its memory filled with zero, without a program, on the fast array.
   *
   * @param config the machine
   */
  public TataaCore(TataaConfig config) {
    this(config, new FastArray(config));
  }

  /**
   * A core on a given array.
   *
   * @param config the machine
   * @param array one of its own of this configuration
   */
  public TataaCore(TataaConfig config, PeArray array) {
    this(config, array, new ExternalMemory(config.memory()));
  }

  /**
   * A core on a memory that other cores may share: then none may touch bytes that another one
   * writes while both run.
   *
   * @param config the machine
   * @param array one of its own of this configuration
   * @param memory a memory of this configuration
   */
  public TataaCore(TataaConfig config, PeArray array, ExternalMemory memory) {
    this(config, array, memory, ownChannels(config));
  }

  /**
   * A core on a memory and pseudo-channels that other cores may share: then all are to be ticked
   * together, and none may touch bytes that another one writes.
   *
   * @param config the machine
   * @param array one of its own of this configuration
   * @param memory a memory of this configuration
   * @param channels of this configuration; null if its memory has a fixed latency
   */
  public TataaCore(
      TataaConfig config, PeArray array, ExternalMemory memory, @Nullable Hbm channels) {
    this(config, array, memory, channels, HostKernels.best());
  }

  private static @Nullable Hbm ownChannels(TataaConfig config) {
    return config.memory().hbm() == null ? null : new Hbm(config, false);
  }

  /**
   * {@return a core that has no values: cycles, and what counters say about them, are those of any
   * other core, because no cycle depends on a value}
   *
   * @param config the machine
   */
  public static TataaCore withoutValues(TataaConfig config) {
    HostKernels none = HostKernels.none();
    ExternalMemory memory = new ExternalMemory(config.memory());
    return new TataaCore(config, new FastArray(config, none), memory, ownChannels(config), none);
  }

  private TataaCore(
      TataaConfig config,
      PeArray array,
      ExternalMemory memory,
      @Nullable Hbm channels,
      HostKernels kernels) {
    this.config = Objects.requireNonNull(config, "config");
    this.memory = Objects.requireNonNull(memory, "memory");
    rfx = new RegisterFileX(config);
    rfy = new RegisterFileY(config);
    this.array = array;
    dmb = new DualModeBuffer(config);
    mode = new ModeRegister(counters);
    this.channels = channels;
    ports = channels == null ? null : channels.connect(counters);
    scoreboard = new SlotScoreboard(rfy.slots());
    ResultPath path = new ResultPath(config, rfy, scoreboard);
    output = new OutputPort(config, memory, path, counters, ports);
    sections = new ProgramSections(counters, output);
    moverX = mover(UnitKind.LOAD_X);
    moverY = mover(UnitKind.LOAD_Y);
    ArithmeticProfile arithmetic = config.profiles().arithmetic();
    blocks = new BlockUnit(config, array, rfx, rfy, dmb, mode, counters);
    vectors =
        new VectorUnit(
            config, array, rfy, scoreboard, kernels.lanes(arithmetic), dmb, mode, counters);
    stores = new StoreUnit(config, kernels.requantise(arithmetic), dmb, output, counters);
    controller =
        new Controller(
            config,
            memory,
            moverX,
            moverY,
            scoreboard,
            blocks,
            vectors,
            stores,
            output,
            path,
            counters);
    forward =
        new FastForward(
            config, counters, controller, moverX, moverY, blocks, vectors, stores, output);
    accounting =
        new CycleAccounting(counters, controller, moverX, moverY, blocks, vectors, stores, output);
    units = new ClockedUnit[] {output, stores, vectors, blocks, moverX, moverY, controller};
    load(Program.ofWords(new long[0]));
  }

  private DataMover mover(UnitKind unit) {
    return new DataMover(unit, config, memory, rfx, rfy, scoreboard, output, counters, ports);
  }

  /**
   * Resets everything except external memory, and takes a program.
   *
   * @param program instructions to run from cycle 0
   */
  public void load(Program program) {
    rfx.reset();
    rfy.reset();
    array.reset();
    counters.clear();
    resume(program);
  }

  /**
   * Starts another program at cycle 0 with memory, register files and counters as they are; what
   * was still in flight is forgotten, so call it on a finished core.
   *
   * @param program the program
   * @throws IllegalStateException if the core is not finished
   */
  public void continueWith(Program program) {
    if (!isFinished()) {
      throw new IllegalStateException("the running program is not finished: " + controller);
    }
    resume(program);
  }

  private void resume(Program program) {
    controller.reset(program, rfy);
    stats = controller.newStats();
    cycle = 0;
    quietSince = -1;
    isLagging = false;
    mode.reset();
    dmb.reset();
    output.reset();
    scoreboard.reset();
    if (channels != null) {
      channels.reset();
    }
    moverX.reset();
    moverY.reset();
    blocks.reset(stats);
    vectors.reset();
    stores.reset(stats);
    sections.clear();
  }

  /**
   * Cuts the program that was loaded last into sections, to tell apart what they cost. They run
   * into each other as if it was not cut. To be called before its first cycle; a program is
   * otherwise one section.
   *
   * @param starts number of the first instruction of each section, from 0 on, ascending
   * @param listener hears of the sections; null for nobody
   * @throws IllegalArgumentException if the numbers are not ascending ones of the program
   */
  public void cut(List<Integer> starts, @Nullable SectionListener listener) {
    int size = controller.program().size();
    boolean isAscending = !starts.isEmpty() && starts.get(0) == 0;
    for (int i = 1; i < starts.size(); i++) {
      isAscending &= starts.get(i) > starts.get(i - 1) && starts.get(i) < size;
    }
    if (!isAscending) {
      throw new IllegalArgumentException(
          "sections start at " + starts + ", expected ascending numbers from 0 below " + size);
    }
    sections.cut(starts.stream().mapToInt(Integer::intValue).toArray(), listener);
  }

  /**
   * {@return counters of each section of the program, which has ended} They add up to those of the
   * program. Cycles of a section, and what units did in them, are those from the acceptance of the
   * last instruction before it to that of its own last one; of the last section, to the end. Work
   * counts for the section whose instruction does it.
   */
  public List<Counters> sectionCounters() {
    return sections.costs(config, controller.program(), stats);
  }

  /**
   * Advances by one clock cycle.
   *
   * @throws org.tataa.control.ProgramException if an instruction is not executable
   * @throws org.tataa.control.HazardException under policy TRAP
   * @throws DeadlockException if no unit can ever make progress again
   */
  public void tick() {
    if (isLagging) {
      settle();
    }
    if (isReordered) {
      for (ClockedUnit unit : units) {
        unit.evaluate(cycle);
      }
    } else {
      output.evaluate(cycle);
      stores.evaluate(cycle);
      vectors.evaluate(cycle);
      blocks.evaluate(cycle);
      moverX.evaluate(cycle);
      moverY.evaluate(cycle);
      controller.evaluate(cycle);
    }
    accounting.count(cycle);
    if (controller.pc() == sections.next() && controller.acceptedIn(cycle)) {
      sections.reach();
    }
    if (controller.stall() == null) {
      quietSince = -1;
    } else if (controller.stallCycles() % DEADLOCK_PATIENCE == 0) {
      checkProgress();
    }
    cycle++;
  }

  /**
   * Advances by up to {@code cycles} cycles, less if the program ends, without evaluating those
   * nobody looks at. Cycle counts, counters, memory and every register that can be read afterwards
   * are what {@link #tick()} would have left. With an observer, and where {@link FastForward} does
   * not serve, every cycle is ticked.
   *
   * @param cycles how many cycles
   * @throws org.tataa.control.ProgramException if an instruction is not executable
   * @throws org.tataa.control.HazardException under policy TRAP
   * @throws DeadlockException if no unit can ever make progress again
   */
  public void advance(long cycles) {
    long end = cycles < Long.MAX_VALUE - cycle ? cycle + cycles : Long.MAX_VALUE;
    if (!fastForwards()) {
      while (cycle < end && !isFinished()) {
        tick();
      }
      return;
    }
    cycle = forward.advance(cycle, end, sections);
    isLagging = true;
    quietSince = lastCheckIfQuiet();
  }

  /**
   * {@return whether {@link #advance} goes from acceptance to acceptance of an instruction} It
   * ticks instead while somebody observes, on an array of registers, where {@link FastForward} does
   * not serve the machine, and where the program could fail.
   */
  public boolean fastForwards() {
    return !isObserved && array.mayLag() && forward.serves();
  }

  // What the deadlock checks of a long stall would have left; a clean program outlives them.
  private long lastCheckIfQuiet() {
    long waited = controller.stall() == null ? 0 : controller.stallCycles();
    long check = cycle - 1 - waited % DEADLOCK_PATIENCE;
    return waited >= DEADLOCK_PATIENCE && forward.quietAt() <= check + 1 ? check : -1;
  }

  // Computes the registers of PEs and lanes that were left out.
  private void settle() {
    blocks.settleArray(cycle);
    isLagging = false;
  }

  // Every wait for a latency is shorter than the patience. A machine that was quiet one patience
  // ago,
  // and still waits for the same instruction, will stay quiet.
  private void checkProgress() {
    for (ClockedUnit unit : units) {
      if (unit != controller && unit.nextEvent(cycle + 1) != ClockedUnit.NEVER) {
        quietSince = -1;
        return;
      }
    }
    if (quietSince == cycle - DEADLOCK_PATIENCE) {
      throw new DeadlockException(cycle, describe());
    }
    quietSince = cycle;
  }

  /** {@return whether the program has ended and every unit is quiet} */
  public boolean isFinished() {
    return controller.isEnded() && nextEvent() == ClockedUnit.NEVER;
  }

  /**
   * {@return the first cycle, now or later, in which some unit does something; {@link
   * ClockedUnit#NEVER} when the core is finished}
   */
  public long nextEvent() {
    long next = ClockedUnit.NEVER;
    for (ClockedUnit unit : units) {
      next = Math.min(next, unit.nextEvent(cycle));
    }
    return next;
  }

  /**
   * Passes a chain over every register, buffer and counter. External memory, which the host owns,
   * has its own ({@link ExternalMemory#scan}).
   *
   * <p>To restore, first {@link #load} the program the state belongs to.
   *
   * @param chain reads or writes the state
   * @throws org.tataa.state.ScanException if a restored state is not one of this core with this
   *     program; the core is then to be loaded again
   */
  public void scan(ScanChain chain) {
    settle();
    array.settle();
    scoreboard.reset();
    Program program = controller.program();
    cycle = chain.scan("cycle", cycle);
    quietSince = chain.scan("quietSince", quietSince);
    if (channels != null) {
      channels.scan(chain, cycle);
      counters.scanChannels(chain);
    }
    rfx.scan(chain);
    rfy.scan(chain);
    dmb.scan(chain);
    mode.scan(chain);
    output.scan(chain);
    moverX.scan(chain);
    moverY.scan(chain);
    blocks.scan(chain, program, cycle);
    vectors.scan(chain, program);
    array.scan(chain);
    stores.scan(chain, program);
    controller.scan(chain);
    counters.scan(chain);
    stats.scan(chain);
  }

  /**
   * Sets who hears what happens, or null for nobody.
   *
   * @param observer who hears; null for nobody
   */
  public void observe(@Nullable CoreObserver observer) {
    isObserved = observer != null;
    mode.observe(observer);
    output.observe(observer);
    moverX.observe(observer);
    moverY.observe(observer);
    blocks.observe(observer);
    vectors.observe(observer);
    stores.observe(observer);
    controller.observe(observer);
  }

  /**
   * Changes the order in which units are evaluated. The run does not depend on it; this is here so
   * that a test can show it.
   *
   * @param order a permutation of 0..6
   */
  public void reorderUnits(int... order) {
    if (order.length != units.length) {
      throw new IllegalArgumentException(
          "order has " + order.length + " entries, expected " + units.length);
    }
    isReordered = true;
    ClockedUnit[] old = units.clone();
    boolean[] seen = new boolean[old.length];
    for (int i = 0; i < order.length; i++) {
      int from = Objects.checkIndex(order[i], old.length);
      if (seen[from]) {
        throw new IllegalArgumentException("order names unit " + from + " twice");
      }
      seen[from] = true;
      units[i] = old[from];
    }
  }

  /** {@return the configuration} */
  public TataaConfig config() {
    return config;
  }

  /** {@return the cycle the next {@link #tick()} evaluates; equally the number of ticks done} */
  public long cycle() {
    return cycle;
  }

  /** {@return external memory of this core} */
  public ExternalMemory memory() {
    return memory;
  }

  /** {@return counters since {@link #load}} */
  public Counters counters() {
    return counters;
  }

  /** {@return numeric events per instruction of the program} */
  public InstructionStats instructionStats() {
    return stats;
  }

  /** {@return the controller: program counter, stall, constants, latency counter} */
  public Controller controller() {
    return controller;
  }

  /** {@return what the PEs compute at the moment} */
  public ArrayMode mode() {
    return mode.mode();
  }

  /** {@return the processing elements} */
  public PeArray array() {
    settle();
    return array;
  }

  /**
   * {@return registers of one PE}
   *
   * @param row row in the core
   * @param column column of the array, from 0
   */
  public PeView pe(int row, int column) {
    Objects.checkIndex(row, array.rows());
    Objects.checkIndex(column, array.columns());
    settle();
    return array.view(row, column);
  }

  /**
   * {@return what a PE holds as a stage of one bfloat16 lane}
   *
   * @param dmpu 0..dmpus-1
   * @param column 0..columns-1
   * @param stage 0..3
   */
  public StageView stage(int dmpu, int column, int stage) {
    Objects.checkIndex(dmpu, config.geometry().dmpus());
    Objects.checkIndex(column, config.geometry().columns());
    Objects.checkIndex(stage, 4);
    settle();
    return array.stage(dmpu, column, stage);
  }

  /** {@return the X register file} */
  public RegisterFileX registerFileX() {
    return rfx;
  }

  /** {@return the Y register file, which is also the bfloat16 register file} */
  public RegisterFileY registerFileY() {
    return rfy;
  }

  /** {@return the dual-mode buffers} */
  public DualModeBuffer dualModeBuffer() {
    return dmb;
  }

  /** {@return the unit that runs MATMULs} */
  public BlockUnit blockUnit() {
    return blocks;
  }

  /** {@return the store unit with the live scale} */
  public StoreUnit storeUnit() {
    return stores;
  }

  /**
   * {@return a vector slot as text: hex bits and value of the lanes of one DMPU}
   *
   * @param bank bank of the slot, 0 for A and 1 for B
   * @param slot number of the slot
   * @param dmpu number of the DMPU
   */
  public String describeVector(int bank, int slot, int dmpu) {
    int[] lanes = new int[config.geometry().lanes()];
    rfy.readLanes(bank, slot, lanes);
    StringBuilder text = new StringBuilder();
    text.append(bank == 0 ? 'A' : 'B').append(slot).append(" dmpu").append(dmpu).append(':');
    for (int column = 0; column < config.geometry().columns(); column++) {
      int bits = lanes[dmpu * config.geometry().columns() + column];
      text.append(' ').append(Bfloat16.format(bits));
    }
    return text.toString();
  }

  /** {@return one line per unit: what it does now} */
  public String describe() {
    StringBuilder text = new StringBuilder();
    text.append(controller).append('\n');
    for (ClockedUnit unit : units) {
      if (unit != controller) {
        text.append(unit).append('\n');
      }
    }
    for (int dmpu = 0; dmpu < config.geometry().dmpus(); dmpu++) {
      text.append("dmb[")
          .append(dmpu)
          .append("] ")
          .append(dmb.occupancy(dmpu))
          .append('/')
          .append(dmb.depth())
          .append(" words")
          .append('\n');
    }
    return text.toString();
  }

  @Override
  public String toString() {
    return config.name() + " core, cycle " + cycle + ", " + controller;
  }
}
