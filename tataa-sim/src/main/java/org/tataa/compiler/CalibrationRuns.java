package org.tataa.compiler;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.Evaluator;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.quant.CalibrationRequest;
import org.tataa.quant.Calibrator;

/**
 * Samples executed in float32, and what they gave. What is asked for of a single sample is kept, so
 * that it is executed once, however often it is looked at.
 */
final class CalibrationRuns implements Calibrator.Samples {
  private final List<Map<String, NdTensor>> samples;
  private final IntFunction<Graph> graphs;
  private final int opset;
  private final Set<String> wanted = new HashSet<>();
  private final List<Map<String, NdTensor>> results;
  private @Nullable Map<String, NdTensor> kept;

  /**
   * Samples.
   *
   * @param graphs the graph of a sample, by its number
   * @param requests what is asked for
   */
  CalibrationRuns(
      List<Map<String, NdTensor>> samples,
      IntFunction<Graph> graphs,
      int opset,
      List<CalibrationRequest> requests) {
    this.samples = samples;
    this.graphs = graphs;
    this.opset = opset;
    requests.forEach(request -> wanted.add(request.value()));
    results = new ArrayList<>(Collections.nCopies(samples.size(), Map.of()));
  }

  @Override
  public int size() {
    return samples.size();
  }

  @Override
  public void run(int sample, Evaluator.Observer observer) {
    if (kept != null) {
      kept.forEach(observer::value);
      return;
    }
    Map<String, NdTensor> seen = new LinkedHashMap<>();
    Evaluator.Observer both =
        (name, value) -> {
          observer.value(name, value);
          if (size() == 1 && wanted.contains(name)) {
            seen.put(name, value);
          }
        };
    results.set(sample, new Evaluator(graphs.apply(sample), opset).run(samples.get(sample), both));
    kept = size() == 1 ? seen : null;
  }

  /** Results of the samples that were executed. */
  List<Map<String, NdTensor>> results() {
    return results;
  }
}
