package org.tataa.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tataa.graph.ElementType;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.pipeline.NpyFile;

/** Inputs of a model from files of arrays. */
final class ArrayInputs {
  private ArrayInputs() {}

  /**
   * Inputs of each item.
   *
   * @param arrays files by the names of the inputs
   */
  static List<Map<String, NdTensor>> items(Graph graph, Map<String, Path> arrays) {
    for (String name : arrays.keySet()) {
      if (graph.input(name) == null) {
        throw new InputException(
            "the model has no input `" + name + "`, expected one of " + graph.inputs());
      }
    }
    List<Map<String, NdTensor>> items = new ArrayList<>();
    for (Graph.Input input : graph.inputs()) {
      Path file = arrays.get(input.name());
      if (file == null) {
        throw new InputException("the model needs --input " + input.name() + "=FILE.npy: " + input);
      }
      List<NdTensor> parts = parts(file, NpyFile.read(file), input);
      for (int i = items.size(); i < parts.size() && items.size() == i; i++) {
        items.add(new LinkedHashMap<>());
      }
      if (parts.size() != items.size()) {
        throw new InputException(
            file + ": " + parts.size() + " items, but another input has " + items.size());
      }
      for (int i = 0; i < parts.size(); i++) {
        items.get(i).put(input.name(), parts.get(i));
      }
    }
    return items;
  }

  private static List<NdTensor> parts(Path file, NdTensor all, Graph.Input input) {
    List<Integer> dims = input.dims();
    boolean fits = all.rank() == dims.size();
    for (int axis = 1; axis < dims.size() && fits; axis++) {
      fits = dims.get(axis) < 0 || dims.get(axis) == all.dim(axis);
    }
    boolean isFloat = input.type() == ElementType.FLOAT;
    if (!fits || isFloat != (all.type() == ElementType.FLOAT)) {
      throw new InputException(file + ": " + all.withoutData() + ", expected " + input);
    }
    int perItem = dims.isEmpty() || dims.get(0) < 0 ? 1 : dims.get(0);
    if (all.rank() == 0 || all.dim(0) == perItem) {
      return List.of(all);
    }
    if (all.dim(0) % perItem != 0 || all.dim(0) == 0) {
      throw new InputException(
          file + ": " + all.withoutData() + ", expected a multiple of " + perItem + " first");
    }
    int[] shape = all.shape();
    shape[0] = perItem;
    int size = all.size() / (all.dim(0) / perItem);
    List<NdTensor> parts = new ArrayList<>();
    for (int from = 0; from < all.size(); from += size) {
      parts.add(
          isFloat
              ? NdTensor.of(Arrays.copyOfRange(all.floats(), from, from + size), shape)
              : NdTensor.of(Arrays.copyOfRange(all.longs(), from, from + size), shape));
    }
    return parts;
  }
}
