package org.tataa.tensor;

import java.util.Arrays;
import java.util.function.Consumer;

/** Whether a movement leads from one shape to another. */
final class MovementRules {
  private final int[] from;
  private final int[] to;
  private final Consumer<String> problems;

  MovementRules(int[] from, int[] to, Consumer<String> problems) {
    this.from = from;
    this.to = to;
    this.problems = problems;
  }

  /** Reports what is wrong. */
  void check(Movement movement) {
    if (movement instanceof Movement.Reshape) {
      if (size(from) != size(to)) {
        expected("a shape of " + size(from) + " elements", Arrays.toString(to));
      }
    } else if (movement instanceof Movement.Transpose transpose) {
      transpose(transpose.axes());
    } else if (movement instanceof Movement.Slice slice) {
      slice(slice);
    } else if (movement instanceof Movement.Broadcast) {
      boolean fits = from.length == to.length;
      for (int axis = 0; fits && axis < from.length; axis++) {
        fits = from[axis] == 1 || from[axis] == to[axis];
      }
      if (!fits) {
        expected("a shape " + Arrays.toString(from) + " broadcasts to", Arrays.toString(to));
      }
    } else if (movement instanceof Movement.Gather gather) {
      gather(gather.indices());
    }
  }

  private void expected(String what, Object found) {
    problems.accept("expected " + what + ", found " + found);
  }

  private void transpose(int[] axes) {
    int[] sorted = axes.clone();
    Arrays.sort(sorted);
    boolean permutation = sorted.length == from.length;
    for (int i = 0; permutation && i < sorted.length; i++) {
      permutation = sorted[i] == i;
    }
    if (!permutation) {
      expected("a permutation of " + from.length + " axes", Arrays.toString(axes));
      return;
    }
    int[] shape = Arrays.stream(axes).map(axis -> from[axis]).toArray();
    if (!Arrays.equals(shape, to)) {
      expected("a result of shape " + Arrays.toString(shape), Arrays.toString(to));
    }
  }

  private void slice(Movement.Slice slice) {
    int rank = from.length;
    if (to.length != rank || slice.starts().length != rank || slice.steps().length != rank) {
      expected("a result, starts and steps of rank " + rank, slice + " to " + Arrays.toString(to));
      return;
    }
    for (int axis = 0; axis < rank; axis++) {
      long first = slice.starts()[axis];
      long last = first + (to[axis] - 1L) * slice.steps()[axis];
      if (slice.steps()[axis] == 0
          || Math.min(first, last) < 0
          || Math.max(first, last) >= from[axis]) {
        expected(
            "indices of 0.." + (from[axis] - 1) + " along axis " + axis,
            first + " to " + last + " by " + slice.steps()[axis]);
      }
    }
  }

  private void gather(int[] indices) {
    if (indices.length != size(to)) {
      expected(size(to) + " indices", indices.length);
    }
    for (int index : indices) {
      if (index < Movement.PADDING || index >= size(from)) {
        expected("indices of -1.." + (size(from) - 1), index);
        return;
      }
    }
  }

  private static long size(int[] shape) {
    long size = 1;
    for (int dim : shape) {
      size *= dim;
    }
    return size;
  }
}
