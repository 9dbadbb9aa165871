package org.tataa.compiler;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.lower.KnownWeights;
import org.tataa.schedule.VectorPlans;
import org.tataa.tiling.ConstantWords;

/** What compilations of a model have in common. Several threads may share it. */
final class KnownParts {
  // What a graph was fused for.
  private record Shapes(
      Map<String, List<Integer>> inputs, Set<String> fixed, Set<String> disabled) {}

  private record Fused(Shapes shapes, Graph graph) {}

  private final KnownWeights weights = new KnownWeights();
  private final ConstantWords words = new ConstantWords();
  private final VectorPlans plans;
  private volatile @Nullable Fused latest;

  /** Nothing is known yet. */
  KnownParts() {
    this(VectorPlans.withPrograms());
  }

  private KnownParts(VectorPlans plans) {
    this.plans = plans;
  }

  /** What another layer of the model can use: instructions and orders, not weights. */
  KnownParts ofLayer() {
    return new KnownParts(plans);
  }

  /** Quantised weights. */
  KnownWeights weights() {
    return weights;
  }

  /** Operand words of constants. */
  ConstantWords words() {
    return words;
  }

  /** Orders of vector nests. */
  VectorPlans plans() {
    return plans;
  }

  /**
   * The fused graph for inputs of some shapes. The latest one is kept: what calibration needs and
   * the compilation after it ask for the same.
   *
   * @param fixed inputs whose values depend on the shapes only
   * @param disabled passes that are left out
   */
  Graph fused(
      Map<String, NdTensor> inputs,
      Set<String> fixed,
      Set<String> disabled,
      Supplier<Graph> fusion) {
    Map<String, List<Integer>> dims = new LinkedHashMap<>();
    inputs.forEach((name, value) -> dims.put(name, value.dims()));
    Shapes shapes = new Shapes(dims, Set.copyOf(fixed), Set.copyOf(disabled));
    Fused known = latest;
    if (known == null || !known.shapes().equals(shapes)) {
      known = new Fused(shapes, fusion.get());
      latest = known;
    }
    return known.graph();
  }
}
