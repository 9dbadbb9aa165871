package org.tataa.compiler;

import org.tataa.lower.KnownWeights;
import org.tataa.schedule.VectorPlans;
import org.tataa.tiling.ConstantWords;

/**
 * What compilations of a model have in common, whatever the shapes of its inputs.
 *
 * @param weights quantised weights
 * @param words operand words of constants
 * @param plans orders of vector nests
 */
record KnownParts(KnownWeights weights, ConstantWords words, VectorPlans plans) {
  /** Nothing is known yet. */
  KnownParts() {
    this(new KnownWeights(), new ConstantWords(), new VectorPlans());
  }
}
