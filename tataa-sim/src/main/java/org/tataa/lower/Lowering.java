package org.tataa.lower;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.quant.Calibration;
import org.tataa.quant.CalibrationRequest;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.Value;

/**
 * Makes a tensor program of a graph, from the outputs backwards: what no output needs is not
 * lowered.
 */
public final class Lowering {
  private Lowering() {}

  /**
   * What must be measured before a graph can be lowered.
   *
   * @param inputs shapes of the inputs, with values for those that are the same in every run
   */
  public static List<CalibrationRequest> requests(
      Graph graph, int opset, Map<String, NdTensor> inputs, LoweringOptions options) {
    Ranges ranges = Ranges.asked();
    run(graph, opset, inputs, options, ranges, new KnownWeights());
    return ranges.requests();
  }

  /** Keys of the {@link #requests}, which take less time than what goes with them. */
  public static Set<String> keys(
      Graph graph, int opset, Map<String, NdTensor> inputs, LoweringOptions options) {
    Ranges ranges = Ranges.asked();
    run(graph, opset, inputs, options, ranges, new KnownWeights());
    return ranges.keys();
  }

  /**
   * Lowers a graph.
   *
   * @param inputs shapes of the inputs, with values for those that are the same in every run
   * @param calibration ranges of values; without it every range is 1
   * @param known weights of other lowerings; added to
   * @throws org.tataa.quant.CalibrationException if the calibration does not fit
   * @throws org.tataa.graph.GraphException if an operator cannot be applied
   */
  public static TensorProgram lower(
      Graph graph,
      int opset,
      Map<String, NdTensor> inputs,
      LoweringOptions options,
      @Nullable Calibration calibration,
      KnownWeights known) {
    return run(graph, opset, inputs, options, Ranges.of(calibration), known);
  }

  private static TensorProgram run(
      Graph graph,
      int opset,
      Map<String, NdTensor> inputs,
      LoweringOptions options,
      Ranges ranges,
      KnownWeights known) {
    LoweringContext context = new LoweringContext(graph, opset, inputs, options, ranges, known);
    context.lowerShared();
    Map<String, Value> outputs = new LinkedHashMap<>();
    for (String output : graph.outputs()) {
      outputs.put(output, context.host(output));
    }
    return new TensorProgram(graph.name(), context.ops(), outputs).with(context.ops());
  }
}
