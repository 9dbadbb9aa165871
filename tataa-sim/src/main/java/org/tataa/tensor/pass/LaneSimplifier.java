package org.tataa.tensor.pass;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tataa.function.LaneProgram;
import org.tataa.numeric.LaneOp;

/** Rewrites lane programs step by step: inputs under other numbers, equal operations once. */
final class LaneSimplifier {
  private record Operation(
      LaneOp op, LaneProgram.Value first, LaneProgram.Value second, boolean negateSecond) {}

  private final LaneProgram.Builder builder;
  private final Map<Operation, LaneProgram.Value> known = new HashMap<>();

  LaneSimplifier(LaneProgram.Builder builder) {
    this.builder = builder;
  }

  /**
   * Inserts a program, using operations that are there already.
   *
   * @param arguments a value for each of its inputs
   * @return its result
   */
  LaneProgram.Value insert(LaneProgram program, List<LaneProgram.Value> arguments) {
    List<LaneProgram.Value> results = new ArrayList<>();
    for (LaneProgram.Step step : program.steps()) {
      LaneProgram.Value first = moved(step.first(), arguments, results);
      LaneProgram.Value second =
          step.op().operands() == 1 ? first : moved(step.second(), arguments, results);
      results.add(
          operation(step.op(), first, second, step.op().operands() == 2 && step.negateSecond()));
    }
    return moved(program.result(), arguments, results);
  }

  private static LaneProgram.Value moved(
      LaneProgram.Value value, List<LaneProgram.Value> arguments, List<LaneProgram.Value> results) {
    return switch (value.kind()) {
      case INPUT -> arguments.get(value.index());
      case CONSTANT -> value;
      case RESULT -> results.get(value.index());
    };
  }

  /** An operation, or the equal one that is there. Operands of all with two may be exchanged. */
  LaneProgram.Value operation(
      LaneOp op, LaneProgram.Value first, LaneProgram.Value second, boolean negateSecond) {
    LaneProgram.Value made = known.get(new Operation(op, first, second, negateSecond));
    if (made == null && !negateSecond) {
      made = known.get(new Operation(op, second, first, false));
    }
    if (made == null) {
      made = emitted(op, first, second, negateSecond);
      known.put(new Operation(op, first, second, negateSecond), made);
    }
    return made;
  }

  private LaneProgram.Value emitted(
      LaneOp op, LaneProgram.Value a, LaneProgram.Value b, boolean negateSecond) {
    if (negateSecond && op == LaneOp.ADD) {
      return builder.sub(a, b);
    }
    LaneProgram.Value second = negateSecond ? builder.mul(b, builder.constant(-1)) : b;
    return switch (op) {
      case MUL -> builder.mul(a, second);
      case ADD -> builder.add(a, second);
      case MAX -> builder.max(a, second);
      case MIN -> builder.min(a, second);
      case APP -> builder.app(a);
      case FLOOR -> builder.floor(a);
      case EXP2I -> builder.exp2i(a);
    };
  }
}
