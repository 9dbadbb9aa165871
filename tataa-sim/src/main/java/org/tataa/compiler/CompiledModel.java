package org.tataa.compiler;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.isa.Program;
import org.tataa.machine.CoreMachine;
import org.tataa.numeric.Bfloat16;
import org.tataa.observe.Counters;
import org.tataa.schedule.Schedule;
import org.tataa.sim.FlightEvents;
import org.tataa.tensor.Element;
import org.tataa.tensor.StateValues;
import org.tataa.tile.Buffer;
import org.tataa.tile.HostExecutor;
import org.tataa.tile.MatMulNest;
import org.tataa.tile.StoredValue;
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
  private final Map<Schedule.Device, ProgramBound> bounds =
      Collections.synchronizedMap(new IdentityHashMap<>());

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

  /** Steps, those of the host included. */
  public int steps() {
    return schedule().segments().size();
  }

  /** All programs in order of execution, those of a step by core. */
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
    Map<Integer, List<StoredValue>> values = new HashMap<>();
    for (StoredValue stored : schedule().tiles().values()) {
      if (stored.value().element() == Element.BF16
          && reference.containsKey(stored.value().name())) {
        values.computeIfAbsent(stored.step(), key -> new ArrayList<>()).add(stored);
      }
    }
    ScheduleRun run = new ScheduleRun(schedule(), machine);
    Reports reports = new Reports(run, values, reference, observer);
    Map<String, NdTensor> outputs =
        run.run(ScheduleRun.inputs(compilation.tensors(), inputs), reports);
    return new Result(outputs, reports.list, cores());
  }

  /** Makes a report of every segment. */
  private final class Reports implements ScheduleRun.Observer {
    private final List<StepReport> list = new ArrayList<>();
    private final HostExecutor.Memory memory;
    private final Map<Integer, List<StoredValue>> values;
    private final Map<String, NdTensor> reference;
    private final Observer observer;
    private @Nullable StepEvent event;

    Reports(
        HostExecutor.Memory memory,
        Map<Integer, List<StoredValue>> values,
        Map<String, NdTensor> reference,
        Observer observer) {
      this.memory = memory;
      this.values = values;
      this.reference = reference;
      this.observer = observer;
    }

    @Override
    public void begins(Schedule.Segment segment) {
      TileStep step = step(segment.firstStep());
      if (segment instanceof Schedule.Device device && device.barrierCycles() > 0) {
        observer.barrier(device.barrierCycles());
      }
      observer.begins(list.size(), step.work().value(), step.work().kind().name());
      event = FlightEvents.begun(StepEvent::new);
    }

    @Override
    public void done(Schedule.Segment segment, CoreMachine.Cost cost, long hostBytes) {
      int first = segment.firstStep();
      int last = first + (segment instanceof Schedule.Device device ? device.steps() : 1) - 1;
      long macs = 0;
      double cosine = Double.NaN;
      for (int i = first; i <= last; i++) {
        macs += step(i).work().macs();
        cosine = worse(cosine, i);
      }
      TileStep step = step(first);
      if (event != null) {
        event.end();
        event.value = step.work().value();
        event.kind = step.work().kind().name();
        event.cycles = cost.cycles();
        event.commit();
      }
      StepReport report =
          new StepReport(
              step.work().value(),
              step.work().kind().name(),
              functions.of(step),
              cost.cycles(),
              segment instanceof Schedule.Device device && cost.cycles() > 0
                  ? device.barrierCycles()
                  : 0,
              macs,
              bound(segment),
              hostBytes,
              tiling(step),
              cosine,
              cost.counters(),
              cost.cores());
      list.add(report);
      observer.done(report);
    }

    // The worst cosine of the values a step completes, and of what there was before. What is not a
    // number in the reference belongs to nobody, as padding of a pack.
    private double worse(double known, int step) {
      double worst = known;
      for (StoredValue stored : values.getOrDefault(step, List.of())) {
        NdTensor expected = reference.get(stored.value().name());
        if (expected != null && expected.size() == stored.value().size()) {
          short[] bits = HostExecutor.elements(memory.read(stored.buffer()), stored.layout(), 2);
          float[] wanted = expected.floats().clone();
          float[] actual = new float[bits.length];
          for (int i = 0; i < actual.length; i++) {
            boolean isNobodys = Float.isNaN(wanted[i]);
            actual[i] = isNobodys ? 0 : Bfloat16.toFloat(bits[i] & 0xffff);
            wanted[i] = isNobodys ? 0 : wanted[i];
          }
          double cosine = cosine(actual, wanted);
          worst = Double.isNaN(worst) ? cosine : Math.min(worst, cosine);
        }
      }
      return worst;
    }
  }

  private TileStep step(int number) {
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
    return "host";
  }

  // Found out once for each segment.
  private ProgramBound bound(Schedule.Segment segment) {
    return segment instanceof Schedule.Device device
        ? bounds.computeIfAbsent(device, key -> ProgramBound.of(core(), key.programs()))
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
