package org.tataa.tiling;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tataa.function.LaneProgram;
import org.tataa.isa.StoreMode;
import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.LaneOp;
import org.tataa.tensor.Scale;
import org.tataa.tile.Address;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;
import org.tataa.tile.Work;

/** Collects the body of a vector nest. A vector with the same address is loaded once. */
final class Body {
  private final List<VectorStep> steps = new ArrayList<>();
  private final Map<Address, Integer> loads = new HashMap<>();
  private int registers;

  /** A register with the vector at an address. */
  int load(Address address) {
    return loads.computeIfAbsent(
        address,
        key -> {
          steps.add(new VectorStep.Load(registers, address));
          return registers++;
        });
  }

  /** Forgets what was loaded, because the same address is wanted anew. */
  void forgetLoads() {
    loads.clear();
  }

  /** An operation. A register is negated apart from itself only, so one of the two is a copy. */
  int operate(LaneOp op, Operand first, Operand second, boolean negateSecond) {
    if (negateSecond && first.equals(second)) {
      return operate(op, first, Operand.register(copy(second.index())), true);
    }
    steps.add(new VectorStep.Operate(op, registers, first, second, negateSecond));
    return registers++;
  }

  int operate(LaneOp op, int first, int second) {
    return operate(op, Operand.register(first), Operand.register(second), false);
  }

  /** The same vector once more, as the result of an operation. */
  int copy(int register) {
    return operate(LaneOp.MUL, Operand.register(register), Operand.constant(Bfloat16.ONE), false);
  }

  /**
   * Evaluates a lane program on several vectors, operation by operation, so that latencies overlap
   * and modes change seldom.
   *
   * @param inputs {@code [vector][input]} registers
   * @return for each vector a register that holds the result: an input if there are no operations
   */
  int[] evaluate(LaneProgram program, int[][] inputs) {
    int[][] results = new int[program.steps().size()][inputs.length];
    for (int i = 0; i < results.length; i++) {
      LaneProgram.Step step = program.steps().get(i);
      for (int vector = 0; vector < inputs.length; vector++) {
        Operand second = operand(step.second(), inputs[vector], results, vector);
        boolean flips = step.negateSecond() && second.isConstant();
        results[i][vector] =
            operate(
                step.op(),
                operand(step.first(), inputs[vector], results, vector),
                flips ? Operand.constant(second.index() ^ Bfloat16.SIGN) : second,
                step.negateSecond() && !flips);
      }
    }
    int[] result = new int[inputs.length];
    for (int vector = 0; vector < inputs.length; vector++) {
      Operand operand = operand(program.result(), inputs[vector], results, vector);
      if (operand.isConstant()) {
        throw new IllegalArgumentException(program + ": the result is a constant");
      }
      result[vector] = operand.index();
    }
    return result;
  }

  private static Operand operand(
      LaneProgram.Value value, int[] inputs, int[][] results, int vector) {
    return switch (value.kind()) {
      case INPUT -> Operand.register(inputs[value.index()]);
      case CONSTANT -> Operand.constant(value.index());
      case RESULT -> Operand.register(results[value.index()][vector]);
    };
  }

  /** Stores registers as bfloat16. */
  void store(int[] values, Address to) {
    steps.add(new VectorStep.Store(StoreMode.BF16_TO_BF16, Scale.ONE, false, values, to));
  }

  /** Stores registers as int8. */
  void storeInt8(int[] values, Scale scale, boolean transpose, Address to) {
    steps.add(new VectorStep.Store(StoreMode.BF16_TO_INT8, scale, transpose, values, to));
  }

  /** Number of operations so far. */
  long operations() {
    return steps.stream().filter(VectorStep.Operate.class::isInstance).count();
  }

  VectorNest nest(Work work, List<Integer> loops) {
    List<VectorStep> body = owned();
    return new VectorNest(work, loops, registers, body);
  }

  // What a STORE takes must be an operation's result that nothing else reads, once. The operation
  // is done once more for others, or a loaded vector is copied.
  private List<VectorStep> owned() {
    int[] uses = new int[registers];
    boolean[] isOperation = new boolean[registers];
    for (VectorStep step : steps) {
      if (step instanceof VectorStep.Operate operate) {
        isOperation[operate.register()] = true;
        use(uses, operate.first());
        use(uses, operate.second());
      } else if (step instanceof VectorStep.Store store) {
        for (int register : store.registers()) {
          uses[register]++;
        }
      }
    }
    // Copies follow what they copy, so that they can go to the buffers as soon as it is their turn.
    Map<Integer, List<Integer>> copies = new HashMap<>();
    List<int[]> stored = new ArrayList<>();
    for (VectorStep step : steps) {
      if (step instanceof VectorStep.Store store) {
        int[] values = store.registers();
        for (int i = 0; i < values.length; i++) {
          if (uses[values[i]] > 1 || !isOperation[values[i]]) {
            copies.computeIfAbsent(values[i], key -> new ArrayList<>()).add(registers);
            values[i] = registers++;
          }
        }
        stored.add(values);
      }
    }
    List<VectorStep> result = new ArrayList<>();
    int number = 0;
    for (VectorStep step : steps) {
      if (step instanceof VectorStep.Store store) {
        result.add(
            new VectorStep.Store(
                store.mode(), store.scale(), store.transpose(), stored.get(number++), store.to()));
        continue;
      }
      result.add(step);
      int register =
          step instanceof VectorStep.Load load
              ? load.register()
              : ((VectorStep.Operate) step).register();
      for (int copy : copies.getOrDefault(register, List.of())) {
        result.add(
            step instanceof VectorStep.Operate operate
                ? new VectorStep.Operate(
                    operate.op(), copy, operate.first(), operate.second(), operate.negateSecond())
                : new VectorStep.Operate(
                    LaneOp.MUL,
                    copy,
                    Operand.register(register),
                    Operand.constant(Bfloat16.ONE),
                    false));
      }
    }
    return result;
  }

  private static void use(int[] uses, Operand operand) {
    if (!operand.isConstant()) {
      uses[operand.index()]++;
    }
  }
}
