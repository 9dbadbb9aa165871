package org.tataa.tensor.pass;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.tensor.ConstantOp;
import org.tataa.tensor.Movement;
import org.tataa.tensor.StateOp;
import org.tataa.tensor.TensorInterpreter;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorPass;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.Value;
import org.tataa.tensor.ViewOp;

/**
 * Computes at compile time what depends on constants only, in the arithmetic of the device. What is
 * larger than its operands stays, unless it is small: a constant that is broadcast is better
 * broadcast on the device.
 *
 * <p>Views of constants keep the values before rounding; anything computed has none.
 */
public final class FoldConstants implements TensorPass {
  private static final int SMALL = 4096;

  private final TataaConfig config;

  /** Computes with the arithmetic of a machine. */
  public FoldConstants(TataaConfig config) {
    this.config = config;
  }

  @Override
  public String name() {
    return "fold-constants";
  }

  @Override
  public String description() {
    return "computes at compile time what depends on constants only";
  }

  @Override
  public TensorProgram apply(TensorProgram program) {
    Map<Value, ConstantOp> constants = new HashMap<>();
    List<TensorOp> folded = new ArrayList<>();
    Map<Value, Integer> known = new HashMap<>();
    for (TensorOp op : program.ops()) {
      if (op instanceof ConstantOp) {
        known.put(op.result(), 0);
        folded.add(op);
      } else if (isFoldable(op) && op.operands().stream().allMatch(known::containsKey)) {
        known.put(op.result(), 1);
        folded.add(op);
      }
    }
    if (!known.containsValue(1)) {
      return program;
    }
    TensorProgram computed = new TensorProgram(program.name(), folded, Map.of());
    new TensorInterpreter(computed, config)
        .run(
            Map.of(),
            (value, bits) -> {
              TensorOp op = computed.producer(value);
              constants.put(
                  value,
                  op instanceof ConstantOp constant
                      ? constant
                      : new ConstantOp(bits, exact(op, constants), value));
            });
    List<TensorOp> ops = new ArrayList<>();
    for (TensorOp op : program.ops()) {
      ConstantOp constant = op.results().size() == 1 ? constants.get(op.result()) : null;
      ops.add(constant == null ? op : constant);
    }
    return program.with(ops);
  }

  private static boolean isFoldable(TensorOp op) {
    long operands = op.operands().stream().mapToLong(Value::size).sum();
    return op.results().size() == 1
        && op.result().isOnDevice()
        && !(op instanceof StateOp)
        && !op.operands().isEmpty()
        && op.result().size() <= Math.max(SMALL, operands);
  }

  private static float @Nullable [] exact(@Nullable TensorOp op, Map<Value, ConstantOp> constants) {
    if (!(op instanceof ViewOp view)) {
      return null;
    }
    ConstantOp constant = constants.get(view.operand());
    float[] from = constant == null ? null : constant.exact();
    if (from == null) {
      return null;
    }
    int[] sources = view.movement().sources(view.operand().shape(), view.result().shape());
    float[] exact = new float[sources.length];
    for (int i = 0; i < exact.length; i++) {
      exact[i] = sources[i] == Movement.PADDING ? 0 : from[sources[i]];
    }
    return exact;
  }
}
