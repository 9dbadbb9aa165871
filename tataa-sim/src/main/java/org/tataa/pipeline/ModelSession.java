package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.Compiler;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.Partitioning;
import org.tataa.compiler.PassEffects;
import org.tataa.config.TataaConfig;
import org.tataa.debug.ModelTimeline;
import org.tataa.debug.PeActivity;
import org.tataa.debug.PerfettoWriter;
import org.tataa.graph.Evaluator;
import org.tataa.graph.NdTensor;
import org.tataa.machine.CoreMachine;
import org.tataa.onnx.OnnxImporter;
import org.tataa.quant.Calibration;
import org.tataa.quant.Calibrator;
import org.tataa.sim.Engine;
import org.tataa.sim.HostOptions;
import org.tataa.sim.HostThreads;
import org.tataa.sim.Simulator;

/**
 * A model on a device. Each item (one text, one image) runs on one core, or is split over a group
 * of cores, as {@link Partitioning} says. Groups are independent, so items are simulated each by
 * itself, on all host threads, and then assigned to groups, the longest first.
 *
 * <pre>{@code
 * OnnxImporter.Model model = OnnxImporter.read(Path.of("model.onnx"));
 * ModelSession session =
 *     new ModelSession(TataaConfig.u280(), model, TextInputs.FIXED, CompilerOptions.DEFAULT);
 * session.calibrate(samples, (done, of) -> {});
 * BatchResult result = session.run(items, true, (done, of) -> {});
 * System.out.println(result.deviceCycles() + " cycles");
 * }</pre>
 */
public final class ModelSession {
  private final TataaConfig config;
  private final OnnxImporter.Model model;
  private final Set<String> fixed;
  private final CompilerOptions options;
  private final Compiler compiler;
  private @Nullable Calibration calibration;
  private final Partitioning partitioning;
  private HostOptions host = HostOptions.DEFAULT;

  /**
   * A session.
   *
   * @param fixed inputs with the same values in every run of a shape
   */
  public ModelSession(
      TataaConfig config, OnnxImporter.Model model, Set<String> fixed, CompilerOptions options) {
    this.config = config;
    this.model = model;
    this.fixed = Set.copyOf(fixed);
    this.options = options;
    compiler = new Compiler(config, model, options);
    partitioning = options.partitioning();
    if (partitioning.cores() > config.cores()) {
      throw new IllegalArgumentException(
          "an item on " + partitioning.cores() + " cores, expected at most " + config.cores());
    }
  }

  /** The device. */
  public TataaConfig config() {
    return config;
  }

  /**
   * A session of the same model, with the same choices and calibration, on another device.
   *
   * @throws IllegalArgumentException if items are split over more cores than the device has
   */
  public ModelSession on(TataaConfig device) {
    ModelSession session = new ModelSession(device, model, fixed, options);
    session.calibration = calibration;
    session.host = host;
    return session;
  }

  /** Calibrates on samples and uses the result. */
  public Calibration calibrate(List<Map<String, NdTensor>> samples, Calibrator.Progress progress) {
    Calibration result = compiler.calibrate(samples, fixed, progress);
    calibration = result;
    return result;
  }

  /** Whether a calibration has all that the model with an item's shapes needs. */
  public boolean isCoveredBy(Calibration value, Map<String, NdTensor> item) {
    return compiler.isCoveredBy(value, item, fixed);
  }

  /** Whether it has a calibration with all that the model with an item's shapes needs. */
  public boolean isCalibratedFor(Map<String, NdTensor> item) {
    Calibration known = calibration;
    return known != null && isCoveredBy(known, item);
  }

  /** Uses a calibration. */
  public void use(Calibration value) {
    calibration = value;
  }

  /** Uses an engine and a number of threads (default: {@link HostOptions#DEFAULT}). */
  public void use(HostOptions value) {
    host = value;
  }

  /**
   * The model compiled for an item's shapes on one core.
   *
   * @throws IllegalStateException if there is no calibration yet
   */
  public CompiledModel compile(Map<String, NdTensor> item) {
    return compile(item, 1);
  }

  /**
   * The model compiled for an item's shapes, the item split over some cores.
   *
   * @throws IllegalStateException if there is no calibration yet
   */
  public CompiledModel compile(Map<String, NdTensor> item, int cores) {
    Calibration known = calibration;
    if (known == null) {
      throw new IllegalStateException("calibrate the model, or use a calibration, first");
    }
    return compiler.compile(item, fixed, known, cores);
  }

  /** What each pass of the compiler does for the model with an item's shapes. */
  public List<PassEffects.Effect> explainPasses(Map<String, NdTensor> item) {
    return compiler.explainPasses(item, fixed);
  }

  /**
   * How many cores each item of a batch is split over. Chosen automatically, it is the number with
   * which the batch takes least by the predicted cycles of its largest item, one group of cores
   * doing as many items one after the other as it must.
   */
  public int coresPerItem(List<Map<String, NdTensor>> items) {
    return coresPerItem(items, new HashMap<>());
  }

  // What had to be compiled is kept, by shapes.
  private int coresPerItem(
      List<Map<String, NdTensor>> items, Map<List<List<Integer>>, CompiledModel> compiled) {
    int cores = config.cores();
    if (!partitioning.isAuto()) {
      return partitioning.cores();
    }
    if (items.size() >= cores || items.size() <= 1) {
      return items.size() == 1 ? cores : 1;
    }
    Map<String, NdTensor> largest =
        Collections.max(items, Comparator.comparingLong(ModelSession::size));
    CompiledModel best = BatchSplit.best(compile(largest), cores, items.size(), compiler::split);
    compiled.put(shapes(largest), best);
    return best.cores();
  }

  private static long size(Map<String, NdTensor> item) {
    return item.values().stream().mapToLong(NdTensor::size).sum();
  }

  private static List<List<Integer>> shapes(Map<String, NdTensor> item) {
    List<List<Integer>> shapes = new ArrayList<>();
    item.forEach((name, value) -> shapes.add(Arrays.stream(value.shape()).boxed().toList()));
    return shapes;
  }

  /**
   * Runs items.
   *
   * @param items inputs of the graph, batch size 1
   * @param compare whether every layer and result is compared with float32
   * @param progress hears of finished hundredths of items; may be called from several threads, one
   *     at a time
   */
  public BatchResult run(
      List<Map<String, NdTensor>> items, boolean compare, Calibrator.Progress progress) {
    Map<List<List<Integer>>, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < items.size(); i++) {
      groups.computeIfAbsent(shapes(items.get(i)), key -> new ArrayList<>()).add(i);
    }
    long start = System.nanoTime();
    Map<List<List<Integer>>, CompiledModel> compiled = new HashMap<>();
    int cores = coresPerItem(items, compiled);
    List<Integer> order =
        ItemOrder.of(List.copyOf(groups.values()), HostThreads.atMost(host.threads()));
    Map<Integer, ShapeGroup> groupOf = new HashMap<>();
    groups
        .values()
        .forEach(
            numbers -> {
              Map<String, NdTensor> first = items.get(numbers.get(0));
              CompiledModel known = compiled.remove(shapes(first));
              ShapeGroup group =
                  new ShapeGroup(
                      () -> known == null ? compile(first, cores) : known, host, numbers.size());
              numbers.forEach(number -> groupOf.put(number, group));
            });
    BatchResult.@Nullable Item[] results = new BatchResult.Item[items.size()];
    WallClock simulating = new WallClock();
    Parts parts = new Parts(items.size(), progress);
    boolean spare = items.size() < HostThreads.atMost(host.threads());
    HostThreads.forEach(
        order.size(),
        host.threads(),
        i -> {
          int number = order.get(i);
          ShapeGroup group = Objects.requireNonNull(groupOf.get(number));
          results[number] =
              run(group, items.get(number), compare, spare, simulating, parts.of(number));
          parts.done(number, Parts.ITEM);
        });
    long nanos = System.nanoTime() - start;
    List<BatchResult.Item> list = new ArrayList<>();
    for (BatchResult.Item result : results) {
      list.add(Objects.requireNonNull(result));
    }
    return new BatchResult(config, list, nanos, simulating.nanos());
  }

  /**
   * What can be seen of one item only by looking on.
   *
   * @param products what its PEs multiply
   * @param layer what the units do in one of its layers
   */
  public record Activity(PeActivity products, LayerSchedule layer) {}

  /**
   * Runs one item once more and looks on.
   *
   * @param result what a run of the item gave
   */
  public Activity activity(Map<String, NdTensor> item, BatchResult.Item result) {
    CompiledModel program = compile(item);
    LayerSchedule layer =
        LayerSchedule.of(
            compiler.split(program, result.result().cores()),
            result.result().steps(),
            LayerSchedule.middle(Layer.sums(List.of(result))));
    PeActivity[] activity = new PeActivity[1];
    CoreMachine machine =
        CoreMachine.observed(program.core(), core -> activity[0] = new PeActivity(core));
    program.load(machine);
    program.run(machine, item);
    return new Activity(activity[0], layer);
  }

  /**
   * Runs one item once more and draws what every unit of its cores does.
   *
   * @param slot where and when the item runs
   * @param sampleEvery cycles between samples of the counters
   */
  public void draw(
      Map<String, NdTensor> item, BatchResult.Slot slot, PerfettoWriter writer, long sampleEvery) {
    CompiledModel program = compile(item, slot.cores());
    List<ModelTimeline> units = new ArrayList<>();
    CoreMachine machine =
        CoreMachine.observed(
            program.core(),
            (number, core) -> {
              int shown = slot.core() + number;
              units.add(new ModelTimeline(writer, core, shown, slot.start(), sampleEvery));
              return units.get(number);
            });
    program.load(machine);
    program.run(machine, item, Map.of(), new BarrierTimeline(units));
  }

  /**
   * A machine of one core that is about to execute a step of the model, everything before it done.
   * If items are split over a number of cores that was asked for, it is the group's first core with
   * its share.
   *
   * @param wanted number of the step, or part of its name; the first at or after it that has a
   *     program
   * @param engine the one for a machine
   * @throws IllegalArgumentException if there is none
   */
  public Simulator startOf(
      Map<String, NdTensor> item, String wanted, Function<TataaConfig, Engine> engine) {
    CompiledModel program = compile(item, Math.max(1, partitioning.cores()));
    StepCapture machine = new StepCapture(program.core(), wanted, 0, engine);
    program.load(machine);
    program.run(machine, item, Map.of(), machine);
    return machine.captured();
  }

  // How far all items are.
  private static final class Parts {
    static final int ITEM = 100;

    private final int[] done;
    private final Calibrator.Progress progress;

    Parts(int items, Calibrator.Progress progress) {
      done = new int[items];
      this.progress = progress;
    }

    IntFunction<CompiledModel.Observer> of(int item) {
      return steps ->
          (step, name, kind) -> done(item, Math.min(ITEM - 1, ITEM * step / Math.max(1, steps)));
    }

    synchronized void done(int item, int part) {
      if (part > done[item]) {
        done[item] = part;
        progress.done(Arrays.stream(done).sum(), ITEM * done.length);
      }
    }
  }

  // What float32 gives; where a thread is to spare, computed while the model is compiled.
  private Supplier<Map<String, NdTensor>> reference(
      Map<String, NdTensor> item, boolean compare, boolean spare) {
    if (!compare) {
      return Map::of;
    }
    Evaluator evaluator = new Evaluator(model.graph(), model.opset());
    if (spare) {
      return HostThreads.begin(() -> evaluator.all(item));
    }
    Map<String, NdTensor> reference = evaluator.all(item);
    return () -> reference;
  }

  private BatchResult.Item run(
      ShapeGroup group,
      Map<String, NdTensor> item,
      boolean compare,
      boolean spare,
      WallClock simulating,
      IntFunction<CompiledModel.Observer> observer) {
    Supplier<Map<String, NdTensor>> awaited = reference(item, compare, spare);
    CompiledModel.Result result =
        group.use(
            (program, machine) -> {
              Map<String, NdTensor> reference = awaited.get();
              simulating.start();
              try {
                return program.run(machine, item, reference, observer.apply(program.steps()));
              } finally {
                simulating.stop();
              }
            });
    Map<String, NdTensor> reference = awaited.get();
    Map<String, NdTensor> expected = new LinkedHashMap<>();
    for (String output : model.graph().outputs()) {
      NdTensor value = reference.get(output);
      if (value != null) {
        expected.put(output, value);
      }
    }
    return new BatchResult.Item(result, expected);
  }
}
