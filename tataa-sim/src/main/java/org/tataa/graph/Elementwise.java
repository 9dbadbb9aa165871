package org.tataa.graph;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;

/** Operators that work element by element, in float32 with intermediate steps in double. */
final class Elementwise {
  private Elementwise() {}

  static NdTensor unary(NdTensor x, DoubleUnaryOperator f) {
    if (!x.isKnown()) {
      return x;
    }
    if (x.type() != ElementType.FLOAT) {
      long[] from = x.longs();
      long[] to = new long[from.length];
      Arrays.setAll(to, i -> (long) f.applyAsDouble((double) from[i]));
      return NdTensor.ofLongs(x.type(), to, x.shape());
    }
    float[] from = x.floats();
    float[] to = new float[from.length];
    for (int i = 0; i < to.length; i++) {
      to[i] = (float) f.applyAsDouble(from[i]);
    }
    return NdTensor.of(to, x.shape());
  }

  static NdTensor binary(NdTensor a, NdTensor b, DoubleBinaryOperator f, LongBinaryOperator g) {
    int[] shape = Broadcast.shape(a.shape(), b.shape());
    if (a.type() != b.type()) {
      throw new GraphException("operands have types " + a.type() + " and " + b.type());
    }
    if (!a.isKnown() || !b.isKnown()) {
      return NdTensor.unknown(a.type(), shape);
    }
    int size = NdTensor.resultElements(shape);
    if (a.type() == ElementType.FLOAT) {
      float[] x = a.floats();
      float[] y = b.floats();
      float[] to = new float[size];
      if (x.length == size && y.length == size) {
        for (int i = 0; i < size; i++) {
          to[i] = (float) f.applyAsDouble(x[i], y[i]);
        }
      } else if (x.length == size && y.length == 1) {
        for (int i = 0; i < size; i++) {
          to[i] = (float) f.applyAsDouble(x[i], y[0]);
        }
      } else {
        int[] fromA = Broadcast.indices(a.shape(), shape);
        int[] fromB = Broadcast.indices(b.shape(), shape);
        for (int i = 0; i < size; i++) {
          to[i] = (float) f.applyAsDouble(x[fromA[i]], y[fromB[i]]);
        }
      }
      return NdTensor.of(to, shape);
    }
    int[] fromA = Broadcast.indices(a.shape(), shape);
    int[] fromB = Broadcast.indices(b.shape(), shape);
    long[] x = a.longs();
    long[] y = b.longs();
    long[] to = new long[size];
    for (int i = 0; i < size; i++) {
      to[i] = g.applyAsLong(x[fromA[i]], y[fromB[i]]);
    }
    return NdTensor.ofLongs(a.type(), to, shape);
  }

  /** A comparison of two operands of one type. */
  static NdTensor compare(
      NdTensor a, NdTensor b, DoubleBinaryOperator truth, LongBinaryOperator integerTruth) {
    int[] shape = Broadcast.shape(a.shape(), b.shape());
    if (!a.isKnown() || !b.isKnown()) {
      return NdTensor.unknown(ElementType.BOOL, shape);
    }
    int[] fromA = Broadcast.indices(a.shape(), shape);
    int[] fromB = Broadcast.indices(b.shape(), shape);
    long[] to = new long[fromA.length];
    boolean isFloat = a.type() == ElementType.FLOAT || b.type() == ElementType.FLOAT;
    for (int i = 0; i < to.length; i++) {
      // Integers are not compared as doubles, which do not hold all of them.
      to[i] =
          isFloat
              ? (long) truth.applyAsDouble(a.at(fromA[i]), b.at(fromB[i]))
              : integerTruth.applyAsLong(a.longs()[fromA[i]], b.longs()[fromB[i]]);
    }
    return NdTensor.ofBool(to, shape);
  }

  /** A property of each element. */
  static NdTensor truth(NdTensor x, DoublePredicate property) {
    if (!x.isKnown()) {
      return NdTensor.unknown(ElementType.BOOL, x.shape());
    }
    long[] to = new long[x.size()];
    for (int i = 0; i < to.length; i++) {
      to[i] = property.test(x.at(i)) ? 1 : 0;
    }
    return NdTensor.ofBool(to, x.shape());
  }

  static NdTensor where(NdTensor condition, NdTensor a, NdTensor b) {
    int[] shape = Broadcast.shape(condition.shape(), Broadcast.shape(a.shape(), b.shape()));
    if (a.type() != b.type()) {
      throw new GraphException("branches have types " + a.type() + " and " + b.type());
    }
    if (!condition.isKnown() || !a.isKnown() || !b.isKnown()) {
      return NdTensor.unknown(a.type(), shape);
    }
    int[] fromC = Broadcast.indices(condition.shape(), shape);
    int[] fromA = Broadcast.indices(a.shape(), shape);
    int[] fromB = Broadcast.indices(b.shape(), shape);
    long[] choose = condition.longs();
    if (a.type() == ElementType.FLOAT) {
      float[] to = new float[fromC.length];
      for (int i = 0; i < to.length; i++) {
        to[i] = choose[fromC[i]] != 0 ? a.floats()[fromA[i]] : b.floats()[fromB[i]];
      }
      return NdTensor.of(to, shape);
    }
    long[] to = new long[fromC.length];
    for (int i = 0; i < to.length; i++) {
      to[i] = choose[fromC[i]] != 0 ? a.longs()[fromA[i]] : b.longs()[fromB[i]];
    }
    return NdTensor.ofLongs(a.type(), to, shape);
  }

  static NdTensor cast(NdTensor x, ElementType type) {
    if (x.type() == type) {
      return x;
    }
    if (!x.isKnown()) {
      return NdTensor.unknown(type, x.shape());
    }
    int size = x.size();
    if (type == ElementType.FLOAT) {
      float[] to = new float[size];
      for (int i = 0; i < size; i++) {
        to[i] = x.longs()[i];
      }
      return NdTensor.of(to, x.shape());
    }
    long[] to = new long[size];
    for (int i = 0; i < size; i++) {
      double value = x.at(i);
      to[i] = type == ElementType.BOOL ? (value != 0 ? 1 : 0) : (long) value;
    }
    return NdTensor.ofLongs(type, to, x.shape());
  }

  /**
   * The error function by its Taylor series near zero and by the continued fraction of its
   * complement elsewhere; relative error below 1e-12.
   */
  static double erf(double x) {
    double magnitude = Math.abs(x);
    if (magnitude > 6) {
      return Math.signum(x);
    }
    if (magnitude < 2.5) {
      double term = x;
      double sum = x;
      for (int n = 1; n < 60 && Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
        term *= -x * x / n;
        sum += term / (2 * n + 1);
      }
      return 2 / Math.sqrt(Math.PI) * sum;
    }
    double fraction = 0;
    for (int k = 60; k > 0; k--) {
      fraction = k / 2.0 / (magnitude + fraction);
    }
    double complement =
        Math.exp(-magnitude * magnitude) / Math.sqrt(Math.PI) / (magnitude + fraction);
    return Math.signum(x) * (1 - complement);
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  static double geluErf(double x) {
    return 0.5 * x * (1 + erf(x / Math.sqrt(2)));
  }

  static double geluTanh(double x) {
    return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }
}
