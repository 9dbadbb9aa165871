package org.tataa.compiler;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.quant.CalibrationRequest;

/** What the machine has to do, in order; scales are still open. */
final class Plan {
  /**
   * A matrix that holds the features of an anchor.
   *
   * @param matrix the matrix
   * @param placement of the anchor
   * @param map feature of each place
   */
  record Stored(Matrix matrix, Placement placement, FeatureMap map) {}

  final Graph graph;
  final int opset;
  final List<Step> steps = new ArrayList<>();
  final List<CalibrationRequest> requests = new ArrayList<>();

  /** Where elements of anchors can be read, for results and rearrangements. */
  final Map<String, Stored> stored = new LinkedHashMap<>();

  /** What matrices mean, where they are values of the graph. */
  final Map<Matrix, Stored> values = new LinkedHashMap<>();

  /** Codes of the elements of each result. */
  final Map<String, NdTensor> outputs = new LinkedHashMap<>();

  final Views views;

  Plan(Graph graph, int opset, Views views) {
    this.graph = graph;
    this.opset = opset;
    this.views = views;
  }
}
