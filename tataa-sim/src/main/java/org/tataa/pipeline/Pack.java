package org.tataa.pipeline;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompiledModel;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.pack.PackedGraph;

/**
 * What is compiled and run as one: an item, or several short ones packed.
 *
 * @param items numbers of the items
 * @param inputs inputs of its graph
 * @param graph the packed graph, or null for an item alone
 * @param fused the graph as transformer operators, or null if it is not known yet
 * @param form what it is compiled for: packs of equal forms share programs
 */
record Pack(
    List<Integer> items,
    Map<String, NdTensor> inputs,
    @Nullable PackedGraph graph,
    @Nullable Graph fused,
    Object form) {
  /** Number of elements of the inputs. */
  long size() {
    return inputs.values().stream().mapToLong(NdTensor::size).sum();
  }

  /** The same as the only one of a batch, its items numbered from 0. */
  Pack alone() {
    List<Integer> numbers = IntStream.range(0, items.size()).boxed().toList();
    return new Pack(numbers, inputs, graph, fused, form);
  }

  /** Float32 values of the items as those of its graph. */
  Map<String, NdTensor> reference(List<Map<String, NdTensor>> byItem) {
    return graph == null ? byItem.get(0) : graph.values(byItem);
  }

  /** What a run gave, with products that no item needs counted as padding. */
  CompiledModel.Result counted(CompiledModel.Result result) {
    PackedGraph packed = graph;
    return packed == null
        ? result
        : new CompiledModel.Result(
            result.outputs(),
            result.steps().stream().map(step -> counted(packed, step)).toList(),
            result.cores());
  }

  private static CompiledModel.StepReport counted(
      PackedGraph packed, CompiledModel.StepReport step) {
    boolean isOfComputed = step.kind().equals("PRODUCT");
    return isOfComputed || step.kind().equals("LINEAR")
        ? step.withMacs(packed.usefulMacs(step.name(), isOfComputed, step.macs()))
        : step;
  }

  /** What a run gave each item: results of its own, steps of the pack. */
  List<CompiledModel.Result> byItem(CompiledModel.Result result) {
    return graph == null
        ? List.of(result)
        : graph.outputs(result.outputs()).stream()
            .map(own -> new CompiledModel.Result(own, result.steps(), result.cores()))
            .toList();
  }
}
