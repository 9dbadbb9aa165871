package org.tataa.schedule;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.tataa.tile.VectorNest;

/**
 * How vector nests were ordered, by their shape: layers of a model repeat, and the same model
 * compiled for other lengths has many nests in common. For one machine; several threads may share
 * it.
 */
public final class VectorPlans {
  private final Map<NestShape, VectorScheduler.Plan> plans = new ConcurrentHashMap<>();

  /** The plan of a nest's shape, made by the first that asks. */
  VectorScheduler.Plan of(VectorNest nest, Function<VectorNest, VectorScheduler.Plan> plan) {
    return plans.computeIfAbsent(NestShape.of(nest), shape -> plan.apply(nest));
  }
}
