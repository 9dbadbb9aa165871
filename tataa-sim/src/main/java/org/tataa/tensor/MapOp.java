package org.tataa.tensor;

import java.util.List;
import java.util.stream.Collectors;
import org.tataa.function.LaneProgram;

/**
 * An expression evaluated for every element. Operands have the rank of the result; a dimension of 1
 * is broadcast. Every operation of the lane program rounds to bfloat16 as the array does.
 *
 * @param program the expression
 * @param operands BF16 values, one per input of the program
 * @param result a BF16 value
 */
public record MapOp(LaneProgram program, List<Value> operands, Value result) implements TensorOp {
  /** Takes a copy. */
  public MapOp {
    operands = List.copyOf(operands);
  }

  @Override
  public List<Value> results() {
    return List.of(result);
  }

  @Override
  public String describe() {
    return operands.stream()
        .map(value -> "%" + value.name())
        .collect(
            Collectors.joining(
                ", ",
                "map {" + program.expression() + "}(",
                ") ; " + program.operations() + " ops"));
  }
}
