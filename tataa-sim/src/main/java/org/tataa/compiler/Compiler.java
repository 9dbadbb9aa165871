package org.tataa.compiler;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tataa.config.TataaConfig;
import org.tataa.fusion.Fusion;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxImporter;
import org.tataa.quant.Calibration;
import org.tataa.quant.CalibrationException;
import org.tataa.quant.CalibrationRequest;
import org.tataa.quant.Calibrator;

/**
 * Compiles models for a machine.
 *
 * <pre>{@code
 * Compiler compiler = new Compiler(TataaConfig.u280(), model, CompilerOptions.DEFAULT);
 * Calibration calibration = compiler.calibrate(samples, (done, of) -> {});
 * CompiledModel compiled = compiler.compile(inputs, Set.of(), calibration);
 * CoreMachine machine = CoreMachine.simulated(compiled.core());
 * compiled.load(machine);
 * CompiledModel.Result result = compiled.run(machine, inputs);
 * }</pre>
 */
public final class Compiler {
  private final TataaConfig config;
  private final OnnxImporter.Model model;
  private final CompilerOptions options;
  private final KnownParts known;

  /**
   * A calibration with what it was made of.
   *
   * @param calibration ranges and scales
   * @param results what the graph gave in float32, for every sample
   */
  public record Calibrated(Calibration calibration, List<Map<String, NdTensor>> results) {
    /** Takes a copy. */
    public Calibrated {
      results = List.copyOf(results);
    }
  }

  /** A compiler for a model. */
  public Compiler(TataaConfig config, OnnxImporter.Model model, CompilerOptions options) {
    this(config, model, options, new KnownParts());
  }

  private Compiler(
      TataaConfig config, OnnxImporter.Model model, CompilerOptions options, KnownParts known) {
    this.config = config;
    this.model = model;
    this.options = options;
    this.known = known;
  }

  /** A compiler for another layer: layers that are alike have instructions that are made once. */
  public Compiler ofLayer(OnnxImporter.Model layer) {
    return new Compiler(config, layer, options, known.ofLayer());
  }

  /** The model. */
  public OnnxImporter.Model model() {
    return model;
  }

  /**
   * The model as transformer operators, for inputs of some shapes.
   *
   * @param inputs shapes of the inputs, with values for those that are the same in every run
   */
  public Graph fused(Map<String, NdTensor> inputs) {
    return Fusion.fuse(model.graph(), model.opset(), inputs, options.disabledPasses());
  }

  /** Inputs of which only some values are known. */
  public static Map<String, NdTensor> shapes(Map<String, NdTensor> inputs, Set<String> fixed) {
    Map<String, NdTensor> shapes = new LinkedHashMap<>();
    inputs.forEach(
        (name, value) -> shapes.put(name, fixed.contains(name) ? value : value.withoutData()));
    return shapes;
  }

  /**
   * Calibrates on samples.
   *
   * @param samples inputs of the graph, batch size 1
   * @param fixed inputs that have the same values in every run of a shape
   * @throws org.tataa.tiling.TilingException if a buffer of the machine is too small
   * @throws org.tataa.schedule.ScheduleException if its registers or memory are
   * @throws CalibrationException if there are no samples
   */
  public Calibration calibrate(
      List<Map<String, NdTensor>> samples, Set<String> fixed, Calibrator.Progress progress) {
    return calibrated(samples, fixed, progress).calibration();
  }

  /** As {@link #calibrate(List, Set, Calibrator.Progress)}, with the results of the samples. */
  public Calibrated calibrated(
      List<Map<String, NdTensor>> samples, Set<String> fixed, Calibrator.Progress progress) {
    if (samples.isEmpty()) {
      throw new CalibrationException(
          "calibration of " + model.graph().name() + " needs at least one sample");
    }
    Map<String, NdTensor> shapes = shapes(samples.get(0), fixed);
    return calibrated(
        samples,
        fixed,
        Compilation.requests(config, options, model, shapes, fixed, known),
        progress);
  }

  /**
   * Whether a calibration has all that a model with inputs of some shapes needs, measured as the
   * options say.
   */
  public boolean isCoveredBy(
      Calibration calibration, Map<String, NdTensor> inputs, Set<String> fixed) {
    return calibration.options().equals(options.quantization())
        && calibration
            .values()
            .keySet()
            .containsAll(Compilation.keys(config, options, model, inputs, fixed, known));
  }

  /** Calibrates what is asked for on samples. */
  public Calibration calibrate(
      List<Map<String, NdTensor>> samples,
      Set<String> fixed,
      List<CalibrationRequest> requests,
      Calibrator.Progress progress) {
    return calibrated(samples, fixed, requests, progress).calibration();
  }

  private Calibrated calibrated(
      List<Map<String, NdTensor>> samples,
      Set<String> fixed,
      List<CalibrationRequest> requests,
      Calibrator.Progress progress) {
    Map<Integer, Graph> graphs = new LinkedHashMap<>();
    CalibrationRuns runs =
        new CalibrationRuns(
            samples,
            sample ->
                graphs.computeIfAbsent(
                    sample,
                    number ->
                        Compilation.fused(
                            options, model, shapes(samples.get(sample), fixed), fixed, known)),
            model.opset(),
            requests);
    Calibration calibration =
        new Calibrator(options.quantization(), requests)
            .calibrate(model.graph().name(), runs, progress);
    return new Calibrated(calibration, runs.results());
  }

  /**
   * Compiles for inputs of some shapes.
   *
   * @param inputs shapes, with values for the fixed ones
   * @param fixed inputs that have the same values in every run
   * @throws org.tataa.tiling.TilingException if a buffer of the machine is too small
   * @throws org.tataa.schedule.ScheduleException if its registers or memory are
   * @throws CalibrationException if the calibration does not fit the model
   */
  public CompiledModel compile(
      Map<String, NdTensor> inputs, Set<String> fixed, Calibration calibration) {
    return compile(inputs, fixed, calibration, 1);
  }

  /**
   * As {@link #compile(Map, java.util.Set, Calibration)}, an item split over several cores that
   * share a memory.
   *
   * @param cores how many, at least 1
   */
  public CompiledModel compile(
      Map<String, NdTensor> inputs, Set<String> fixed, Calibration calibration, int cores) {
    return new CompiledModel(
        config, Compilation.of(config, options, model, inputs, fixed, calibration, known, cores));
  }

  /**
   * As {@link #compile(Map, java.util.Set, Calibration, int)}, what the model is as transformer
   * operators being known, or several items of it as one.
   *
   * @param graph what {@link #fused} gave, or a packed graph of such
   * @param inputs shapes of the graph's inputs, with values for the fixed ones
   */
  public CompiledModel compile(
      Graph graph,
      Map<String, NdTensor> inputs,
      Set<String> fixed,
      Calibration calibration,
      int cores) {
    return new CompiledModel(
        config,
        Compilation.of(
            config,
            options,
            graph,
            model.opset(),
            shapes(inputs, fixed),
            calibration,
            known,
            cores));
  }

  /** A model split over another number of cores; only its instructions are made anew. */
  public CompiledModel split(CompiledModel compiled, int cores) {
    return compiled.cores() == cores
        ? compiled
        : new CompiledModel(config, compiled.levels().on(cores, known.plans()));
  }

  /** What each pass does for a model with inputs of some shapes; needs no calibration. */
  public List<PassEffects.Effect> explainPasses(Map<String, NdTensor> inputs, Set<String> fixed) {
    // Ranges do not matter for what is compiled, only for its numbers.
    return PassEffects.of(
        options.disabledPasses(),
        disabled ->
            Compilation.of(
                config, options.withoutPasses(disabled), model, inputs, fixed, null, known, 1));
  }
}
