package org.tataa.task;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxImporter;
import org.tataa.quant.QuantizationOptions;

/**
 * A model, items to test it with, and what its results are good for.
 *
 * <p>Of each item only a reading is kept: what the metric needs of its results. Readings of the
 * same model, item and scheme are the same in all tasks, and computed once.
 */
public interface Task {
  /** What is tested, as {@code sentiment}. */
  String name();

  /** Name of the model. Tasks of one model that read the same of its results use the same name. */
  String modelName();

  /** The model. */
  OnnxImporter.Model model();

  /** Inputs that have the same values whenever they have the same shape; none by default. */
  default Set<String> fixed() {
    return Set.of();
  }

  /** How the model is quantised in a scheme, if it needs more than others. */
  default QuantizationOptions quantization(QuantizationOptions scheme) {
    return scheme;
  }

  /** Inputs of the model to calibrate on; none of them is an item. */
  List<Map<String, NdTensor>> calibration();

  /** Inputs the metric is fitted to, in float32; none of them is an item. */
  default List<Map<String, NdTensor>> training() {
    return List.of();
  }

  /** Inputs of the model, batch size 1, on which it is tested. */
  List<Map<String, NdTensor>> items();

  /**
   * What the metric needs of the results of an item.
   *
   * @param inputs of the item
   * @param outputs results of the model
   */
  default float[] reading(Map<String, NdTensor> inputs, Map<String, NdTensor> outputs) {
    return outputs.values().iterator().next().floats();
  }

  /**
   * The metric.
   *
   * @param training readings in float32 of {@link #training()}
   * @param items readings in float32 of {@link #items()}
   */
  Metric metric(List<float[]> training, List<float[]> items);
}
