package org.tataa.tensor.pass;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.function.CodeLimit;
import org.tataa.function.LaneProgram;
import org.tataa.numeric.Bf16Unit;
import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.LaneOp;
import org.tataa.tensor.ConstantOp;
import org.tataa.tensor.ContractOp;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.QuantiseOp;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorPass;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.Value;

/**
 * Leaves out the lower limit of codes where what is limited never falls below it: an activation as
 * GELU, whatever its operand, times the largest of its constants. The activation is evaluated for
 * every number its operand can be.
 */
public final class DropLimits implements TensorPass {
  /** Sums of products times their scale are smaller than this. */
  private static final double LARGEST_SUM = 0x1p31 * 0x1p15;

  private static final double LEAST_CODE = -127;

  /** Beyond this a result could be infinite. */
  private static final double LARGEST = 1e30;

  private final Bf16Unit unit;

  // Layers have the same activation.
  private record Evaluated(String expression, int from, int to, double magnitude) {}

  private final Map<Evaluated, Double> known = new HashMap<>();

  /** Computes with the arithmetic of a machine. */
  public DropLimits(TataaConfig config) {
    unit = Bf16Unit.of(config.profiles().arithmetic());
  }

  @Override
  public String name() {
    return "drop-limits";
  }

  @Override
  public String description() {
    return "leaves out limits of codes that are never reached";
  }

  @Override
  public TensorProgram apply(TensorProgram program) {
    List<TensorOp> ops = new ArrayList<>();
    boolean changed = false;
    for (TensorOp op : program.ops()) {
      TensorOp kept = op;
      if (op instanceof MapOp map) {
        LaneProgram.Value limited = CodeLimit.limited(map.program());
        boolean isCodes =
            limited != null
                && limited.kind() == LaneProgram.Kind.RESULT
                && program.consumers(map.result()).stream().allMatch(QuantiseOp.class::isInstance);
        if (isCodes && new Bounds(program, map).least(limited) >= LEAST_CODE) {
          kept = UsedOperands.of(map.program().withResult(limited), map.operands(), map.result());
          changed = true;
        }
      }
      ops.add(kept);
    }
    return changed ? program.with(ops) : program;
  }

  /** What the steps of a map can be. */
  private final class Bounds {
    private final TensorProgram tensors;
    private final MapOp map;
    private final List<LaneProgram.Step> steps;
    private final Map<LaneProgram.Value, Double> largest = new HashMap<>();

    Bounds(TensorProgram tensors, MapOp map) {
      this.tensors = tensors;
      this.map = map;
      steps = map.program().steps();
    }

    // The least a value can be; minus infinity if that is not known.
    private double least(LaneProgram.Value value) {
      if (value.kind() != LaneProgram.Kind.RESULT) {
        return Double.NEGATIVE_INFINITY;
      }
      LaneProgram.Step step = steps.get(value.index());
      if (step.op() == LaneOp.MUL && !step.negateSecond()) {
        ConstantOp factor = constant(step.second());
        if (factor != null) {
          double top = 0;
          for (short bits : factor.bits()) {
            float each = Bfloat16.toFloat(bits & 0xffff);
            if (!(each >= 0)) {
              return Double.NEGATIVE_INFINITY;
            }
            top = Math.max(top, each);
          }
          // Rounding may carry a product up by half a unit in the last place.
          return Math.min(0, least(step.first())) * top * (1 + 0x1p-7);
        }
      }
      return evaluated(value);
    }

    private @Nullable ConstantOp constant(LaneProgram.Value value) {
      return value.kind() == LaneProgram.Kind.INPUT
              && tensors.producer(map.operands().get(value.index())) instanceof ConstantOp constant
          ? constant
          : null;
    }

    // The least of a value that is a function of one other, found by evaluating it.
    private double evaluated(LaneProgram.Value value) {
      for (int cut = 0; cut < value.index(); cut++) {
        LaneProgram.Value from = new LaneProgram.Value(LaneProgram.Kind.RESULT, cut);
        if (dependOn(cut)[value.index()]) {
          double magnitude = largest(from);
          if (magnitude >= LARGEST) {
            return Double.NEGATIVE_INFINITY;
          }
          int first = cut;
          return known.computeIfAbsent(
              new Evaluated(map.program().expression(), cut, value.index(), magnitude),
              key -> least(first, value.index(), magnitude));
        }
      }
      return Double.NEGATIVE_INFINITY;
    }

    // Which results depend on one and on constants alone.
    private boolean[] dependOn(int from) {
      boolean[] depend = new boolean[steps.size()];
      depend[from] = true;
      for (int i = from + 1; i < depend.length; i++) {
        LaneProgram.Step step = steps.get(i);
        depend[i] = isOf(step.first(), depend) && isOf(step.second(), depend);
      }
      return depend;
    }

    private boolean isOf(LaneProgram.Value value, boolean[] depend) {
      return value.kind() == LaneProgram.Kind.CONSTANT
          || value.kind() == LaneProgram.Kind.RESULT && depend[value.index()];
    }

    private double least(int from, int to, double magnitude) {
      double least = Double.POSITIVE_INFINITY;
      int[] results = new int[to + 1];
      boolean[] depend = dependOn(from);
      for (int bits = 0; bits <= 0xffff; bits++) {
        if (!(Math.abs(Bfloat16.toFloat(bits)) <= magnitude)) {
          continue;
        }
        results[from] = bits;
        for (int i = from + 1; i <= to; i++) {
          LaneProgram.Step step = steps.get(i);
          if (depend[i]) {
            int second = read(step.second(), results);
            results[i] =
                unit.apply(
                    step.op(),
                    read(step.first(), results),
                    step.negateSecond() ? second ^ Bfloat16.SIGN : second);
          }
        }
        float result = Bfloat16.toFloat(results[to]);
        least = Float.isNaN(result) ? Double.NEGATIVE_INFINITY : Math.min(least, result);
      }
      return least;
    }

    private int read(LaneProgram.Value value, int[] results) {
      return value.kind() == LaneProgram.Kind.CONSTANT ? value.index() : results[value.index()];
    }

    // The largest magnitude of a sum of products, scaled and shifted by constants.
    private double largest(LaneProgram.Value value) {
      return switch (value.kind()) {
        case CONSTANT -> magnitude(Bfloat16.toFloat(value.index()));
        case INPUT -> largest(map.operands().get(value.index()));
        case RESULT -> {
          Double known = largest.get(value);
          if (known == null) {
            LaneProgram.Step step = steps.get(value.index());
            double a = largest(step.first());
            double b = largest(step.second());
            double exact =
                step.op() == LaneOp.MUL
                    ? a * b
                    : step.op() == LaneOp.ADD ? a + b : Double.POSITIVE_INFINITY;
            known = exact * (1 + 0x1p-7);
            largest.put(value, known);
          }
          yield known;
        }
      };
    }

    private double largest(Value operand) {
      TensorOp producer = tensors.producer(operand);
      if (producer instanceof ContractOp) {
        return LARGEST_SUM;
      }
      double largest = producer instanceof ConstantOp ? 0 : Double.POSITIVE_INFINITY;
      if (producer instanceof ConstantOp constant) {
        for (short bits : constant.bits()) {
          largest = Math.max(largest, magnitude(Bfloat16.toFloat(bits & 0xffff)));
        }
      }
      return largest;
    }

    private double magnitude(float value) {
      return Float.isNaN(value) ? Double.POSITIVE_INFINITY : Math.abs(value);
    }
  }
}
