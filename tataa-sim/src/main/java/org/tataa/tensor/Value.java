package org.tataa.tensor;

import java.util.Arrays;
import java.util.Locale;

/**
 * A value of a tensor program, made by exactly one operation.
 *
 * <p>Values are compared by identity. The name is that of the graph's value it stands for, or is
 * made from one; it is unique within a program.
 */
public final class Value {
  private final String name;
  private final Element element;
  private final int[] shape;

  /** A value; the shape is copied. */
  public Value(String name, Element element, int... shape) {
    this.name = name;
    this.element = element;
    this.shape = shape.clone();
  }

  /** Unique name. */
  public String name() {
    return name;
  }

  /** What its elements are. */
  public Element element() {
    return element;
  }

  /** A copy of the shape. */
  public int[] shape() {
    return shape.clone();
  }

  /** Number of dimensions. */
  public int rank() {
    return shape.length;
  }

  /** One dimension; negative axes count from the end. */
  public int dim(int axis) {
    return shape[axis < 0 ? axis + shape.length : axis];
  }

  /** Number of elements. */
  public int size() {
    int size = 1;
    for (int dim : shape) {
      size = Math.multiplyExact(size, dim);
    }
    return size;
  }

  /** Whether it is on the device. */
  public boolean isOnDevice() {
    return element != Element.HOST;
  }

  @Override
  public String toString() {
    return "%"
        + name
        + ": "
        + element.name().toLowerCase(Locale.ROOT)
        + Arrays.toString(shape).replace(" ", "");
  }
}
