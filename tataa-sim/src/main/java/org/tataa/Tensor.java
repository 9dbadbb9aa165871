package org.tataa;

import org.tataa.graph.ElementType;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;

/** An immutable dense tensor, row-major. Arrays are copied on the way in and out. */
public final class Tensor {
  /** What elements are. */
  public enum Type {
    /** float32. */
    FLOAT,
    /** Integers of any width, kept in 64 bits. */
    INT,
    /** Truth values, kept as 0 and 1. */
    BOOL;

    static Type of(ElementType type) {
      return switch (type) {
        case FLOAT -> FLOAT;
        case INT -> INT;
        case BOOL -> BOOL;
      };
    }
  }

  private final NdTensor values;

  private Tensor(NdTensor values) {
    this.values = values;
  }

  static Tensor of(NdTensor values) {
    return new Tensor(values);
  }

  private interface Maker {
    NdTensor make();
  }

  private static Tensor checked(Maker maker) {
    try {
      return new Tensor(maker.make());
    } catch (GraphException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /**
   * {@return a tensor of float32 numbers}
   *
   * @param values elements, row-major
   * @param shape its dimensions; none for a single number
   * @throws IllegalArgumentException if the shape has another number of elements
   */
  public static Tensor of(float[] values, int... shape) {
    return checked(() -> NdTensor.of(values.clone(), shape));
  }

  /**
   * {@return a tensor of integers, as token ids}
   *
   * @param values elements, row-major
   * @param shape its dimensions; none for a single number
   * @throws IllegalArgumentException if the shape has another number of elements
   */
  public static Tensor of(long[] values, int... shape) {
    return checked(() -> NdTensor.of(values.clone(), shape));
  }

  /** {@return what its elements are} */
  public Type type() {
    return Type.of(values.type());
  }

  /** {@return its dimensions} */
  public int[] shape() {
    return values.shape();
  }

  /** {@return number of elements} */
  public int size() {
    return values.size();
  }

  /**
   * {@return all elements}
   *
   * @throws IllegalStateException if they are not float32 numbers
   */
  public float[] floats() {
    if (type() != Type.FLOAT) {
      throw new IllegalStateException("expected FLOAT elements, found " + this);
    }
    return values.floats().clone();
  }

  /**
   * {@return all elements}
   *
   * @throws IllegalStateException if they are neither integers nor truth values
   */
  public long[] longs() {
    if (type() == Type.FLOAT) {
      throw new IllegalStateException("expected INT or BOOL elements, found " + this);
    }
    return values.longs().clone();
  }

  NdTensor internal() {
    return values;
  }

  /** Type and shape. */
  @Override
  public String toString() {
    return values.toString();
  }
}
