package org.tataa.tensor.pass;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.function.LaneProgram;
import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.LaneOp;
import org.tataa.tensor.ConstantOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorPass;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.Value;

/**
 * Joins chains of products and sums with constant operands in a map: {@code ((x * f + b) - c) * s}
 * becomes {@code x * (f * s) + (b - c) s}, with constants computed before they are rounded to
 * bfloat16. Fewer operations, fewer roundings, and no large values between that cancel.
 *
 * <p>This changes results, for the better: it runs before levels are compared.
 */
public final class FoldRows implements TensorPass {
  @Override
  public String name() {
    return "fold-rows";
  }

  @Override
  public String description() {
    return "joins products and sums with constants before rounding; changes roundings";
  }

  @Override
  public TensorProgram apply(TensorProgram program) {
    Map<Value, ConstantOp> constants = new HashMap<>();
    Names names = new Names(program);
    List<TensorOp> ops = new ArrayList<>();
    boolean changed = false;
    for (TensorOp op : program.ops()) {
      if (op instanceof ConstantOp constant) {
        constants.put(constant.result(), constant);
      }
      if (op instanceof MapOp map) {
        Fold fold = new Fold(map, constants, names);
        MapOp folded = fold.folded();
        if (fold.changed) {
          ops.addAll(fold.made);
          ops.add(folded);
          changed = true;
          continue;
        }
      }
      ops.add(op);
    }
    return changed ? program.with(ops) : program;
  }

  /** One map. */
  private static final class Fold {
    private final MapOp map;
    private final Map<Value, ConstantOp> constants;
    private final Names names;
    private final List<ConstantOp> made = new ArrayList<>();
    private final List<Value> operands;
    private final int[] uses;
    private final List<@Nullable Affine> chains = new ArrayList<>();
    private final Map<LaneProgram.Value, LaneProgram.Value> emitted = new HashMap<>();
    private boolean changed;

    Fold(MapOp map, Map<Value, ConstantOp> constants, Names names) {
      this.map = map;
      this.constants = constants;
      this.names = names;
      operands = new ArrayList<>(map.operands());
      uses = new int[map.program().operations()];
      for (LaneProgram.Step step : map.program().steps()) {
        use(step.first());
        if (step.op().operands() == 2) {
          use(step.second());
        }
      }
      for (LaneProgram.Step step : map.program().steps()) {
        chains.add(chain(step));
      }
    }

    private void use(LaneProgram.Value value) {
      if (value.kind() == LaneProgram.Kind.RESULT) {
        uses[value.index()]++;
      }
    }

    // A constant operand; a constant of the expression as a factor only, lest the addition and
    // subtraction of a constant, which rounds on purpose, vanish.
    private @Nullable Row row(LaneProgram.Value value, LaneOp op) {
      if (value.kind() == LaneProgram.Kind.INPUT) {
        ConstantOp constant = constants.get(map.operands().get(value.index()));
        return constant == null ? null : Row.of(constant);
      }
      return value.kind() == LaneProgram.Kind.CONSTANT && op == LaneOp.MUL
          ? Row.of(Bfloat16.toFloat(value.index()), map.result().rank())
          : null;
    }

    private @Nullable Affine chain(LaneProgram.Step step) {
      if (step.op() != LaneOp.MUL && step.op() != LaneOp.ADD) {
        return null;
      }
      Row first = row(step.first(), step.op());
      Row second = row(step.second(), step.op());
      boolean isConstant = step.second().kind() == LaneProgram.Kind.CONSTANT;
      if (second != null && first == null && step.first().kind() != LaneProgram.Kind.CONSTANT) {
        Row row = step.negateSecond() ? second.negated() : second;
        return linked(step.op(), step.first(), row, false);
      }
      return first != null && second == null && !isConstant
          ? linked(step.op(), step.second(), first, step.negateSecond())
          : null;
    }

    private @Nullable Affine linked(LaneOp op, LaneProgram.Value from, Row row, boolean isNegated) {
      Affine known = from.kind() == LaneProgram.Kind.RESULT ? chains.get(from.index()) : null;
      if (known != null && uses[from.index()] == 1) {
        Affine longer = linked(op, known, row, isNegated);
        if (longer != null) {
          return longer;
        }
      }
      return linked(op, Affine.of(from), row, isNegated);
    }

    private @Nullable Affine linked(LaneOp op, Affine from, Row row, boolean isNegated) {
      Affine signed = isNegated ? from.negated(map.result().rank()) : from;
      return op == LaneOp.MUL ? signed.times(row) : signed.plus(row);
    }

    MapOp folded() {
      int most = map.operands().size() + 2 * uses.length;
      LaneProgram.Builder builder = LaneProgram.builder(map.program().name(), most);
      LaneProgram.Value result = emit(map.program().result(), new LaneSimplifier(builder), builder);
      return changed ? UsedOperands.of(builder.build(result), operands, map.result()) : map;
    }

    private LaneProgram.Value emit(
        LaneProgram.Value value, LaneSimplifier steps, LaneProgram.Builder builder) {
      if (value.kind() != LaneProgram.Kind.RESULT) {
        return value;
      }
      LaneProgram.Value known = emitted.get(value);
      if (known == null) {
        Affine chain = chains.get(value.index());
        known =
            chain != null && chain.isWorthIt()
                ? emit(chain, steps, builder)
                : emit(map.program().steps().get(value.index()), steps, builder);
        emitted.put(value, known);
      }
      return known;
    }

    private LaneProgram.Value emit(
        LaneProgram.Step step, LaneSimplifier steps, LaneProgram.Builder builder) {
      LaneProgram.Value first = emit(step.first(), steps, builder);
      return steps.operation(
          step.op(),
          first,
          step.op().operands() == 2 ? emit(step.second(), steps, builder) : first,
          step.op().operands() == 2 && step.negateSecond());
    }

    private LaneProgram.Value emit(
        Affine chain, LaneSimplifier steps, LaneProgram.Builder builder) {
      changed = true;
      LaneProgram.Value value = emit(chain.base(), steps, builder);
      Row factor = chain.factor();
      Row addend = chain.addend();
      if (factor != null && chain.isScaled()) {
        LaneProgram.Value row = read(factor, "factor", builder);
        value = steps.operation(LaneOp.MUL, value, row, false);
      }
      if (addend != null && chain.isShifted()) {
        LaneProgram.Value row = read(addend, "addend", builder);
        value = steps.operation(LaneOp.ADD, value, row, false);
      }
      return value;
    }

    private LaneProgram.Value read(Row row, String name, LaneProgram.Builder builder) {
      if (row.isInline) {
        return builder.constant(row.first());
      }
      Value value = names.after(map.result(), name, Element.BF16, row.shape());
      made.add(ConstantOp.of(row.floats(), value));
      operands.add(value);
      return builder.input(operands.size() - 1);
    }
  }
}
