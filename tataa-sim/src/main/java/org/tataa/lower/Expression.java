package org.tataa.lower;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.function.LaneProgram;
import org.tataa.tensor.Value;

/**
 * A device value that need not be in memory: an expression of values that are, or such an
 * expression times a factor plus an addend for each channel of the last axis.
 *
 * <p>Factors and addends are kept unrounded, so that {@code ((x * f + b) - c) * s} becomes {@code x
 * * (f s) + (b - c) s} with one rounding of each: fewer operations, and no large intermediate
 * values that cancel.
 */
final class Expression {
  final int[] shape;
  final LaneProgram program;
  final List<Value> operands;
  final float @Nullable [] factor;
  final float @Nullable [] addend;

  private Expression(
      int[] shape,
      LaneProgram program,
      List<Value> operands,
      float @Nullable [] factor,
      float @Nullable [] addend) {
    this.shape = shape.clone();
    this.program = program;
    this.operands = List.copyOf(operands);
    this.factor = factor;
    this.addend = addend;
  }

  /** A value in memory. */
  static Expression of(Value value) {
    LaneProgram.Builder builder = LaneProgram.builder(value.name(), 1);
    return of(value.shape(), builder.build(builder.input(0)), List.of(value));
  }

  /** An expression of values; operands of the rank of the shape, or broadcast to it. */
  static Expression of(int[] shape, LaneProgram program, List<Value> operands) {
    return new Expression(shape, program, operands, null, null);
  }

  boolean isValue() {
    return program.steps().isEmpty() && operands.size() == 1 && factor == null && addend == null;
  }

  int channels() {
    return shape.length == 0 ? 1 : shape[shape.length - 1];
  }

  /** This times a factor per channel. */
  Expression times(float[] row) {
    return new Expression(
        shape,
        program,
        operands,
        product(factor, row),
        addend == null ? null : product(addend, row));
  }

  /** This plus an addend per channel. */
  Expression plus(float[] row) {
    float[] sum = row.clone();
    for (int i = 0; addend != null && i < sum.length; i++) {
      sum[i] += addend[i];
    }
    return new Expression(shape, program, operands, factor, sum);
  }

  private static float[] product(float @Nullable [] a, float[] b) {
    float[] product = b.clone();
    for (int i = 0; a != null && i < product.length; i++) {
      product[i] *= a[i];
    }
    return product;
  }

  /** Makes rows of constants. */
  interface Rows {
    /** A constant {@code [1]..[1][channels]} of some rank. */
    Value row(float[] values, int rank);
  }

  /** The expression with its factors and addends as operations. */
  Expression plain(Rows rows) {
    if (factor == null && addend == null) {
      return this;
    }
    List<Value> all = new ArrayList<>(operands);
    LaneProgram.Builder builder =
        LaneProgram.builder(
            program.name(),
            operands.size() + (isScalar(factor) ? 0 : 1) + (isScalar(addend) ? 0 : 1));
    LaneProgram.Value result = builder.apply(program, inputs(builder, 0, operands.size()));
    if (factor != null) {
      result = builder.mul(result, row(builder, all, factor, rows));
    }
    if (addend != null) {
      result = builder.add(result, row(builder, all, addend, rows));
    }
    return of(shape, builder.build(result), all);
  }

  private LaneProgram.Value row(
      LaneProgram.Builder builder, List<Value> all, float[] row, Rows rows) {
    if (isScalar(row)) {
      return builder.constant(row[0]);
    }
    all.add(rows.row(row, shape.length));
    return builder.input(all.size() - 1);
  }

  // Absent, or the same for all channels.
  private static boolean isScalar(float @Nullable [] row) {
    for (int i = 1; row != null && i < row.length; i++) {
      if (row[i] != row[0]) {
        return false;
      }
    }
    return true;
  }

  static LaneProgram.Value[] inputs(LaneProgram.Builder builder, int from, int count) {
    LaneProgram.Value[] inputs = new LaneProgram.Value[count];
    Arrays.setAll(inputs, i -> builder.input(from + i));
    return inputs;
  }

  /**
   * A program of expressions, as one expression.
   *
   * @param arguments plain expressions, one per input of the program
   */
  static Expression apply(LaneProgram program, int[] shape, List<Expression> arguments) {
    List<Value> operands = new ArrayList<>();
    for (Expression argument : arguments) {
      for (Value operand : argument.operands) {
        if (!operands.contains(operand)) {
          operands.add(operand);
        }
      }
    }
    LaneProgram.Builder builder = LaneProgram.builder(program.name(), operands.size());
    LaneProgram.Value[] values = new LaneProgram.Value[arguments.size()];
    for (int i = 0; i < values.length; i++) {
      Expression argument = arguments.get(i);
      LaneProgram.Value[] inputs = new LaneProgram.Value[argument.operands.size()];
      Arrays.setAll(inputs, k -> builder.input(operands.indexOf(argument.operands.get(k))));
      values[i] = builder.apply(argument.program, inputs);
    }
    return of(shape, builder.build(builder.apply(program, values)), operands);
  }
}
