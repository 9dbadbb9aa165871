package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
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
import org.tataa.compiler.PackLimit;
import org.tataa.compiler.Partitioning;
import org.tataa.compiler.PassEffects;
import org.tataa.config.TataaConfig;
import org.tataa.debug.ModelTimeline;
import org.tataa.debug.PeActivity;
import org.tataa.debug.PerfettoWriter;
import org.tataa.graph.Evaluator;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.machine.CoreMachine;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pack.PackedGraph;
import org.tataa.pack.PackingException;
import org.tataa.quant.Calibration;
import org.tataa.quant.Calibrator;
import org.tataa.schedule.ScheduleException;
import org.tataa.sim.Engine;
import org.tataa.sim.HostOptions;
import org.tataa.sim.HostThreads;
import org.tataa.sim.Simulator;
import org.tataa.tiling.TilingException;

/**
 * A model on a device. Each item (one text, one image) runs on one core, or is split over a group
 * of cores, as {@link Partitioning} says; short items may run as one, as {@link PackLimit} says.
 * Groups are independent, so what runs as one is simulated by itself, on all host threads, and then
 * assigned to groups, the longest first.
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
  private final PackLimit packing;
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
    packing = options.packing();
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
    return compiler.compile(item, fixed, calibration(), cores);
  }

  private Calibration calibration() {
    Calibration known = calibration;
    if (known == null) {
      throw new IllegalStateException("calibrate the model, or use a calibration, first");
    }
    return known;
  }

  /** What each pass of the compiler does for the model with an item's shapes. */
  public List<PassEffects.Effect> explainPasses(Map<String, NdTensor> item) {
    return compiler.explainPasses(item, fixed);
  }

  /**
   * How many cores each item or pack of items of a batch is split over. Chosen automatically, it is
   * the number with which the batch takes least by the predicted cycles of its largest one, one
   * group of cores doing as many one after the other as it must.
   *
   * @throws IllegalStateException if cycles must be predicted and there is no calibration yet
   */
  public int coresPerItem(List<Map<String, NdTensor>> items) {
    return plan(items, planner()).cores();
  }

  /**
   * The model as {@link #run} runs the first item of a batch: with others in its pack, if short
   * items are packed, and split over cores.
   *
   * @throws IllegalStateException if there is no calibration yet
   */
  public CompiledModel compileFirst(List<Map<String, NdTensor>> items) {
    BatchPlanner planner = planner();
    BatchPlanner.Plan plan = plan(items, planner);
    Pack first = plan.packs().get(0);
    CompiledModel known = planner.take(first, plan.cores());
    return known == null ? compile(first, plan.cores(), null) : known;
  }

  private BatchPlanner planner() {
    return new BatchPlanner(config.cores(), partitioning, this::compile);
  }

  private CompiledModel compile(Pack pack, int cores, @Nullable CompiledModel known) {
    if (known != null) {
      return compiler.split(known, cores);
    }
    Graph fused = pack.fused();
    PackedGraph graph = pack.graph();
    if (graph != null) {
      return compiler.compile(
          graph.graph(), pack.inputs(), Set.of(), calibration().withCopies(graph.copies()), cores);
    }
    return fused == null
        ? compile(pack.inputs(), cores)
        : compiler.compile(fused, pack.inputs(), fixed, calibration(), cores);
  }

  private BatchPlanner.Plan plan(List<Map<String, NdTensor>> items, BatchPlanner planner) {
    ItemPacker packer = new ItemPacker(compiler, fixed, config.geometry(), items);
    List<Pack> packed = null;
    if (items.size() > 1 && packing.most() > 1) {
      try {
        // Where every item has a core, a pair of long ones takes no less.
        boolean pairs = !packing.isAuto() || items.size() > config.cores();
        packed = packer.packed(packing.most(), pairs);
      } catch (PackingException e) {
        if (!packing.isAuto()) {
          throw e;
        }
      }
    }
    if (packed == null) {
      return planner.plan(packer.alone());
    }
    if (!packing.isAuto()) {
      return planner.plan(packed);
    }
    try {
      return planner.plan(packer.alone(), packed);
    } catch (TilingException | ScheduleException e) {
      // Several items may need more of the machine than one.
      return planner.plan(packer.alone());
    }
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
    BatchPlanner planner = planner();
    long start = System.nanoTime();
    return run(items, plan(items, planner), planner, compare, progress, start);
  }

  /**
   * Runs what a batch runs first: its first item, or all of the pack it is in. The others are
   * planned only.
   */
  BatchResult runFirst(
      List<Map<String, NdTensor>> items, boolean compare, Calibrator.Progress progress) {
    BatchPlanner planner = planner();
    long start = System.nanoTime();
    BatchPlanner.Plan plan = plan(items, planner);
    Pack first = plan.packs().get(0);
    return run(
        first.items().stream().map(items::get).toList(),
        new BatchPlanner.Plan(List.of(first.alone()), plan.cores()),
        planner,
        compare,
        progress,
        start);
  }

  private BatchResult run(
      List<Map<String, NdTensor>> items,
      BatchPlanner.Plan plan,
      BatchPlanner planner,
      boolean compare,
      Calibrator.Progress progress,
      long start) {
    List<Pack> packs = plan.packs();
    Map<Object, List<Integer>> forms = new LinkedHashMap<>();
    for (int i = 0; i < packs.size(); i++) {
      forms.computeIfAbsent(packs.get(i).form(), key -> new ArrayList<>()).add(i);
    }
    List<Integer> order =
        ItemOrder.of(List.copyOf(forms.values()), HostThreads.atMost(host.threads()));
    Map<Object, ShapeGroup> groups = new HashMap<>();
    forms.forEach(
        (form, numbers) -> {
          Pack first = packs.get(numbers.get(0));
          CompiledModel known = planner.take(first, plan.cores());
          groups.put(
              form,
              new ShapeGroup(
                  () -> known == null ? compile(first, plan.cores(), null) : known,
                  host,
                  numbers.size()));
        });
    BatchResult.@Nullable Item[] results = new BatchResult.Item[items.size()];
    BatchResult.@Nullable Run[] runs = new BatchResult.Run[packs.size()];
    WallClock simulating = new WallClock();
    BatchProgress parts = new BatchProgress(packs.size(), progress);
    boolean spare = packs.size() < HostThreads.atMost(host.threads());
    HostThreads.forEach(
        order.size(),
        host.threads(),
        i -> {
          int number = order.get(i);
          Pack pack = packs.get(number);
          List<Supplier<Map<String, NdTensor>>> references =
              pack.items().stream()
                  .map(item -> reference(items.get(item), compare, spare))
                  .toList();
          CompiledModel.Result result =
              run(
                  Objects.requireNonNull(groups.get(pack.form())),
                  pack,
                  references,
                  simulating,
                  parts.of(number));
          runs[number] = new BatchResult.Run(result, pack.items());
          List<CompiledModel.Result> byItem = pack.byItem(result);
          for (int j = 0; j < byItem.size(); j++) {
            results[pack.items().get(j)] =
                new BatchResult.Item(byItem.get(j), outputs(references.get(j).get()));
          }
          parts.done(number, BatchProgress.PACK);
        });
    long nanos = System.nanoTime() - start;
    return new BatchResult(config, known(results), known(runs), nanos, simulating.nanos());
  }

  private static <T> List<T> known(@Nullable T[] values) {
    return Arrays.stream(values).map(Objects::requireNonNull).toList();
  }

  /**
   * What can be seen of one item only by looking on.
   *
   * @param products what its PEs multiply
   * @param layer what the units do in one of its layers
   */
  public record Activity(PeActivity products, LayerSchedule layer) {}

  /**
   * Runs the first item of a batch once more, or the pack it is in, and looks on.
   *
   * @param result what a run of the batch gave
   */
  public Activity activity(List<Map<String, NdTensor>> items, BatchResult result) {
    Pack pack = first(items, result);
    BatchResult.Run run = result.runs().get(0);
    CompiledModel program = compile(pack, 1, null);
    LayerSchedule layer =
        LayerSchedule.of(
            compiler.split(program, run.result().cores()),
            run.result().steps(),
            LayerSchedule.middle(Layer.sums(List.of(run))));
    PeActivity[] activity = new PeActivity[1];
    CoreMachine machine =
        CoreMachine.observed(program.core(), core -> activity[0] = new PeActivity(core));
    program.load(machine);
    program.run(machine, pack.inputs());
    return new Activity(activity[0], layer);
  }

  // The pack a batch was run with that has its first item.
  private Pack first(List<Map<String, NdTensor>> items, BatchResult result) {
    ItemPacker packer = new ItemPacker(compiler, fixed, config.geometry(), items);
    return packer.pack(result.runs().get(0).items());
  }

  /**
   * Runs the first item of a batch once more, or the pack it is in, and draws what every unit of
   * its cores does.
   *
   * @param result what a run of the batch gave
   * @param sampleEvery cycles between samples of the counters
   */
  public void draw(
      List<Map<String, NdTensor>> items,
      BatchResult result,
      PerfettoWriter writer,
      long sampleEvery) {
    BatchResult.Slot slot = result.schedule().get(0);
    Pack pack = first(items, result);
    CompiledModel program = compile(pack, slot.cores(), null);
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
    program.run(machine, pack.inputs(), Map.of(), new BarrierTimeline(units));
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

  private CompiledModel.Result run(
      ShapeGroup group,
      Pack pack,
      List<Supplier<Map<String, NdTensor>>> references,
      WallClock simulating,
      IntFunction<CompiledModel.Observer> observer) {
    return group.use(
        (program, machine) -> {
          Map<String, NdTensor> reference =
              pack.reference(references.stream().map(Supplier::get).toList());
          simulating.start();
          try {
            return pack.counted(
                program.run(machine, pack.inputs(), reference, observer.apply(program.steps())));
          } finally {
            simulating.stop();
          }
        });
  }

  private Map<String, NdTensor> outputs(Map<String, NdTensor> reference) {
    Map<String, NdTensor> expected = new LinkedHashMap<>();
    for (String output : model.graph().outputs()) {
      NdTensor value = reference.get(output);
      if (value != null) {
        expected.put(output, value);
      }
    }
    return expected;
  }
}
