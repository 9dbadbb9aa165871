package org.tataa.tensor.pass;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.tensor.Movement;
import org.tataa.tensor.ViewOp;

/** What movements do, and what two of them do together. */
final class Views {
  private Views() {}

  /** Whether a view gives its operand, elements and shape. */
  static boolean isIdentity(ViewOp view) {
    int[] from = view.operand().shape();
    int[] to = view.result().shape();
    if (!Arrays.equals(from, to)) {
      return false;
    }
    Movement movement = view.movement();
    if (movement instanceof Movement.Reshape || movement instanceof Movement.Broadcast) {
      return true;
    }
    int[] sources = movement.sources(from, to);
    for (int i = 0; i < sources.length; i++) {
      if (sources[i] != i) {
        return false;
      }
    }
    return true;
  }

  /** Whether every element of the operand appears once: a reshape or a transpose. */
  static boolean isBijective(Movement movement) {
    return movement instanceof Movement.Reshape || movement instanceof Movement.Transpose;
  }

  /** Whether two movements between the same shapes do the same, as far as a look can tell. */
  static boolean same(Movement a, Movement b) {
    if (a instanceof Movement.Transpose first && b instanceof Movement.Transpose second) {
      return Arrays.equals(first.axes(), second.axes());
    }
    return a instanceof Movement.Reshape && b instanceof Movement.Reshape;
  }

  /** The movement back of a bijective one. */
  static Movement inverse(Movement movement) {
    return movement instanceof Movement.Transpose transpose
        ? new Movement.Transpose(inverse(transpose.axes()))
        : movement;
  }

  private static int[] inverse(int[] axes) {
    int[] inverse = new int[axes.length];
    for (int i = 0; i < axes.length; i++) {
      inverse[axes[i]] = i;
    }
    return inverse;
  }

  /**
   * The form in which movements are found to be equal: a transpose that keeps the order of elements
   * is a reshape.
   */
  static Movement canonical(ViewOp view) {
    if (view.movement() instanceof Movement.Transpose transpose) {
      int last = -1;
      for (int axis : transpose.axes()) {
        if (view.operand().dim(axis) != 1) {
          if (axis < last) {
            return transpose;
          }
          last = axis;
        }
      }
      return new Movement.Reshape();
    }
    return view.movement();
  }

  /** One movement for {@code first} and then {@code second}, or null if there is no simple one. */
  static @Nullable Movement composed(Movement first, Movement second) {
    if (first instanceof Movement.Reshape && second instanceof Movement.Reshape) {
      return first;
    }
    if (first instanceof Movement.Broadcast && second instanceof Movement.Broadcast) {
      return first;
    }
    if (first instanceof Movement.Transpose inner && second instanceof Movement.Transpose outer) {
      return new Movement.Transpose(
          Arrays.stream(outer.axes()).map(axis -> inner.axes()[axis]).toArray());
    }
    if (first instanceof Movement.Slice inner && second instanceof Movement.Slice outer) {
      int[] starts = new int[inner.starts().length];
      int[] steps = new int[starts.length];
      for (int i = 0; i < starts.length; i++) {
        starts[i] = inner.starts()[i] + outer.starts()[i] * inner.steps()[i];
        steps[i] = outer.steps()[i] * inner.steps()[i];
      }
      return new Movement.Slice(starts, steps);
    }
    return null;
  }
}
