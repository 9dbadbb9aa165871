package org.tataa.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.tataa.graph.NdTensor;

/** Random movements of values of a shape. */
final class RandomMovements {
  private final Random random;

  /** A movement and the shape it leads to. */
  @SuppressWarnings("ArrayRecordComponent")
  record Move(Movement movement, int... shape) {}

  RandomMovements(Random random) {
    this.random = random;
  }

  Move move(int[] from, int maxSize) {
    if (NdTensor.elements(from) == 0) {
      // Mutated programs have such values; nothing can be picked from them.
      return reshape(from);
    }
    return switch (random.nextInt(6)) {
      case 0, 1 -> reshape(from);
      case 2 -> transpose(from);
      case 3 -> slice(from);
      case 4 -> broadcast(from, maxSize);
      default -> gather(from, maxSize);
    };
  }

  Move reshape(int[] from) {
    List<Integer> dims = new ArrayList<>();
    for (int dim : from) {
      int divisor = 1 + random.nextInt(Math.max(1, dim));
      if (random.nextBoolean() && dim % divisor == 0 && dims.size() < 4) {
        dims.add(divisor);
        dims.add(dim / divisor);
      } else if (random.nextInt(3) == 0 && !dims.isEmpty()) {
        dims.set(dims.size() - 1, dims.get(dims.size() - 1) * dim);
      } else {
        dims.add(dim);
      }
    }
    while (dims.size() > 5) {
      int last = dims.get(dims.size() - 1);
      dims.subList(dims.size() - 1, dims.size()).clear();
      dims.set(dims.size() - 1, dims.get(dims.size() - 1) * last);
    }
    return new Move(new Movement.Reshape(), dims.stream().mapToInt(Integer::intValue).toArray());
  }

  Move transpose(int[] from) {
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < from.length; i++) {
      axes.add(i);
    }
    Collections.shuffle(axes, random);
    int[] order = axes.stream().mapToInt(Integer::intValue).toArray();
    return new Move(
        new Movement.Transpose(order), Arrays.stream(order).map(axis -> from[axis]).toArray());
  }

  private Move slice(int[] from) {
    int[] starts = new int[from.length];
    int[] steps = new int[from.length];
    int[] shape = new int[from.length];
    for (int axis = 0; axis < from.length; axis++) {
      int step = 1 + random.nextInt(2);
      int most = (from[axis] + step - 1) / step;
      shape[axis] = 1 + random.nextInt(most);
      int span = (shape[axis] - 1) * step;
      int first = random.nextInt(from[axis] - span);
      boolean backward = random.nextInt(4) == 0;
      starts[axis] = backward ? first + span : first;
      steps[axis] = backward ? -step : step;
    }
    return new Move(new Movement.Slice(starts, steps), shape);
  }

  private Move broadcast(int[] from, int maxSize) {
    int[] shape = from.clone();
    for (int axis = 0; axis < from.length; axis++) {
      int dim = 1 + random.nextInt(9);
      if (from[axis] == 1 && NdTensor.elements(shape) * dim <= maxSize) {
        shape[axis] = dim;
      }
    }
    return new Move(new Movement.Broadcast(), shape);
  }

  private Move gather(int[] from, int maxSize) {
    int[] shape = {1 + random.nextInt(9), 1 + random.nextInt(Math.min(33, maxSize / 9))};
    int size = NdTensor.elements(from);
    int[] indices = new int[shape[0] * shape[1]];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = random.nextInt(8) == 0 ? Movement.PADDING : random.nextInt(size);
    }
    return new Move(new Movement.Gather("gather", indices), shape);
  }
}
