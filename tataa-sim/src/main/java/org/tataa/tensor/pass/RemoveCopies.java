package org.tataa.tensor.pass;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.function.LaneProgram;
import org.tataa.tensor.ConcatOp;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.Movement;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorPass;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.UploadOp;
import org.tataa.tensor.Value;
import org.tataa.tensor.ViewOp;

/**
 * Removes operations that only copy: views that change nothing, maps without operations,
 * concatenations of one value. A view of a view becomes one view where that is simple. A map that
 * copies what the host has given stays: it is there to have it stored as computed values are.
 */
public final class RemoveCopies implements TensorPass {
  @Override
  public String name() {
    return "remove-copies";
  }

  @Override
  public String description() {
    return "removes views, maps and concatenations that change nothing and joins views of views";
  }

  @Override
  public TensorProgram apply(TensorProgram program) {
    Map<Value, Value> copies = new HashMap<>();
    Map<Value, ViewOp> views = new HashMap<>();
    List<TensorOp> ops = new ArrayList<>();
    for (TensorOp op : program.ops()) {
      TensorOp reading = Operands.replaced(op, value -> copies.getOrDefault(value, value));
      TensorOp kept = isGiven(program, reading) ? reading : simplified(reading, views);
      Value original = original(kept);
      if (original != null) {
        copies.put(kept.result(), original);
        continue;
      }
      if (kept instanceof ViewOp view) {
        views.put(view.result(), view);
      }
      ops.add(kept);
    }
    return program.ops().equals(ops) ? program : program.with(ops);
  }

  private static TensorOp simplified(TensorOp op, Map<Value, ViewOp> views) {
    if (op instanceof MapOp map && isCopy(map)) {
      Value operand = map.operands().get(map.program().result().index());
      return Arrays.equals(operand.shape(), map.result().shape())
          ? new ViewOp(new Movement.Reshape(), operand, map.result())
          : new ViewOp(new Movement.Broadcast(), operand, map.result());
    }
    if (!(op instanceof ViewOp view)) {
      return op;
    }
    ViewOp outer = canonical(view);
    ViewOp inner = views.get(outer.operand());
    if (inner != null) {
      Movement both = Views.composed(inner.movement(), outer.movement());
      if (both != null) {
        return canonical(new ViewOp(both, inner.operand(), outer.result()));
      }
    }
    return outer;
  }

  private static ViewOp canonical(ViewOp view) {
    Movement movement = Views.canonical(view);
    return movement.equals(view.movement())
        ? view
        : new ViewOp(movement, view.operand(), view.result());
  }

  /** Whether an operation copies what the host has given, to have it stored as it is computed. */
  static boolean isGiven(TensorProgram program, TensorOp op) {
    return op instanceof MapOp map
        && isCopy(map)
        && program.producer(map.operands().get(0)) instanceof UploadOp;
  }

  private static boolean isCopy(MapOp map) {
    return map.program().operations() == 0
        && map.program().result().kind() == LaneProgram.Kind.INPUT;
  }

  // What an operation copies, or null.
  private static @Nullable Value original(TensorOp op) {
    if (op instanceof ViewOp view && Views.isIdentity(view)) {
      return view.operand();
    }
    return op instanceof ConcatOp concat && concat.operands().size() == 1
        ? concat.operands().get(0)
        : null;
  }
}
