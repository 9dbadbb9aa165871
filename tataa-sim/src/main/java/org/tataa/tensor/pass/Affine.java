package org.tataa.tensor.pass;

import org.jspecify.annotations.Nullable;
import org.tataa.function.LaneProgram;

/**
 * A chain of products and sums with constants: {@code base * factor + addend}.
 *
 * @param base what the chain starts from
 * @param factor null for 1
 * @param addend null for 0
 * @param links operations of the chain
 * @param hasRow whether a constant operand takes part, not only constants of the expression
 */
record Affine(
    LaneProgram.Value base, @Nullable Row factor, @Nullable Row addend, int links, boolean hasRow) {
  /** A chain without links. */
  static Affine of(LaneProgram.Value base) {
    return new Affine(base, null, null, 0, false);
  }

  /** The chain and then a product; null if a constant would be larger than those it comes from. */
  @Nullable Affine times(Row row) {
    Row newFactor = factor == null ? row : factor.combined(row, (a, b) -> a * b);
    Row newAddend = addend == null ? null : addend.combined(row, (a, b) -> a * b);
    return newFactor == null || (addend != null && newAddend == null)
        ? null
        : new Affine(base, newFactor, newAddend, links + 1, hasRow || !row.isInline);
  }

  /** The chain and then a sum; null if a constant would be larger than those it comes from. */
  @Nullable Affine plus(Row row) {
    Row newAddend = addend == null ? row : addend.combined(row, Double::sum);
    return newAddend == null
        ? null
        : new Affine(base, factor, newAddend, links + 1, hasRow || !row.isInline);
  }

  /** The chain negated, which is no link of its own. */
  Affine negated(int rank) {
    return new Affine(
        base,
        factor == null ? Row.of(-1, rank) : factor.negated(),
        addend == null ? null : addend.negated(),
        links,
        hasRow);
  }

  boolean isScaled() {
    return factor != null && !factor.isAll(1);
  }

  boolean isShifted() {
    return addend != null && !addend.isAll(0);
  }

  /** Whether it takes fewer operations than its links, with constants bfloat16 can hold. */
  boolean isWorthIt() {
    return hasRow
        && (isScaled() ? 1 : 0) + (isShifted() ? 1 : 0) < links
        && (factor == null || factor.isRepresentable())
        && (addend == null || addend.isRepresentable());
  }
}
