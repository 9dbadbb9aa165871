package org.tataa.compiler;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.isa.Program;
import org.tataa.machine.CoreMachine;
import org.tataa.observe.Counters;
import org.tataa.schedule.Schedule;
import org.tataa.tensor.StateValues;
import org.tataa.tile.Buffer;
import org.tataa.tile.FusedNest;
import org.tataa.tile.MatMulNest;
import org.tataa.tile.SpilledVectors;
import org.tataa.tile.TileStep;
import org.tataa.tile.VectorNest;

/** A model for inputs of fixed shapes: programs, memory image and what the host does between. */
public final class CompiledModel {
  /**
   * What one step did.
   *
   * @param name value the step makes
   * @param kind kind of work, as {@code LINEAR}
   * @param function function of the model that vector work belongs to, as {@code GELU}; empty if it
   *     is none
   * @param cycles clock cycles until the last core was done, barrier included; 0 for the host
   * @param barrierCycles those of the barrier before it
   * @param macs useful multiply-accumulates: those of the model, padding left out
   * @param bound what the programs of all cores need of each unit if nothing ever waited
   * @param hostBytes bytes the host moved
   * @param tiling how the work was cut
   * @param cosine cosine of the value with the reference; NaN if it was not compared
   * @param counters counters of all cores
   * @param cores counters of each core; none for the host
   */
  public record StepReport(
      String name,
      String kind,
      String function,
      long cycles,
      long barrierCycles,
      long macs,
      ProgramBound bound,
      long hostBytes,
      String tiling,
      double cosine,
      Counters counters,
      List<Counters> cores) {
    /** Takes a copy. */
    public StepReport {
      cores = List.copyOf(cores);
    }

    /** The same with other useful multiply-accumulates. */
    public StepReport withMacs(long value) {
      return new StepReport(
          name,
          kind,
          function,
          cycles,
          barrierCycles,
          value,
          bound,
          hostBytes,
          tiling,
          cosine,
          counters,
          cores);
    }

    /** Cycles of all cores of the group, idle ones included. */
    public long coreCycles() {
      return cycles * cores.size();
    }

    /**
     * Multiply-accumulates of the array beyond the useful ones: padding, and products with the
     * identity that rearrange codes.
     */
    public long paddedMacs() {
      return Math.max(0, counters.macs() - macs);
    }
  }

  /**
   * Result of a run.
   *
   * @param outputs results of the graph
   * @param steps what was done, in order
   * @param cores cores it was split over
   */
  public record Result(Map<String, NdTensor> outputs, List<StepReport> steps, int cores) {
    /** Clock cycles from the first program to the last, barriers included. */
    public long cycles() {
      return steps.stream().mapToLong(StepReport::cycles).sum();
    }

    /** Cycles of all its cores, idle ones included. */
    public long coreCycles() {
      return cycles() * cores;
    }

    /** Cycles of barriers. */
    public long barrierCycles() {
      return steps.stream().mapToLong(StepReport::barrierCycles).sum();
    }
  }

  private final TataaConfig device;
  private final Compilation compilation;
  private final StepFunctions functions;
  private final Map<Integer, ProgramBound> bounds = new ConcurrentHashMap<>();

  CompiledModel(TataaConfig device, Compilation compilation) {
    this(device, compilation, new StepFunctions(compilation.graph()));
  }

  private CompiledModel(TataaConfig device, Compilation compilation, StepFunctions functions) {
    this.device = device;
    this.compilation = compilation;
    this.functions = functions;
  }

  /**
   * The same without what only its compilation needs: of levels 1 and 2 inputs alone are left, of
   * level 3 what is executed. For models of which many are held at the same time; nothing is
   * compared with a reference.
   */
  public CompiledModel slim() {
    return new CompiledModel(device, compilation.slim(), functions);
  }

  private Schedule schedule() {
    return compilation.schedule();
  }

  /** The model on all levels. */
  public Compilation levels() {
    return compilation;
  }

  /** The device it was compiled for. */
  public TataaConfig device() {
    return device;
  }

  /** The cores an item runs on, one or a group, with enough memory for the model. */
  public TataaConfig core() {
    return schedule().core();
  }

  /** Cores an item is split over. */
  public int cores() {
    return core().cores();
  }

  /** Clock cycles of an item by the scheduler's rough clocks, barriers included. */
  public long predictedCycles() {
    return schedule().predictedCycles();
  }

  /** Vectors of an item that go through memory for want of vector slots. */
  public SpilledVectors spilled() {
    return schedule().spilled();
  }

  /** Steps, those of the host included. */
  public int steps() {
    return schedule().tiles().steps().size();
  }

  /** All programs in order of execution, those of a split step by core. */
  public List<Program> programs() {
    return schedule().programs();
  }

  /**
   * Addresses in the core's memory by name; memory of values that are not needed at the same time
   * is shared.
   */
  public Map<String, Long> symbols() {
    Map<String, Long> symbols = new TreeMap<>();
    for (Buffer buffer : schedule().memory().buffers()) {
      symbols.put(buffer.name(), schedule().memory().address(buffer));
    }
    return symbols;
  }

  /** Name of the model. */
  public String name() {
    return compilation.tensors().name();
  }

  /** Bytes of weights and constants. */
  public long imageBytes() {
    return schedule().memory().buffers().stream()
        .filter(Buffer::isConstant)
        .mapToLong(Buffer::bytes)
        .sum();
  }

  /** Loads weights and constants into a machine; once before the first run. */
  public void load(CoreMachine machine) {
    new ScheduleRun(schedule(), machine).load();
  }

  /** Has the states on a machine go on from what they held elsewhere. */
  public void loadStates(CoreMachine machine, StateValues states) {
    new ScheduleRun(schedule(), machine).load(states);
  }

  /** Says what the states on a machine hold. */
  public void saveStates(CoreMachine machine, StateValues states) {
    new ScheduleRun(schedule(), machine).save(states);
  }

  /** Looks at a run while it goes on. */
  public interface Observer {
    /** A step begins. */
    void begins(int step, String name, String kind);

    /** All cores wait for each other before the next step, for so many cycles. */
    default void barrier(long cycles) {}

    /**
     * Programs that began together have all ended; steps they consist of are done now.
     *
     * @param cycles until the last one had
     */
    default void ended(long cycles) {}

    /** A step is done. */
    default void done(StepReport step) {}
  }

  /**
   * Runs the model on a machine it was loaded into.
   *
   * @param inputs values of the graph's inputs, of the shapes it was compiled for
   */
  public Result run(CoreMachine machine, Map<String, NdTensor> inputs) {
    return run(machine, inputs, Map.of(), (step, name, kind) -> {});
  }

  /**
   * As {@link #run(CoreMachine, Map)} with an observer.
   *
   * @param reference float32 values of the graph to compare with, by name; those that are missing
   *     are not compared
   */
  public Result run(
      CoreMachine machine,
      Map<String, NdTensor> inputs,
      Map<String, NdTensor> reference,
      Observer observer) {
    ScheduleRun run = new ScheduleRun(schedule(), machine);
    StepReports reports = new StepReports(this, run, reference, observer);
    Map<String, NdTensor> outputs =
        run.run(ScheduleRun.inputs(compilation.tensors(), inputs), reports);
    return new Result(outputs, reports.list(), cores());
  }

  TileStep step(int number) {
    return schedule().tiles().steps().get(number);
  }

  /** How the work of a step was cut, for reports. */
  static String tiling(TileStep step) {
    if (step instanceof MatMulNest nest) {
      return nest.blocks() + " blocks, K=" + nest.depth() * nest.segments();
    }
    if (step instanceof VectorNest nest) {
      return nest.iterations() + " iterations of " + nest.body().size() + " steps";
    }
    if (step instanceof FusedNest nest) {
      return tiling(nest.products()) + ", " + tiling(nest.lanes());
    }
    return "host";
  }

  /** The function of the model a step belongs to; empty if it is none. */
  String function(TileStep step) {
    return functions.of(step);
  }

  // Found out once for each step.
  ProgramBound bound(Schedule.Segment segment, int step) {
    return segment instanceof Schedule.Device device
        ? bounds.computeIfAbsent(
            step, key -> ProgramBound.of(core(), device.programs(key - device.firstStep())))
        : ProgramBound.NONE;
  }

  /** Cosine of two vectors of the same length; 1 if both are zero. */
  public static double cosine(float[] a, float[] b) {
    double dot = 0;
    double squareA = 0;
    double squareB = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
      squareA += (double) a[i] * a[i];
      squareB += (double) b[i] * b[i];
    }
    return squareA == 0 && squareB == 0 ? 1 : dot / Math.sqrt(squareA * squareB);
  }
}
