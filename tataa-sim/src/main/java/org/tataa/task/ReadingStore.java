package org.tataa.task;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.NdTensor;

/** Readings that are known already, so that a study that was interrupted goes on. */
public interface ReadingStore {
  /** Holds nothing beyond the study. */
  static ReadingStore inMemory() {
    return new MemoryReadings();
  }

  /** The reading of an item, or null if it is not known. */
  float @Nullable [] find(String model, String scheme, Map<String, NdTensor> inputs);

  /** Keeps readings of items. */
  void keep(
      String model, String scheme, List<Map<String, NdTensor>> inputs, List<float[]> readings);
}
