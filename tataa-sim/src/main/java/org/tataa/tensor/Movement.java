package org.tataa.tensor;

import java.util.Arrays;

/** How a {@link ViewOp} picks elements: for every element of the result, one of the operand. */
public sealed interface Movement {
  /** What fills elements that come from nowhere: the pattern 0. */
  int PADDING = -1;

  /**
   * Where each element comes from.
   *
   * @param from shape of the operand
   * @param to shape of the result
   * @return row-major, an element number of the operand or {@link #PADDING}
   */
  int[] sources(int[] from, int[] to);

  /** The same elements in the same row-major order. */
  record Reshape() implements Movement {
    @Override
    public int[] sources(int[] from, int[] to) {
      int[] sources = new int[elements(to)];
      Arrays.setAll(sources, i -> i);
      return sources;
    }

    @Override
    public String toString() {
      return "reshape";
    }
  }

  /**
   * Axes in another order: axis i of the result is axis {@code axes[i]} of the operand.
   *
   * @param axes a permutation
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Transpose(int[] axes) implements Movement {
    @Override
    public int[] sources(int[] from, int[] to) {
      int[] strides = strides(from);
      int[] picked = new int[axes.length];
      for (int i = 0; i < axes.length; i++) {
        picked[i] = strides[axes[i]];
      }
      return affine(to, 0, picked);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Transpose transpose && Arrays.equals(transpose.axes, axes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(axes);
    }

    @Override
    public String toString() {
      return "transpose " + Arrays.toString(axes).replace(" ", "");
    }
  }

  /**
   * Every step-th element along each axis.
   *
   * @param starts first index of each axis
   * @param steps distance of indices, not 0, may be negative
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Slice(int[] starts, int[] steps) implements Movement {
    @Override
    public int[] sources(int[] from, int[] to) {
      int[] strides = strides(from);
      int base = 0;
      int[] picked = new int[from.length];
      for (int i = 0; i < from.length; i++) {
        base += starts[i] * strides[i];
        picked[i] = steps[i] * strides[i];
      }
      return affine(to, base, picked);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Slice slice
          && Arrays.equals(slice.starts, starts)
          && Arrays.equals(slice.steps, steps);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(starts) + Arrays.hashCode(steps);
    }

    @Override
    public String toString() {
      return "slice from "
          + Arrays.toString(starts).replace(" ", "")
          + (Arrays.stream(steps).allMatch(step -> step == 1)
              ? ""
              : " step " + Arrays.toString(steps).replace(" ", ""));
    }
  }

  /** Dimensions of 1 repeated to the dimensions of the result, which has the same rank. */
  record Broadcast() implements Movement {
    @Override
    public int[] sources(int[] from, int[] to) {
      int[] strides = strides(from);
      for (int i = 0; i < from.length; i++) {
        strides[i] = from[i] == 1 ? 0 : strides[i];
      }
      return affine(to, 0, strides);
    }

    @Override
    public String toString() {
      return "broadcast";
    }
  }

  /**
   * Any choice of elements.
   *
   * @param name for printing, as {@code gather}, {@code pad}
   * @param indices for each element of the result an element of the operand or {@link #PADDING}
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Gather(String name, int[] indices) implements Movement {
    @Override
    public int[] sources(int[] from, int[] to) {
      return indices.clone();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static int elements(int[] shape) {
    int size = 1;
    for (int dim : shape) {
      size *= dim;
    }
    return size;
  }

  private static int[] strides(int[] shape) {
    int[] strides = new int[shape.length];
    int stride = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= shape[axis];
    }
    return strides;
  }

  // base + sum of index[axis] * strides[axis] for every index of a shape, row-major.
  private static int[] affine(int[] shape, int base, int[] strides) {
    int[] result = new int[elements(shape)];
    int[] index = new int[shape.length];
    int at = base;
    for (int i = 0; i < result.length; i++) {
      result[i] = at;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        index[axis]++;
        at += strides[axis];
        if (index[axis] < shape[axis]) {
          break;
        }
        at -= strides[axis] * shape[axis];
        index[axis] = 0;
      }
    }
    return result;
  }
}
