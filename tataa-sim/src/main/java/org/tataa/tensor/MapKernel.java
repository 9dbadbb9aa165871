package org.tataa.tensor;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import org.tataa.function.LaneProgram;
import org.tataa.sim.HostThreads;
import org.tataa.simd.LaneKernel;

/**
 * Evaluates an expression over whole tensors: in chunks of elements, one operation after the other
 * over a chunk. Results of operations share a few buffers that stay in the first-level cache.
 */
final class MapKernel {
  private static final int CHUNK = 1024;
  private static final int CHUNKS_PER_JOB = 32;
  private static final short[] NOT_NEEDED = new short[0];

  private final LaneProgram program;
  private final Machine machine;
  private final int[] bufferOf;
  private int buffers;

  MapKernel(LaneProgram program, Machine machine) {
    this.program = program;
    this.machine = machine;
    bufferOf = new int[program.operations()];
    assignBuffers();
  }

  // A result may take the buffer of an operand that is read for the last time: lanes are apart.
  private void assignBuffers() {
    int[] lastUse = new int[bufferOf.length];
    for (int i = 0; i < lastUse.length; i++) {
      LaneProgram.Step step = program.steps().get(i);
      for (LaneProgram.Value value : new LaneProgram.Value[] {step.first(), step.second()}) {
        if (value.kind() == LaneProgram.Kind.RESULT) {
          lastUse[value.index()] = i;
        }
      }
    }
    Deque<Integer> free = new ArrayDeque<>();
    for (int i = 0; i < bufferOf.length; i++) {
      LaneProgram.Step step = program.steps().get(i);
      release(step.first(), i, lastUse, free);
      if (!step.second().equals(step.first())) {
        release(step.second(), i, lastUse, free);
      }
      bufferOf[i] = free.isEmpty() ? buffers++ : free.pop();
    }
  }

  private void release(LaneProgram.Value value, int step, int[] lastUse, Deque<Integer> free) {
    if (value.kind() == LaneProgram.Kind.RESULT && lastUse[value.index()] == step) {
      free.push(bufferOf[value.index()]);
    }
  }

  /**
   * Computes all elements.
   *
   * @param result receives the patterns
   * @return results that are not numbers
   */
  long run(BroadcastReader[] operands, short[] result) {
    int job = CHUNK * CHUNKS_PER_JOB;
    AtomicLong nans = new AtomicLong();
    HostThreads.forEach(
        (result.length + job - 1) / job,
        machine.threads,
        i -> {
          int end = (int) Math.min(result.length, (i + 1L) * job);
          new Job(operands, result).run(i * job, end);
          nans.addAndGet(machine.nans(result, i * job, end - i * job));
        });
    return nans.get();
  }

  /** One thread's buffers. */
  private final class Job {
    private final LaneKernel lanes = machine.lanes();
    private final BroadcastReader[] operands;
    private final short[] result;
    // Chunks of operands that are not read where they are.
    private final short[][] copies;
    private final short[][] temporary = new short[buffers][CHUNK];
    private final short[][][] constants;

    Job(BroadcastReader[] operands, short[] result) {
      this.operands = operands;
      this.result = result;
      copies = new short[operands.length][];
      for (int i = 0; i < operands.length; i++) {
        copies[i] = operands[i].isPlain() ? NOT_NEEDED : new short[CHUNK];
      }
      constants = new short[program.operations()][2][];
      for (int i = 0; i < constants.length; i++) {
        LaneProgram.Step step = program.steps().get(i);
        constants[i][0] = constant(step.first());
        constants[i][1] = constant(step.second());
      }
    }

    private short[] constant(LaneProgram.Value value) {
      if (value.kind() != LaneProgram.Kind.CONSTANT) {
        return NOT_NEEDED;
      }
      short[] filled = new short[CHUNK];
      Arrays.fill(filled, (short) value.index());
      return filled;
    }

    void run(int from, int end) {
      for (int at = from; at < end; at += CHUNK) {
        int count = Math.min(CHUNK, end - at);
        for (int i = 0; i < operands.length; i++) {
          short[] copy = copies[i];
          if (copy.length > 0 && (at == from || !operands[i].isUniform())) {
            operands[i].read(at, operands[i].isUniform() ? CHUNK : count, copy);
          }
        }
        chunk(at, count);
      }
    }

    private void chunk(int at, int count) {
      int steps = program.operations();
      if (steps == 0) {
        plain(at, count);
      }
      for (int i = 0; i < steps; i++) {
        LaneProgram.Step step = program.steps().get(i);
        boolean last = i == steps - 1;
        lanes.apply(
            step.op(),
            array(step.first(), constants[i][0]),
            offset(step.first(), at),
            0,
            array(step.second(), constants[i][1]),
            offset(step.second(), at),
            step.negateSecond() ? 0x8000 : 0,
            last ? result : temporary[bufferOf[i]],
            last ? at : 0,
            count);
      }
    }

    private void plain(int at, int count) {
      LaneProgram.Value value = program.result();
      if (value.kind() == LaneProgram.Kind.CONSTANT) {
        Arrays.fill(result, at, at + count, (short) value.index());
      } else {
        System.arraycopy(array(value, result), offset(value, at), result, at, count);
      }
    }

    private short[] array(LaneProgram.Value value, short[] constant) {
      return switch (value.kind()) {
        case CONSTANT -> constant;
        case RESULT -> temporary[bufferOf[value.index()]];
        case INPUT -> {
          short[] copy = copies[value.index()];
          yield copy.length == 0 ? operands[value.index()].bits() : copy;
        }
      };
    }

    private int offset(LaneProgram.Value value, int at) {
      return value.kind() == LaneProgram.Kind.INPUT && copies[value.index()].length == 0 ? at : 0;
    }
  }
}
