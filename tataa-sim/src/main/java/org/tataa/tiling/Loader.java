package org.tataa.tiling;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.function.LaneProgram;
import org.tataa.tensor.Value;

/**
 * Chooses in which order the tiles of an expression are read, and brings operands into that order:
 * matrices that were stored exchanged are copied, others moved by the host.
 */
final class Loader {
  private final Emission emission;
  private final Operands operands;
  private final Geometry geometry;

  Loader(Emission emission, Operands operands) {
    this.emission = emission;
    this.operands = operands;
    geometry = emission.geometry;
  }

  /**
   * A plan.
   *
   * @param placement placement of the result
   * @param values operands
   * @param wanted whether tiles must be read exchanged (true) or natural (false); null if either
   *     will do
   */
  LoadPlan plan(Placement placement, List<Value> values, @Nullable Boolean wanted) {
    MatrixLayout natural = emission.layout(placement, false);
    if (!geometry.exchanges()) {
      return complete(natural, null, values);
    }
    MatrixLayout exchanged = emission.layout(placement, true);
    if (wanted != null) {
      return wanted ? complete(exchanged, natural, values) : complete(natural, exchanged, values);
    }
    int missingNatural = missing(natural, values);
    int missingExchanged = missingNatural == 0 ? 1 : missing(exchanged, values);
    return missingExchanged < missingNatural
        ? complete(exchanged, natural, values)
        : complete(natural, exchanged, values);
  }

  /** Whether every operand can be read in an order without being copied or moved. */
  boolean isInPlace(Placement placement, List<Value> values, boolean isExchanged) {
    return missing(emission.layout(placement, isExchanged), values) == 0;
  }

  private int missing(MatrixLayout layout, List<Value> values) {
    int missing = 0;
    for (Value value : values) {
      if (!operands.isFree(value) && operands.inPlace(layout, value) == null) {
        missing++;
      }
    }
    return missing;
  }

  private LoadPlan complete(MatrixLayout layout, @Nullable MatrixLayout other, List<Value> values) {
    List<VectorAccess> accesses = new ArrayList<>();
    for (Value value : values) {
      VectorAccess access = operands.isFree(value) ? null : operands.inPlace(layout, value);
      if (access == null && other != null && !operands.isFree(value)) {
        access = copied(layout, other, value);
      }
      accesses.add(access == null ? operands.placed(layout, value) : access);
    }
    return new LoadPlan(layout, accesses);
  }

  // A matrix in the other order, stored once more; what a view repeats, once only.
  private @Nullable VectorAccess copied(MatrixLayout layout, MatrixLayout other, Value operand) {
    Sources.Source source = emission.sources.of(operand);
    boolean repeats = source.isSingle() && source.anchor().size() < operand.size();
    Value value = repeats ? source.anchor() : operand;
    Placement own = layout.placement.sameAxes(value);
    if (own.rank() != layout.placement.rank()) {
      return null;
    }
    MatrixLayout from = emission.layout(own, other.isExchanged);
    VectorAccess access = operands.inPlace(from, value);
    if (access == null) {
      return null;
    }
    LaneProgram.Builder builder = LaneProgram.builder("copy", 1);
    Stored copy =
        new MapEmitter(emission)
            .emit(
                value.name() + "/exchanged",
                builder.build(builder.input(0)),
                new LoadPlan(from, List.of(access)));
    emission.alsoStored(value, copy);
    return operands.inPlace(layout, operand);
  }
}
