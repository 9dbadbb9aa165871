package org.tataa.tensor;

import org.tataa.function.LaneProgram;
import org.tataa.simd.LaneKernel;

/** Evaluates lane programs over arrays, a strip of elements at a time. */
public final class LaneEvaluation {
  private static final int STRIP = 1024;

  private LaneEvaluation() {}

  /**
   * Evaluates a program for many elements.
   *
   * @param kernel arithmetic
   * @param operands {@code [input][element]} patterns
   * @return a pattern per element
   */
  public static short[] evaluate(
      LaneKernel kernel, LaneProgram program, short[][] operands, int size) {
    short[] result = new short[size];
    int count = program.steps().size();
    short[][] scratch = new short[count][Math.min(STRIP, Math.max(1, size))];
    short[] first = new short[STRIP];
    short[] second = new short[STRIP];
    for (int from = 0; from < size; from += STRIP) {
      int lanes = Math.min(STRIP, size - from);
      for (int i = 0; i < count; i++) {
        LaneProgram.Step step = program.steps().get(i);
        short[] a = source(step.first(), operands, scratch, first);
        short[] b = source(step.second(), operands, scratch, second);
        kernel.apply(
            step.op(),
            a,
            step.first().kind() == LaneProgram.Kind.INPUT ? from : 0,
            0,
            b,
            step.second().kind() == LaneProgram.Kind.INPUT ? from : 0,
            step.negateSecond() ? 0x8000 : 0,
            scratch[i],
            0,
            lanes);
      }
      short[] last = source(program.result(), operands, scratch, first);
      int start = program.result().kind() == LaneProgram.Kind.INPUT ? from : 0;
      System.arraycopy(last, start, result, from, lanes);
    }
    return result;
  }

  private static short[] source(
      LaneProgram.Value value, short[][] operands, short[][] scratch, short[] constant) {
    switch (value.kind()) {
      case INPUT -> {
        return operands[value.index()];
      }
      case RESULT -> {
        return scratch[value.index()];
      }
      default -> {
        java.util.Arrays.fill(constant, (short) value.index());
        return constant;
      }
    }
  }
}
