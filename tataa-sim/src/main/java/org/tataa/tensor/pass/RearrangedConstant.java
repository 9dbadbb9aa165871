package org.tataa.tensor.pass;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.tensor.ConstantOp;
import org.tataa.tensor.Movement;
import org.tataa.tensor.ViewOp;

/** A constant that is broadcast behind a view, as it has to be broadcast before the view. */
final class RearrangedConstant {
  private static final int SMALL = 4096;
  private static final int LARGEST = 1 << 24;

  private final ConstantOp constant;
  private final int[] shape;
  // For every element before the view, the element of the constant that goes with it.
  private final int[] indices;

  private RearrangedConstant(ConstantOp constant, ViewOp view) {
    this.constant = constant;
    shape = view.operand().shape();
    indices = new int[view.operand().size()];
    int[] to = view.result().shape();
    int[] sources = view.movement().sources(shape, to);
    int[] repeated = new Movement.Broadcast().sources(constant.result().shape(), to);
    for (int i = 0; i < sources.length; i++) {
      indices[sources[i]] = repeated[i];
    }
    for (int axis = 0; axis < shape.length; axis++) {
      if (isSameAlong(axis)) {
        shape[axis] = 1;
      }
    }
  }

  /**
   * The constant for the operand of a bijective view.
   *
   * @return its shape broadcasts to that of the operand; null if it would be much larger
   */
  static @Nullable ConstantOp of(ConstantOp constant, ViewOp view, Names names) {
    if (view.result().size() > LARGEST) {
      return null;
    }
    RearrangedConstant rearranged = new RearrangedConstant(constant, view);
    int size = Arrays.stream(rearranged.shape).reduce(1, (a, b) -> a * b);
    if (size > Math.max(SMALL, constant.result().size())) {
      return null;
    }
    return rearranged.made(size, view.operand().shape(), names);
  }

  // Whether elements do not depend on the index along an axis.
  private boolean isSameAlong(int axis) {
    int inner = 1;
    for (int i = axis + 1; i < shape.length; i++) {
      inner *= shape[i];
    }
    // Axes before this one may already be of length 1 in the shape, but not in the indices; they
    // are the outer ones and need no stride.
    int length = inner * shape[axis];
    for (int i = 0; i < indices.length; i++) {
      if (indices[i] != indices[i - i % length + i % inner]) {
        return false;
      }
    }
    return true;
  }

  private ConstantOp made(int size, int[] whole, Names names) {
    // Numbers of the elements with index 0 along every axis of length 1.
    int[] picked = new int[size];
    int[] steps = new int[whole.length];
    Arrays.fill(steps, 1);
    int[] elements = new Movement.Slice(new int[whole.length], steps).sources(whole, shape);
    for (int i = 0; i < size; i++) {
      picked[i] = indices[elements[i]];
    }
    short[] bits = new short[size];
    float[] from = constant.exact();
    float @Nullable [] exact = from == null ? null : new float[size];
    for (int i = 0; i < size; i++) {
      bits[i] = constant.bits()[picked[i]];
      if (exact != null && from != null) {
        exact[i] = from[picked[i]];
      }
    }
    return new ConstantOp(
        bits, exact, names.after(constant.result(), "moved", constant.result().element(), shape));
  }
}
