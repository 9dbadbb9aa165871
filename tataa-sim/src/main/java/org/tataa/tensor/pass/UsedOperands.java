package org.tataa.tensor.pass;

import java.util.ArrayList;
import java.util.List;
import org.tataa.function.LaneProgram;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.Value;

/** Maps with each operand once, and none that is not read. */
final class UsedOperands {
  private UsedOperands() {}

  /**
   * A map with the operands an expression reads, in order; at least one stays.
   *
   * @param program may have more inputs than there are operands, if it does not read them
   */
  static MapOp of(LaneProgram program, List<Value> operands, Value result) {
    boolean[] read = new boolean[operands.size()];
    for (LaneProgram.Step step : program.steps()) {
      mark(step.first(), read);
      if (step.op().operands() == 2) {
        mark(step.second(), read);
      }
    }
    mark(program.result(), read);
    List<Value> kept = new ArrayList<>();
    int[] number = new int[read.length];
    for (int i = 0; i < read.length; i++) {
      if (read[i] && !kept.contains(operands.get(i))) {
        kept.add(operands.get(i));
      }
      number[i] = kept.indexOf(operands.get(i));
    }
    if (kept.isEmpty()) {
      kept.add(operands.get(0));
    }
    LaneProgram.Builder builder = LaneProgram.builder(program.name(), kept.size());
    List<LaneProgram.Value> arguments = new ArrayList<>();
    for (int input : number) {
      arguments.add(builder.input(Math.max(0, input)));
    }
    return new MapOp(
        builder.build(new LaneSimplifier(builder).insert(program, arguments)), kept, result);
  }

  private static void mark(LaneProgram.Value value, boolean[] read) {
    if (value.kind() == LaneProgram.Kind.INPUT) {
      read[value.index()] = true;
    }
  }
}
