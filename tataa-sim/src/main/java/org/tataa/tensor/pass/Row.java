package org.tataa.tensor.pass;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import org.jspecify.annotations.Nullable;
import org.tataa.numeric.Bfloat16;
import org.tataa.tensor.ConstantOp;
import org.tataa.tensor.Movement;

/** Constant factors or addends of a map, before they are rounded; dimensions of 1 are broadcast. */
final class Row {
  private final int[] shape;
  private final double[] values;

  /** Whether it comes from constants of the expression only. */
  final boolean isInline;

  private Row(int[] shape, double[] values, boolean isInline) {
    this.shape = shape;
    this.values = values;
    this.isInline = isInline;
  }

  /** A constant operand. */
  static Row of(ConstantOp constant) {
    float[] from = constant.values();
    double[] values = new double[from.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = from[i];
    }
    return new Row(constant.result().shape(), values, false);
  }

  /** A constant of the expression. */
  static Row of(double value, int rank) {
    int[] shape = new int[rank];
    Arrays.fill(shape, 1);
    return new Row(shape, new double[] {value}, true);
  }

  /** Element by element; null if the result would be larger than both. */
  @Nullable Row combined(Row other, DoubleBinaryOperator operator) {
    int[] joined = new int[shape.length];
    long size = 1;
    for (int axis = 0; axis < joined.length; axis++) {
      joined[axis] = Math.max(shape[axis], other.shape[axis]);
      size *= joined[axis];
    }
    if (size > Math.max(values.length, other.values.length)) {
      return null;
    }
    int[] left = new Movement.Broadcast().sources(shape, joined);
    int[] right = new Movement.Broadcast().sources(other.shape, joined);
    double[] made = new double[left.length];
    for (int i = 0; i < made.length; i++) {
      made[i] = operator.applyAsDouble(values[left[i]], other.values[right[i]]);
    }
    return new Row(joined, made, isInline && other.isInline);
  }

  /** All values negated. */
  Row negated() {
    double[] made = new double[values.length];
    for (int i = 0; i < made.length; i++) {
      made[i] = -values[i];
    }
    return new Row(shape, made, isInline);
  }

  /** Whether every value is the given one. */
  boolean isAll(double value) {
    for (double found : values) {
      if (found != value) {
        return false;
      }
    }
    return true;
  }

  /** Whether no value becomes zero or infinite when it is rounded to bfloat16. */
  boolean isRepresentable() {
    for (double value : values) {
      int bits = Bfloat16.flush(Bfloat16.fromFloat((float) value));
      if (Bfloat16.exponent(bits) == 255 || (Bfloat16.isZero(bits) && value != 0)) {
        return false;
      }
    }
    return true;
  }

  int[] shape() {
    return shape.clone();
  }

  double first() {
    return values[0];
  }

  float[] floats() {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
