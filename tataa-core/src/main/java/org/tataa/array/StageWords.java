package org.tataa.array;

import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.ColumnStages;
import org.tataa.numeric.LaneOp;

/**
 * The registers of the bfloat16 columns, kept by operation: what a register of a stage holds is the
 * word of the operation that is there, computed when somebody looks. An operation nobody looks at
 * goes from its operands to its result at once.
 */
final class StageWords {
  /** What an operation holds in the register it is in, an entry per lane. */
  private static final class Word {
    final int[] hi;
    final int[] lo;
    final int[] exponent;
    final int[] distance;
    final int[] bypass;

    Word(int lanes) {
      hi = new int[lanes];
      lo = new int[lanes];
      exponent = new int[lanes];
      distance = new int[lanes];
      bypass = new int[lanes];
    }

    void set(int lane, int newHi, int newLo, int newExponent, int newDistance, int newBypass) {
      hi[lane] = newHi;
      lo[lane] = newLo;
      exponent[lane] = newExponent;
      distance[lane] = newDistance;
      bypass[lane] = newBypass;
    }
  }

  private static final Word EMPTY = new Word(1);

  private final ColumnStages stages;
  private final VectorPipeline operations;
  private final Word[] words;

  StageWords(ColumnStages stages, VectorPipeline operations, int lanes) {
    this.stages = stages;
    this.operations = operations;
    words = new Word[operations.capacity()];
    for (int i = 0; i < words.length; i++) {
      words[i] = new Word(lanes);
    }
  }

  /** The result of an operation that has left S3. */
  int[] result(VectorPipeline.Operation operation) {
    if (operation.settled == 0) {
      LaneOp op = operation.op();
      for (int lane = 0; lane < operation.result.length; lane++) {
        operation.result[lane] =
            stages.apply(op, operation.operandA[lane], operation.operandB[lane]);
      }
      operation.settled = VectorPipeline.RESULT;
    }
    settle(operation);
    return operation.result;
  }

  /** Computes the results of all operations that have left S3. */
  void settleResults() {
    for (int i = 0; i < operations.size(); i++) {
      if (operations.inFlight(i).position == VectorPipeline.RESULT) {
        result(operations.inFlight(i));
      }
    }
  }

  /** Puts what stands in the registers of a PE into it. */
  void fill(ProcessingElement pe, int lane) {
    for (int register = 0; register < ProcessingElement.REGISTERS; register++) {
      VectorPipeline.Operation operation = operations.at(VectorPipeline.position(pe.row, register));
      if (operation != null) {
        settle(operation);
        fill(pe, register, words[operation.place], lane);
      }
    }
  }

  private static void fill(ProcessingElement pe, int register, Word word, int lane) {
    int hi = word.hi[lane];
    int lo = word.lo[lane];
    switch (register) {
      case 0 -> pe.setR(hi, lo, word.exponent[lane], word.distance[lane], word.bypass[lane]);
      case 1 -> pe.setM(hi, lo, word.exponent[lane], word.distance[lane], word.bypass[lane]);
      default -> pe.setP(hi, lo, word.exponent[lane], word.distance[lane], word.bypass[lane]);
    }
  }

  /** Takes what an operation holds from the registers of a PE, and leaves nothing there. */
  void take(ProcessingElement pe, int lane) {
    for (int register = 0; register < ProcessingElement.REGISTERS; register++) {
      VectorPipeline.Operation operation = operations.at(VectorPipeline.position(pe.row, register));
      if (operation != null) {
        operation.settled = operation.position;
        take(pe, register, words[operation.place], lane);
        fill(pe, register, EMPTY, 0);
      }
    }
  }

  private static void take(ProcessingElement pe, int register, Word word, int lane) {
    switch (register) {
      case 0 -> word.set(lane, pe.l, pe.rLo, pe.rExponent, pe.rDistance, pe.rBypass);
      case 1 -> word.set(lane, pe.mHi, pe.mLo, pe.mExponent, pe.mDistance, pe.mBypass);
      default -> word.set(lane, (int) pe.pHi, (int) pe.pLo, pe.pExponent, pe.pDistance, pe.pBypass);
    }
  }

  private void settle(VectorPipeline.Operation operation) {
    Word word = words[operation.place];
    while (operation.settled < operation.position) {
      operation.settled++;
      for (int lane = 0; lane < operation.result.length; lane++) {
        move(operation, word, lane);
      }
    }
  }

  // Into the register at the position; from P to L and R nothing changes.
  private void move(VectorPipeline.Operation operation, Word word, int lane) {
    LaneOp op = operation.op();
    int hi = word.hi[lane];
    int lo = word.lo[lane];
    int exponent = word.exponent[lane];
    int distance = word.distance[lane];
    switch (operation.settled) {
      case 1 -> word.set(lane, operation.operandA[lane], operation.operandB[lane], 0, 0, 0);
      case 2 ->
          word.set(
              lane,
              stages.mantissa(hi),
              stages.mantissa(lo),
              Bfloat16.exponent(hi),
              Bfloat16.exponent(lo),
              stages.bypass(op, hi, lo));
      case 3 -> {
        word.exponent[lane] = stages.exponent(op, exponent, distance);
        word.distance[lane] = stages.distance(op, exponent, distance);
      }
      case 5 -> word.exponent[lane] = stages.resultExponent(op, exponent, distance);
      case 6 -> {
        boolean swap = stages.shiftsFirst(op, distance);
        word.hi[lane] = swap ? lo : hi;
        word.lo[lane] = swap ? hi : lo;
        word.distance[lane] = Math.abs(distance);
      }
      case 8 -> {
        word.hi[lane] = stages.aligned(op, hi);
        word.lo[lane] = stages.product(op, hi, lo, distance);
        word.distance[lane] = 0;
      }
      case 9 -> {
        word.hi[lane] = 0;
        word.lo[lane] = hi + lo;
      }
      case 11 -> {
        word.hi[lane] = lo < 0 ? 1 : 0;
        word.lo[lane] = Math.abs(lo);
      }
      case 12 -> {
        int packed = stages.pack(op, word.bypass[lane], hi != 0, lo, exponent);
        word.set(lane, 0, packed, 0, 0, 0);
      }
      case VectorPipeline.RESULT -> operation.result[lane] = lo;
      default -> {}
    }
  }
}
