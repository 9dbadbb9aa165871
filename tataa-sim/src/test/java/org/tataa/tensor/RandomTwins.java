package org.tataa.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Operations nearly like others: what passes must tell apart, or must find to be the same. Operands
 * in another order, another movement to the same shape, another order of a sum, or no difference.
 */
final class RandomTwins {
  private final Random random;

  RandomTwins(Random random) {
    this.random = random;
  }

  /** Whether an operation can have a twin. */
  static boolean isPossible(TensorOp op) {
    return op.result().element() == Element.BF16
        && (op instanceof MapOp || op instanceof ViewOp || op instanceof ReduceOp);
  }

  /** A twin that makes another value of the same shape. */
  TensorOp of(TensorOp op, Value result) {
    if (op instanceof MapOp map) {
      List<Value> operands = new ArrayList<>(map.operands());
      Collections.shuffle(operands, random);
      return new MapOp(map.program(), operands, result);
    }
    if (op instanceof ReduceOp reduce) {
      int length = reduce.order().length();
      return new ReduceOp(
          reduce.kind(),
          reduce.axis(),
          random.nextBoolean()
              ? reduce.order()
              : ReductionOrder.interleaved(length, 1 + random.nextInt(4)),
          reduce.operand(),
          result);
    }
    ViewOp view = (ViewOp) op;
    return new ViewOp(similar(view), view.operand(), result);
  }

  private Movement similar(ViewOp view) {
    Movement movement = view.movement();
    if (movement instanceof Movement.Transpose transpose) {
      int[] axes = transpose.axes().clone();
      int a = random.nextInt(axes.length);
      int b = random.nextInt(axes.length);
      if (view.result().dim(a) == view.result().dim(b)) {
        int axis = axes[a];
        axes[a] = axes[b];
        axes[b] = axis;
      }
      return new Movement.Transpose(axes);
    }
    if (movement instanceof Movement.Slice slice) {
      // From the other end.
      int[] starts = slice.starts().clone();
      int[] steps = Arrays.stream(slice.steps()).map(step -> -step).toArray();
      for (int axis = 0; axis < starts.length; axis++) {
        starts[axis] += (view.result().dim(axis) - 1) * slice.steps()[axis];
      }
      return random.nextBoolean() ? movement : new Movement.Slice(starts, steps);
    }
    return movement;
  }
}
