package org.tataa.tensor;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tataa.graph.NdTensor;

/**
 * What a run of a tensor program gave.
 *
 * @param outputs by the names of the model's outputs, in order
 * @param counts of the operations in which something happened, by the value they make, in order
 */
public record TensorResult(Map<String, NdTensor> outputs, Map<Value, OpCounts> counts) {
  /** Takes copies in the same order. */
  public TensorResult {
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
    counts = Collections.unmodifiableMap(new LinkedHashMap<>(counts));
  }

  /** The counts of all operations together. */
  public OpCounts total() {
    return counts.values().stream().reduce(OpCounts.NONE, OpCounts::plus);
  }
}
