package org.tataa.tiling;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.function.LaneProgram;
import org.tataa.numeric.Bfloat16;
import org.tataa.tensor.ConstantOp;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.Value;

/** Operands of expressions that are one constant for all elements become constants of the lanes. */
final class ScalarConstants {
  private ScalarConstants() {}

  static TensorProgram inline(TensorProgram program) {
    List<TensorOp> ops = new ArrayList<>();
    for (TensorOp op : program.ops()) {
      ops.add(op instanceof MapOp map ? inlined(program, map) : op);
    }
    return program.with(ops);
  }

  private static MapOp inlined(TensorProgram program, MapOp map) {
    MapOp current = map;
    for (int i = map.operands().size() - 1; i >= 0; i--) {
      Integer bits = scalar(program.producer(map.operands().get(i)));
      if (bits != null && current.operands().size() > 1) {
        MapOp bound = bound(current, i, bits);
        current = bound == null ? current : bound;
      }
    }
    return current;
  }

  private static @Nullable Integer scalar(@Nullable TensorOp op) {
    if (!(op instanceof ConstantOp constant) || constant.bits().length == 0) {
      return null;
    }
    short first = constant.bits()[0];
    for (short bits : constant.bits()) {
      if (bits != first) {
        return null;
      }
    }
    return Bfloat16.flush(first & 0xffff);
  }

  // The expression without an operand; null if it would combine two constants.
  private static @Nullable MapOp bound(MapOp map, int operand, int bits) {
    LaneProgram program = map.program();
    LaneProgram.Builder builder = LaneProgram.builder(program.name(), map.operands().size() - 1);
    LaneProgram.Value constant = new LaneProgram.Value(LaneProgram.Kind.CONSTANT, bits);
    LaneProgram.Value[] arguments = new LaneProgram.Value[program.inputs()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = i == operand ? constant : builder.input(i < operand ? i : i - 1);
    }
    for (LaneProgram.Step step : program.steps()) {
      boolean first = isConstant(step.first(), operand);
      boolean second = isConstant(step.second(), operand);
      if (first && second || first && step.negateSecond() && isOperand(step.second(), operand)) {
        return null;
      }
    }
    if (isConstant(program.result(), operand)) {
      return null;
    }
    LaneProgram bound = builder.build(builder.apply(program, arguments));
    List<Value> operands = new ArrayList<>(map.operands());
    operands.remove(operand);
    return new MapOp(bound, operands, map.result());
  }

  private static boolean isOperand(LaneProgram.Value value, int operand) {
    return value.kind() == LaneProgram.Kind.INPUT && value.index() == operand;
  }

  private static boolean isConstant(LaneProgram.Value value, int operand) {
    return value.kind() == LaneProgram.Kind.CONSTANT || isOperand(value, operand);
  }
}
