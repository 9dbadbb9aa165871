package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.Compiler;
import org.tataa.compiler.CompilerOptions;
import org.tataa.config.TataaConfig;
import org.tataa.graph.Evaluator;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxImporter;
import org.tataa.quant.Calibrator;
import org.tataa.sim.HostOptions;
import org.tataa.sim.HostThreads;

/**
 * A large model on a device, layer by layer: the weights of one layer are made, calibrated,
 * compiled, run and given up before those of the next one. The hidden state goes from one to the
 * next as the device has it, bfloat16; in float32 there is another one for calibration, and one for
 * the reference. Layers that are alike have the same instructions, which are made once.
 *
 * <p>Values are those of the whole model compiled at once. Cycles differ where one layer ends and
 * the next begins: the hidden state passes through the host, work that reads it is not joined with
 * what makes it, and the host's work needs no barrier.
 */
public final class LayeredSession {
  /**
   * A part of the model.
   *
   * @param name of it, as {@code layer 0}
   * @param cycles clock cycles of its programs
   * @param nanos host time: weights, float32, compilation, simulation
   * @param cosine smallest cosine of what it makes with float32; NaN if nothing was compared
   */
  public record Part(String name, long cycles, long nanos, double cosine) {}

  /**
   * What a run gave.
   *
   * @param batch as of a model that is run as a whole, a batch of one
   * @param parts of the model, in order
   */
  public record Result(BatchResult batch, List<Part> parts) {
    /** Takes a copy. */
    public Result {
      parts = List.copyOf(parts);
    }
  }

  private final TataaConfig config;
  private final LayeredModel model;
  private final CompilerOptions options;
  private final int cores;
  private HostOptions host = HostOptions.DEFAULT;

  /** A session; the model is calibrated on what it runs. */
  public LayeredSession(TataaConfig config, LayeredModel model, CompilerOptions options) {
    this.config = config;
    this.model = model;
    this.options = options;
    cores = cores(config, options);
  }

  /**
   * Cores a run is split over: all, unless a number was asked for.
   *
   * @throws IllegalArgumentException if there are fewer
   */
  static int cores(TataaConfig config, CompilerOptions options) {
    int wanted = options.partitioning().isAuto() ? config.cores() : options.partitioning().cores();
    if (wanted > config.cores()) {
      throw new IllegalArgumentException(
          "an item on " + wanted + " cores, expected at most " + config.cores());
    }
    return Math.max(1, wanted);
  }

  /** Uses an engine and a number of threads (default: {@link HostOptions#DEFAULT}). */
  public void use(HostOptions value) {
    host = value;
  }

  /**
   * Runs an item on its own.
   *
   * @param item inputs of the whole model
   * @param compare whether every layer and the result are compared with float32
   * @param progress hears of finished layers, what is before and behind them included
   */
  public Result run(Map<String, NdTensor> item, boolean compare, Calibrator.Progress progress) {
    long start = System.nanoTime();
    Run run = new Run(item, compare);
    for (int number = 0; number < model.parts(); number++) {
      run.part(number);
      progress.done(number + 1, model.parts());
    }
    CompiledModel.Result all = new CompiledModel.Result(run.outputs, run.steps, cores);
    BatchResult batch =
        new BatchResult(
            config,
            List.of(new BatchResult.Item(all, run.reference)),
            System.nanoTime() - start,
            run.simulating.nanos());
    return new Result(batch, run.parts);
  }

  /** One item, and how far it is. Nothing of a part stays but its result. */
  private final class Run {
    private final Map<String, NdTensor> item;
    private final boolean compare;
    private final Compiler compiler = new Compiler(config, model.part(0), options);
    private final LayerMachine machine = new LayerMachine(host);
    private final WallClock simulating = new WallClock();
    private final List<CompiledModel.StepReport> steps = new ArrayList<>();
    private final List<Part> parts = new ArrayList<>();
    // Of the device, of calibration, of the reference.
    private Map<String, NdTensor> outputs = Map.of();
    private Map<String, NdTensor> sample = Map.of();
    private Map<String, NdTensor> reference = Map.of();

    Run(Map<String, NdTensor> item, boolean compare) {
      this.item = item;
      this.compare = compare;
    }

    void part(int number) {
      long begin = System.nanoTime();
      OnnxImporter.Model part = model.heldPart(number);
      // Float32 is computed beside the compilation.
      Supplier<Map<String, NdTensor>> expected =
          compare ? reference(part, model.inputs(number, item, reference)) : Map::of;
      Compiler own = compiler.ofLayer(part);
      Compiler.Calibrated calibrated =
          own.calibrated(List.of(model.inputs(number, item, sample)), Set.of(), (done, of) -> {});
      Map<String, NdTensor> given = model.inputs(number, item, outputs);
      CompiledModel layer = own.compile(given, Set.of(), calibrated.calibration(), cores);
      Map<String, NdTensor> values = expected.get();
      simulating.start();
      CompiledModel.Result result =
          layer.run(machine.with(layer), given, values, (step, name, kind) -> {});
      simulating.stop();
      steps.addAll(result.steps());
      outputs = result.outputs();
      sample = calibrated.results().get(0);
      reference = compare ? picked(values, model.outputs(number)) : Map.of();
      parts.add(
          new Part(
              model.name(number),
              result.cycles(),
              System.nanoTime() - begin,
              cosine(outputs, reference)));
    }
  }

  private static Supplier<Map<String, NdTensor>> reference(
      OnnxImporter.Model part, Map<String, NdTensor> inputs) {
    return HostThreads.begin(() -> new Evaluator(part.graph(), part.opset()).all(inputs));
  }

  private static double cosine(Map<String, NdTensor> actual, Map<String, NdTensor> expected) {
    double least = Double.NaN;
    for (Map.Entry<String, NdTensor> value : expected.entrySet()) {
      NdTensor found = Objects.requireNonNull(actual.get(value.getKey()));
      double cosine = CompiledModel.cosine(found.floats(), value.getValue().floats());
      least = Double.isNaN(least) ? cosine : Math.min(least, cosine);
    }
    return least;
  }

  private static Map<String, NdTensor> picked(Map<String, NdTensor> values, List<String> names) {
    Map<String, NdTensor> picked = new LinkedHashMap<>();
    names.forEach(name -> picked.put(name, Objects.requireNonNull(values.get(name))));
    return picked;
  }
}
