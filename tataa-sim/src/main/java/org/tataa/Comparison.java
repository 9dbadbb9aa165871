package org.tataa;

import java.util.List;
import org.tataa.pipeline.BatchResult;
import org.tataa.pipeline.Layer;

/** A run of items beside the same in float32. */
public final class Comparison {
  private final BatchResult batch;
  private final List<String> names;

  Comparison(BatchResult batch, List<String> names) {
    this.batch = batch;
    this.names = names;
  }

  /** {@return what the device gave, and what it cost} */
  public ModelRun run() {
    return new ModelRun(batch, names);
  }

  /**
   * {@return results of an item in float32, by name}
   *
   * @param item in the order in which they were given, from 0
   * @throws IndexOutOfBoundsException if there is no such item
   */
  public Tensors expected(int item) {
    return ModelRun.ordered(batch.items().get(item).expected(), names);
  }

  /**
   * {@return cosine of a result of an item with float32, [-1, 1]}
   *
   * @param item in the order in which they were given, from 0
   * @param output name of the result
   * @throws IndexOutOfBoundsException if there is no such item
   * @throws IllegalArgumentException if there is no such result
   */
  public double cosine(int item, String output) {
    return batch.items().get(item).cosine(output);
  }

  /** {@return smallest cosine of all results of all items, [-1, 1]} */
  public double cosine() {
    double least = 1;
    for (int item = 0; item < batch.items().size(); item++) {
      for (String name : names) {
        least = Math.min(least, cosine(item, name));
      }
    }
    return least;
  }

  /**
   * A layer of the model.
   *
   * @param name what the names of its values begin with
   * @param cosine smallest of its values with float32, [-1, 1]; NaN if none has a counterpart
   * @param value the value of that cosine; empty if none has a counterpart
   */
  public record LayerAccuracy(String name, double cosine, String value) {}

  /** {@return where accuracy is lost: all layers, in the order of the model} */
  public List<LayerAccuracy> layers() {
    return batch.layers().stream().map(Comparison::accuracy).toList();
  }

  private static LayerAccuracy accuracy(Layer layer) {
    return new LayerAccuracy(layer.name(), layer.worst(), layer.worstValue());
  }

  @Override
  public String toString() {
    return "cosine " + cosine() + " of " + batch.items().size() + " items";
  }
}
