package org.tataa.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** What a network learns, by name, and how AdamW changes it. */
final class Parameters {
  private static final float FIRST_DECAY = 0.9f;
  private static final float SECOND_DECAY = 0.98f;
  private static final float EPSILON = 1e-8f;
  private static final float NO_CLIP = -1;

  private record Learnt(NDArray value, NDArray first, NDArray second, boolean isDecayed) {}

  private final NDManager manager;
  private final Random random;
  private final Map<String, Learnt> all = new LinkedHashMap<>();
  private int steps;

  Parameters(NDManager manager, long seed) {
    this.manager = manager;
    random = new Random(seed);
  }

  /** A parameter drawn from a normal distribution; matrices decay. */
  NDArray drawn(String name, double deviation, long... shape) {
    float[] values = new float[(int) new Shape(shape).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return add(name, values, shape.length > 1, shape);
  }

  /** A parameter that begins with one value and does not decay. */
  NDArray constant(String name, float value, long... shape) {
    float[] values = new float[(int) new Shape(shape).size()];
    Arrays.fill(values, value);
    return add(name, values, false, shape);
  }

  private NDArray add(String name, float[] values, boolean isDecayed, long... shape) {
    Shape of = new Shape(shape);
    NDArray value = manager.create(values, of);
    value.setRequiresGradient(true);
    all.put(name, new Learnt(value, manager.zeros(of), manager.zeros(of), isDecayed));
    return value;
  }

  /** The array of a parameter. */
  NDArray get(String name) {
    Learnt found = all.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no parameter " + name);
    }
    return found.value();
  }

  /** How many numbers are learnt. */
  long size() {
    return all.values().stream().mapToLong(learnt -> learnt.value().size()).sum();
  }

  /** A step of AdamW with the gradients there are, which become zero. */
  void step(float rate, float decay, float largestNorm) {
    steps++;
    double square = 0;
    for (Learnt learnt : all.values()) {
      try (NDArray gradient = learnt.value().getGradient();
          NDArray squares = gradient.square();
          NDArray sum = squares.sum()) {
        square += sum.getFloat();
      }
    }
    float scale = (float) Math.min(1, largestNorm / (Math.sqrt(square) + 1e-6));
    double corrected =
        rate * Math.sqrt(1 - Math.pow(SECOND_DECAY, steps)) / (1 - Math.pow(FIRST_DECAY, steps));
    for (Learnt learnt : all.values()) {
      try (NDArray gradient = learnt.value().getGradient()) {
        NDList values = new NDList(learnt.value(), gradient, learnt.first(), learnt.second());
        learnt
            .value()
            .getNDArrayInternal()
            .adamUpdate(
                values,
                new NDList(learnt.value()),
                rate,
                (float) corrected,
                learnt.isDecayed() ? decay : 0,
                scale,
                NO_CLIP,
                FIRST_DECAY,
                SECOND_DECAY,
                EPSILON,
                true,
                true);
      }
    }
  }

  NDManager manager() {
    return manager;
  }
}
