package org.tataa.tensor;

import java.util.List;

/**
 * A batched int8 matrix product {@code [..][M][K] x [..][K][N] -> [..][M][N]}: sums accumulated and
 * read out as the machine's accumulator does, each scaled and rounded once, to bfloat16 or to int8
 * codes, as the result's element type says (arithmetic.md, Requantiser).
 *
 * <p>Two neighbouring sums along the column axis, indices 2i and 2i + 1, share an accumulator
 * (arithmetic.md, int8 products), so wraps and borrows depend on which axis that is.
 *
 * @param a INT8 {@code [..][M][K]}
 * @param b INT8 {@code [..][K][N]}; leading dimensions equal those of a, or one of the two is 1
 * @param columns which axis of the result lies on the array's columns
 * @param scales one scale for all, or one per index of {@code scaleAxis}
 * @param scaleAxis leading axis of the result the scales belong to, or -1
 * @param result a BF16 or INT8 value
 */
public record ContractOp(
    Value a, Value b, Columns columns, List<Scale> scales, int scaleAxis, Value result)
    implements TensorOp {
  /** The axis on the array's columns; its operand is the Y operand. */
  public enum Columns {
    /** Rows of a: a is Y, b is X. */
    M,
    /** Columns of b: a is X, b is Y. */
    N
  }

  /** Takes a copy. */
  public ContractOp {
    scales = List.copyOf(scales);
  }

  /** A product with one scale. */
  public static ContractOp of(Value a, Value b, Columns columns, Scale scale, Value result) {
    return new ContractOp(a, b, columns, List.of(scale), -1, result);
  }

  /** Length of the contracted axis. */
  public int depth() {
    return a.dim(-1);
  }

  /** Multiply-accumulates, all of them useful. */
  public long macs() {
    return (long) result.size() * depth();
  }

  /** Whether sums become int8 codes at once. */
  public boolean toInt8() {
    return result.element() == Element.INT8;
  }

  /** This product with another axis on the columns. */
  public ContractOp withColumns(Columns value) {
    return new ContractOp(a, b, value, scales, scaleAxis, result);
  }

  @Override
  public List<Value> operands() {
    return List.of(a, b);
  }

  @Override
  public List<Value> results() {
    return List.of(result);
  }

  @Override
  public String describe() {
    return "contract(%"
        + a.name()
        + ", %"
        + b.name()
        + ") columns "
        + columns
        + " scale "
        + (scaleAxis < 0 ? scales.get(0).toString() : "per axis " + scaleAxis + " " + scales);
  }
}
