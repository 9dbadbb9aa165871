package org.tataa.tensor;

import java.util.List;
import java.util.Locale;
import org.tataa.numeric.LaneOp;

/**
 * A reduction along one axis, which stays with length 1.
 *
 * <p>A SUM ends with the addition of +0, so that a sum of zeros of any signs is +0 and padding with
 * zeros cannot be seen. A MAX is taken as V.MAX takes it: NaN loses, -0 is below +0; it needs the
 * EXTENDED instruction set.
 *
 * @param kind what is computed
 * @param axis axis of the operand, not negative
 * @param order in which elements are combined
 * @param operand a BF16 value
 * @param result a BF16 value, the axis of length 1
 */
public record ReduceOp(Kind kind, int axis, ReductionOrder order, Value operand, Value result)
    implements TensorOp {
  /** Kinds of reductions. */
  public enum Kind {
    /** Sum, by V.ADD. */
    SUM,
    /** Largest value, by V.MAX. */
    MAX
  }

  /** The operation that combines two elements. */
  public LaneOp laneOp() {
    return kind == Kind.SUM ? LaneOp.ADD : LaneOp.MAX;
  }

  @Override
  public List<Value> operands() {
    return List.of(operand);
  }

  @Override
  public List<Value> results() {
    return List.of(result);
  }

  @Override
  public String describe() {
    return "reduce "
        + kind.name().toLowerCase(Locale.ROOT)
        + " axis "
        + axis
        + " "
        + order
        + "(%"
        + operand.name()
        + ")";
  }
}
