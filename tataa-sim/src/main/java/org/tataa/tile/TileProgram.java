package org.tataa.tile;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tataa.config.TataaConfig;
import org.tataa.tensor.Value;

/**
 * A model, or one core's share of it, as steps on tiles.
 *
 * @param name of the model
 * @param config machine it is tiled for
 * @param steps steps in order
 * @param values device values that can be read back, by step
 * @param outputs HOST values by the names of the model's outputs
 */
public record TileProgram(
    String name,
    TataaConfig config,
    List<TileStep> steps,
    List<StoredValue> values,
    Map<String, Value> outputs) {
  /** Takes copies. */
  public TileProgram {
    steps = List.copyOf(steps);
    values = List.copyOf(values);
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
  }
}
