package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.Compiler;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.CoreMachine;
import org.tataa.config.TataaConfig;
import org.tataa.debug.ModelTimeline;
import org.tataa.debug.PeActivity;
import org.tataa.debug.PerfettoWriter;
import org.tataa.graph.Evaluator;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxImporter;
import org.tataa.quant.Calibration;
import org.tataa.quant.Calibrator;
import org.tataa.sim.Simulator;

/**
 * A model on a device. Cores are independent and each item (one text, one image) runs on one of
 * them, so items are simulated one by one and then assigned to cores, the longest first.
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
  private final Compiler compiler;
  private @Nullable Calibration calibration;

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
    compiler = new Compiler(config, model, options);
  }

  /** The device. */
  public TataaConfig config() {
    return config;
  }

  /** Calibrates on samples and uses the result. */
  public Calibration calibrate(List<Map<String, NdTensor>> samples, Calibrator.Progress progress) {
    Calibration result = compiler.calibrate(samples, fixed, progress);
    calibration = result;
    return result;
  }

  /** Uses a calibration. */
  public void use(Calibration value) {
    calibration = value;
  }

  /**
   * The model compiled for an item's shapes.
   *
   * @throws IllegalStateException if there is no calibration yet
   */
  public CompiledModel compile(Map<String, NdTensor> item) {
    Calibration known = calibration;
    if (known == null) {
      throw new IllegalStateException("calibrate the model, or use a calibration, first");
    }
    return compiler.compile(item, fixed, known);
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
    BatchResult.@Nullable Item[] results = new BatchResult.Item[items.size()];
    int threads = Math.max(1, Math.min(groups.size(), Runtime.getRuntime().availableProcessors()));
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    Parts parts = new Parts(items.size(), progress);
    try {
      List<Future<?>> futures = new ArrayList<>();
      groups.forEach(
          (shapes, numbers) ->
              futures.add(
                  executor.submit(
                      () -> {
                        CompiledModel program = compile(items.get(numbers.get(0)));
                        CoreMachine machine = CoreMachine.simulated(program.core());
                        program.load(machine);
                        for (int number : numbers) {
                          results[number] =
                              run(program, machine, items.get(number), compare, parts.of(number));
                          parts.done(number, Parts.ITEM);
                        }
                      })));
      for (Future<?> future : futures) {
        future.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      executor.shutdownNow();
    }
    List<BatchResult.Item> list = new ArrayList<>();
    for (BatchResult.Item result : results) {
      list.add(Objects.requireNonNull(result));
    }
    return new BatchResult(config, list, System.nanoTime() - start);
  }

  /** Runs one item once more and counts what its PEs multiply. */
  public PeActivity activity(Map<String, NdTensor> item) {
    CompiledModel program = compile(item);
    PeActivity[] activity = new PeActivity[1];
    CoreMachine machine =
        CoreMachine.observed(program.core(), core -> activity[0] = new PeActivity(core));
    program.load(machine);
    program.run(machine, item);
    return activity[0];
  }

  /**
   * Runs one item once more and draws what every unit of its core does.
   *
   * @param slot where and when the item runs
   * @param sampleEvery cycles between samples of the counters
   */
  public void draw(
      Map<String, NdTensor> item, BatchResult.Slot slot, PerfettoWriter writer, long sampleEvery) {
    CompiledModel program = compile(item);
    ModelTimeline[] units = new ModelTimeline[1];
    CoreMachine machine =
        CoreMachine.observed(
            program.core(),
            core ->
                units[0] = new ModelTimeline(writer, core, slot.core(), slot.start(), sampleEvery));
    program.load(machine);
    program.run(machine, item, Map.of(), (step, name, kind) -> units[0].programEnds());
    units[0].programEnds();
  }

  /**
   * A machine of one core that is about to execute a step of the model, everything before it done.
   *
   * @param wanted number of the step, or part of its name; the first at or after it that has a
   *     program
   * @throws IllegalArgumentException if there is none
   */
  public Simulator startOf(Map<String, NdTensor> item, String wanted) {
    CompiledModel program = compile(item);
    StepCapture machine = new StepCapture(program.core(), wanted);
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

    // Steps of the host are not counted beforehand, so that the last part comes at the end.
    IntFunction<CompiledModel.Observer> of(int item) {
      return programs ->
          (step, name, kind) -> done(item, Math.min(ITEM - 1, ITEM * step / Math.max(1, programs)));
    }

    synchronized void done(int item, int part) {
      if (part > done[item]) {
        done[item] = part;
        progress.done(Arrays.stream(done).sum(), ITEM * done.length);
      }
    }
  }

  private BatchResult.Item run(
      CompiledModel program,
      CoreMachine machine,
      Map<String, NdTensor> item,
      boolean compare,
      IntFunction<CompiledModel.Observer> observer) {
    Map<String, NdTensor> reference =
        compare ? new Evaluator(model.graph(), model.opset()).all(item) : Map.of();
    CompiledModel.Result result =
        program.run(machine, item, reference, observer.apply(program.programs().size()));
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
