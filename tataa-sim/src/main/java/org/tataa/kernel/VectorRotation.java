package org.tataa.kernel;

import java.util.ArrayList;
import java.util.List;
import org.tataa.numeric.LaneOp;

/**
 * Combines the features that lie side by side in a vector: the vector is stored twice in a row and
 * loaded again from offsets, which rotates it.
 */
final class VectorRotation {
  private VectorRotation() {}

  /**
   * Combines.
   *
   * @param value holds {@code features} partial results side by side; in bank A
   * @param exchange room for two vectors
   * @param zero constant register that holds 0
   * @param result register of the combination, the same in all places
   */
  static void combine(
      VectorEmitter emitter,
      LaneOp op,
      VectorEmitter.Reg value,
      int features,
      long exchange,
      int vectorBytes,
      int zero,
      VectorEmitter.Reg result) {
    for (int copy = 0; copy < 2; copy++) {
      emitter.withConstantToDmb(LaneOp.ADD, value, zero);
      emitter.store(1, exchange + (long) copy * vectorBytes);
    }
    List<VectorEmitter.Reg> parts = new ArrayList<>();
    parts.add(value);
    for (int i = 1; i < features; i++) {
      VectorEmitter.Reg rotated = i % 2 == 0 ? VectorEmitter.a(i / 2) : VectorEmitter.b(i / 2);
      emitter.load(rotated, exchange + (long) i * vectorBytes / features);
      parts.add(rotated);
    }
    emitter.tree(op, parts, zero, result);
  }
}
