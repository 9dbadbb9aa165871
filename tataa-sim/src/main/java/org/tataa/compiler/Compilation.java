package org.tataa.compiler;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.fusion.Fusion;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.lower.Lowering;
import org.tataa.lower.LoweringOptions;
import org.tataa.onnx.OnnxImporter;
import org.tataa.quant.Calibration;
import org.tataa.quant.CalibrationRequest;
import org.tataa.schedule.Schedule;
import org.tataa.schedule.ScheduleException;
import org.tataa.schedule.Scheduler;
import org.tataa.schedule.SlotForwarding;
import org.tataa.schedule.Spills;
import org.tataa.schedule.VectorPlans;
import org.tataa.tensor.InputOp;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.TensorVerifier;
import org.tataa.tile.MergeCopies;
import org.tataa.tile.Partition;
import org.tataa.tile.TileProgram;
import org.tataa.tile.TileVerifier;
import org.tataa.tiling.Tiling;

/**
 * A model on all four levels.
 *
 * @param graph level 1
 * @param tensors level 2, with what tiling decided of it; the levels below give its bits
 * @param tiles level 3 for any number of cores
 * @param schedule level 3 for its number of cores ({@link Schedule#tiles()}), and level 4
 */
public record Compilation(Graph graph, TensorProgram tensors, TileLevel tiles, Schedule schedule) {
  /**
   * Compiles a model.
   *
   * @param inputs shapes of the inputs, with values for the fixed ones
   * @param fixed inputs that have the same values in every run
   * @param calibration ranges of values; without it every range is 1, which shows the structure
   *     only
   */
  public static Compilation of(
      TataaConfig config,
      CompilerOptions options,
      OnnxImporter.Model model,
      Map<String, NdTensor> inputs,
      Set<String> fixed,
      @Nullable Calibration calibration) {
    return of(config, options, model, inputs, fixed, calibration, new KnownParts(), 1);
  }

  /**
   * As {@link #of(TataaConfig, CompilerOptions, OnnxImporter.Model, Map, Set, Calibration)}, with
   * what is known from other compilations for the machine.
   *
   * @param known added to
   * @param cores cores an item is split over
   * @throws org.tataa.tile.TileException if cores would meet in memory
   */
  static Compilation of(
      TataaConfig config,
      CompilerOptions options,
      OnnxImporter.Model model,
      Map<String, NdTensor> inputs,
      Set<String> fixed,
      @Nullable Calibration calibration,
      KnownParts known,
      int cores) {
    Map<String, NdTensor> shapes = Compiler.shapes(inputs, fixed);
    Phase fusing = new Phase(model.graph().name(), "fuse");
    Graph graph = fused(options, model, shapes, fixed, known);
    fusing.done();
    return of(config, options, graph, model.opset(), shapes, calibration, known, cores);
  }

  /**
   * As {@link #of(TataaConfig, CompilerOptions, OnnxImporter.Model, Map, Set, Calibration)} for a
   * graph of transformer operators.
   *
   * @param shapes shapes of the inputs, with values for the fixed ones
   */
  static Compilation of(
      TataaConfig config,
      CompilerOptions options,
      Graph graph,
      int opset,
      Map<String, NdTensor> shapes,
      @Nullable Calibration calibration,
      KnownParts known,
      int cores) {
    String name = graph.name();
    Phase lowering = new Phase(name, "lower");
    TensorProgram lowered =
        Lowering.lower(
            graph, opset, shapes, lowering(config, options), calibration, known.weights());
    lowering.done();
    Phase passes = new Phase(name, "passes");
    TensorProgram improved = Passes.apply(config, lowered, options.disabledPasses());
    passes.done();
    return of(config, graph, improved, options, known, cores);
  }

  /**
   * Compiles a tensor program that no graph stands for; its level 1 is empty.
   *
   * @throws org.tataa.tiling.TilingException if a buffer of the machine is too small
   * @throws org.tataa.schedule.ScheduleException if its registers or memory are
   */
  public static Compilation of(TataaConfig config, TensorProgram program) {
    return of(config, program, 1);
  }

  /**
   * As {@link #of(TataaConfig, TensorProgram)}, split over cores that share a memory.
   *
   * @param cores how many
   * @throws org.tataa.tile.TileException if cores would meet in memory
   */
  public static Compilation of(TataaConfig config, TensorProgram program, int cores) {
    return of(config, program, CompilerOptions.DEFAULT, cores);
  }

  /**
   * As {@link #of(TataaConfig, TensorProgram, int)}.
   *
   * @param options choices of the compiler; those of the levels above make no difference
   */
  public static Compilation of(
      TataaConfig config, TensorProgram program, CompilerOptions options, int cores) {
    Graph nothing = new Graph(program.name(), List.of(), Map.of(), List.of(), List.of());
    return of(config, nothing, program, options, new KnownParts(), cores);
  }

  /**
   * The same split over another number of cores; levels 1 and 2 are shared.
   *
   * @param plans orders of nests; added to
   */
  Compilation on(int cores, VectorPlans plans) {
    return new Compilation(graph, tensors, tiles, schedule(tiles, plans, cores));
  }

  /** What execution needs: inputs of level 2, steps of level 3, level 4. */
  Compilation slim() {
    List<TensorOp> inputs = tensors.ops().stream().filter(InputOp.class::isInstance).toList();
    TileProgram whole = schedule.tiles();
    TileProgram steps =
        new TileProgram(whole.name(), whole.config(), whole.steps(), List.of(), whole.outputs());
    return new Compilation(
        new Graph(graph.name(), List.of(), Map.of(), List.of(), List.of()),
        new TensorProgram(tensors.name(), inputs, Map.of()),
        new TileLevel(steps, false, null),
        new Schedule(
            steps,
            schedule.memory(),
            schedule.core(),
            new Partition(schedule.partition().cores(), List.of()),
            schedule.segments()));
  }

  private static Compilation of(
      TataaConfig config,
      Graph graph,
      TensorProgram program,
      CompilerOptions options,
      KnownParts known,
      int cores) {
    Phase tiling = new Phase(program.name(), "tile");
    Tiling.Result tiled = Tiling.tile(config, program, known.words());
    TensorVerifier.check(tiled.tensors(), config);
    TileVerifier.check(tiled.tiles(), tiled.tensors().inputs());
    tiling.done();
    Set<String> disabled = options.disabledPasses();
    TileLevel tiles =
        new TileLevel(
            tiled.tiles(),
            !disabled.contains(MergeCopies.NAME),
            disabled.contains(SlotForwarding.NAME) ? null : options.forwarding());
    return new Compilation(graph, tiled.tensors(), tiles, schedule(tiles, known.plans(), cores));
  }

  private static Schedule schedule(TileLevel level, VectorPlans plans, int cores) {
    Phase scheduling = new Phase(level.tiled().name(), "schedule");
    TileProgram tiles = level.on(cores, plans);
    Schedule schedule;
    try {
      schedule = Scheduler.schedule(tiles, plans, cores);
    } catch (ScheduleException e) {
      // Only now: whether all nests fit is known when they are scheduled, and they mostly do.
      TileProgram spilled = Spills.apply(tiles, plans);
      if (spilled.equals(tiles)) {
        throw e;
      }
      schedule = Scheduler.schedule(spilled, plans, cores);
    }
    scheduling.done();
    return schedule;
  }

  private static LoweringOptions lowering(TataaConfig config, CompilerOptions options) {
    return new LoweringOptions(
        config,
        options.quantization(),
        options.approximations(),
        options.disabledPasses(),
        options.rangeScaling());
  }

  /** The model as transformer operators; one that is known is not made again. */
  static Graph fused(
      CompilerOptions options,
      OnnxImporter.Model model,
      Map<String, NdTensor> shapes,
      Set<String> fixed,
      KnownParts known) {
    Set<String> disabled = options.disabledPasses();
    return known.fused(
        shapes, fixed, disabled, () -> Fusion.fuse(model.graph(), model.opset(), shapes, disabled));
  }

  /** What calibration must measure before a model can be compiled. */
  public static List<CalibrationRequest> requests(
      TataaConfig config,
      CompilerOptions options,
      OnnxImporter.Model model,
      Map<String, NdTensor> inputs,
      Set<String> fixed) {
    return requests(config, options, model, inputs, fixed, new KnownParts());
  }

  static List<CalibrationRequest> requests(
      TataaConfig config,
      CompilerOptions options,
      OnnxImporter.Model model,
      Map<String, NdTensor> inputs,
      Set<String> fixed,
      KnownParts known) {
    Map<String, NdTensor> shapes = Compiler.shapes(inputs, fixed);
    Graph graph = fused(options, model, shapes, fixed, known);
    return Lowering.requests(graph, model.opset(), shapes, lowering(config, options));
  }

  /** Keys of what calibration must measure. */
  static Set<String> keys(
      TataaConfig config,
      CompilerOptions options,
      OnnxImporter.Model model,
      Map<String, NdTensor> inputs,
      Set<String> fixed,
      KnownParts known) {
    Map<String, NdTensor> shapes = Compiler.shapes(inputs, fixed);
    Graph graph = fused(options, model, shapes, fixed, known);
    return Lowering.keys(graph, model.opset(), shapes, lowering(config, options));
  }
}
