package org.tataa.compiler;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
import org.tataa.schedule.Scheduler;
import org.tataa.tensor.TensorProgram;
import org.tataa.tiling.Tiling;

/**
 * A model on all four levels.
 *
 * @param graph level 1
 * @param tensors level 2, with what tiling decided of it; the levels below give its bits
 * @param schedule level 3 ({@link Schedule#tiles()}) and level 4
 */
public record Compilation(Graph graph, TensorProgram tensors, Schedule schedule) {
  /**
   * Compiles a model.
   *
   * @param inputs shapes of the inputs, with values for the fixed ones
   * @param fixed inputs that have the same values in every run
   * @param disabled names of lowering passes to leave out
   */
  public static Compilation of(
      TataaConfig config,
      CompilerOptions options,
      OnnxImporter.Model model,
      Map<String, NdTensor> inputs,
      Set<String> fixed,
      Set<String> disabled,
      Calibration calibration) {
    Map<String, NdTensor> shapes = Compiler.shapes(inputs, fixed);
    Graph graph = Fusion.fuse(model.graph(), model.opset(), shapes);
    TensorProgram lowered =
        Lowering.lower(
            graph, model.opset(), shapes, lowering(config, options, disabled), calibration);
    Tiling.Result tiling = Tiling.tile(config, lowered);
    return new Compilation(
        graph, tiling.tensors(), Scheduler.schedule(tiling.tiles(), Integer.getInteger("spp", 1)));
  }

  private static LoweringOptions lowering(
      TataaConfig config, CompilerOptions options, Set<String> disabled) {
    return new LoweringOptions(config, options.quantization(), options.approximations(), disabled);
  }

  /** What calibration must measure before a model can be compiled. */
  public static List<CalibrationRequest> requests(
      TataaConfig config,
      CompilerOptions options,
      OnnxImporter.Model model,
      Map<String, NdTensor> inputs,
      Set<String> fixed,
      Set<String> disabled) {
    Map<String, NdTensor> shapes = new LinkedHashMap<>(Compiler.shapes(inputs, fixed));
    Graph graph = Fusion.fuse(model.graph(), model.opset(), shapes);
    return Lowering.requests(graph, model.opset(), shapes, lowering(config, options, disabled));
  }
}
