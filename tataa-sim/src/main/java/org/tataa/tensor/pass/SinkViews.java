package org.tataa.tensor.pass;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.tensor.ConstantOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.Movement;
import org.tataa.tensor.QuantiseOp;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorPass;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.Value;
import org.tataa.tensor.ViewOp;

/**
 * Moves views behind the maps and conversions that read them: what is computed for every element
 * can be computed where the elements come from, and rides on the operation that makes them.
 *
 * <p>A map is moved if all operands that are not constants are views by the same reshape or
 * transpose that nothing else reads; constants are rearranged. A conversion to int8 is moved before
 * a broadcast too.
 */
public final class SinkViews implements TensorPass {
  @Override
  public String name() {
    return "sink-views";
  }

  @Override
  public String description() {
    return "moves reshapes and transposes behind maps and conversions to int8";
  }

  @Override
  public TensorProgram apply(TensorProgram program) {
    TensorProgram moved = program;
    while (true) {
      Sweep sweep = new Sweep(moved);
      moved.ops().forEach(sweep::emit);
      if (!sweep.changed) {
        return moved;
      }
      moved = moved.with(sweep.ops);
    }
  }

  /** Operations moved on their way from one program to the next. */
  private static final class Sweep {
    private final TensorProgram program;
    private final Names names;
    private final List<TensorOp> ops = new ArrayList<>();
    private final Map<Value, ViewOp> views = new HashMap<>();
    private final Map<Value, ConstantOp> constants = new HashMap<>();
    private boolean changed;

    Sweep(TensorProgram program) {
      this.program = program;
      names = new Names(program);
    }

    void emit(TensorOp op) {
      if (op instanceof QuantiseOp quantise && sunk(quantise)) {
        return;
      }
      if (op instanceof MapOp map && sunk(map)) {
        return;
      }
      if (op instanceof ViewOp view) {
        views.put(view.result(), view);
      } else if (op instanceof ConstantOp constant) {
        constants.put(constant.result(), constant);
      }
      ops.add(op);
    }

    private boolean sunk(QuantiseOp op) {
      ViewOp view = views.get(op.operand());
      if (view == null
          || !program.isPrivate(view.result())
          || !(Views.isBijective(view.movement())
              || view.movement() instanceof Movement.Broadcast)) {
        return false;
      }
      Value before = names.after(op.result(), "unmoved", Element.INT8, view.operand().shape());
      emit(new QuantiseOp(op.scale(), view.operand(), before));
      emit(new ViewOp(view.movement(), before, op.result()));
      changed = true;
      return true;
    }

    private boolean sunk(MapOp op) {
      ViewOp common = commonView(op);
      if (common == null) {
        return false;
      }
      List<Value> operands = new ArrayList<>();
      Map<Value, ConstantOp> moved = new HashMap<>();
      List<ConstantOp> made = new ArrayList<>();
      for (Value operand : op.operands()) {
        ConstantOp constant = constants.get(operand);
        if (constant == null) {
          operands.add(source(operand));
          continue;
        }
        ConstantOp rearranged = moved.get(operand);
        if (rearranged == null) {
          rearranged = RearrangedConstant.of(constant, common, names);
          if (rearranged == null) {
            return false;
          }
          moved.put(operand, rearranged);
          made.add(rearranged);
        }
        operands.add(rearranged.result());
      }
      Value before = names.after(op.result(), "unmoved", Element.BF16, common.operand().shape());
      made.forEach(this::emit);
      emit(new MapOp(op.program(), operands, before));
      emit(new ViewOp(common.movement(), before, op.result()));
      changed = true;
      return true;
    }

    private Value source(Value operand) {
      ViewOp view = views.get(operand);
      if (view == null) {
        throw new IllegalStateException(operand + " is no view");
      }
      return view.operand();
    }

    // The view all operands are that are not constants; its movement in the common form.
    private @Nullable ViewOp commonView(MapOp op) {
      ViewOp common = null;
      for (Value operand : op.operands()) {
        if (constants.containsKey(operand)) {
          continue;
        }
        ViewOp view = views.get(operand);
        if (view == null
            || !Views.isBijective(view.movement())
            || !program.isPrivate(operand)
            || !Arrays.equals(operand.shape(), op.result().shape())) {
          return null;
        }
        Movement movement = Views.canonical(view);
        if (common == null) {
          common = new ViewOp(movement, view.operand(), view.result());
        } else if (!Views.same(movement, common.movement())
            || !Arrays.equals(view.operand().shape(), common.operand().shape())) {
          return null;
        }
      }
      return common;
    }
  }
}
