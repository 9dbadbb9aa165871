package org.tataa.tensor.pass;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.TataaConfig;
import org.tataa.function.LaneProgram;
import org.tataa.tensor.ConcatOp;
import org.tataa.tensor.ContractOp;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.Movement;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorPass;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.Value;
import org.tataa.tensor.ViewOp;

/**
 * Moves concatenations of maps and views that are alike before them, down to products: their blocks
 * can be stored side by side at once, and what follows is done for all parts together.
 *
 * <p>Only parts of whole blocks are moved, and only if all that is joined in the end are products;
 * anything else the host would have to move, whose work must not grow.
 */
public final class SinkConcats implements TensorPass {
  private final ArrayGeometry geometry;

  /** A pass for a machine. */
  public SinkConcats(TataaConfig config) {
    geometry = config.geometry();
  }

  @Override
  public String name() {
    return "sink-concats";
  }

  @Override
  public String description() {
    return "moves concatenations of alike maps and views of products before them";
  }

  @Override
  public TensorProgram apply(TensorProgram program) {
    TensorProgram before = program;
    while (true) {
      TensorProgram after = moved(before);
      if (after == before) {
        return before;
      }
      before = after;
    }
  }

  private TensorProgram moved(TensorProgram program) {
    Names names = new Names(program);
    List<TensorOp> ops = new ArrayList<>();
    boolean changed = false;
    for (TensorOp op : program.ops()) {
      List<TensorOp> before =
          op instanceof ConcatOp concat && isJoined(program, concat)
              ? before(program, concat, names)
              : null;
      changed |= before != null;
      ops.addAll(before == null ? List.of(op) : before);
    }
    return changed ? program.with(ops) : program;
  }

  private boolean isJoined(TensorProgram program, ConcatOp concat) {
    List<Value> parts = concat.operands();
    for (Value part : parts.subList(0, parts.size() - 1)) {
      int size = part.dim(concat.axis());
      if (size % geometry.rows() != 0 || size % geometry.outputs() != 0) {
        return false;
      }
    }
    return areOfProducts(program, parts, concat.axis());
  }

  // Whether values are products, or alike maps and views of products.
  private static boolean areOfProducts(TensorProgram program, List<Value> parts, int axis) {
    if (new HashSet<>(parts).size() < Math.max(2, parts.size())
        || !parts.stream().allMatch(program::isPrivate)) {
      return false;
    }
    if (parts.stream().allMatch(part -> program.producer(part) instanceof ContractOp)) {
      return true;
    }
    List<List<Value>> groups = operands(program, parts, axis);
    if (groups == null) {
      return false;
    }
    for (List<Value> group : groups) {
      if (group.size() > 1 && !areOfProducts(program, group, below(program, parts, axis))) {
        return false;
      }
    }
    return true;
  }

  // What was joined, joined from what it was made of; null if parts are products themselves.
  private static @Nullable List<TensorOp> before(
      TensorProgram program, ConcatOp concat, Names names) {
    List<Value> parts = concat.operands();
    List<List<Value>> groups = operands(program, parts, concat.axis());
    if (groups == null) {
      return null;
    }
    int axis = below(program, parts, concat.axis());
    List<TensorOp> ops = new ArrayList<>();
    List<Value> joined = new ArrayList<>();
    for (List<Value> group : groups) {
      Value first = group.get(0);
      if (group.size() == 1) {
        joined.add(first);
        continue;
      }
      int[] shape = first.shape();
      shape[axis] = group.stream().mapToInt(value -> value.dim(axis)).sum();
      Value all = names.after(first, "joined", first.element(), shape);
      ops.add(new ConcatOp(axis, group, all));
      joined.add(all);
    }
    TensorOp first = program.producer(parts.get(0));
    if (first instanceof MapOp map) {
      ops.add(new MapOp(map.program(), joined, concat.result()));
    } else if (first instanceof ViewOp view) {
      ops.add(new ViewOp(view.movement(), joined.get(0), concat.result()));
    }
    return ops;
  }

  // For each operand of alike operations its values, or one if it is the same for all; else null.
  private static @Nullable List<List<Value>> operands(
      TensorProgram program, List<Value> parts, int axis) {
    List<TensorOp> makers = new ArrayList<>();
    parts.forEach(part -> makers.add(program.producer(part)));
    if (makers.stream().allMatch(maker -> isLike(makers.get(0), maker))) {
      return makers.get(0) instanceof MapOp map
          ? ofMaps(program, map, makers, parts, axis)
          : ofViews(makers, parts, axis);
    }
    return null;
  }

  private static boolean isLike(TensorOp first, TensorOp other) {
    if (first instanceof MapOp a && other instanceof MapOp b) {
      LaneProgram one = a.program();
      LaneProgram two = b.program();
      return one.steps().equals(two.steps())
          && one.result().equals(two.result())
          && a.operands().size() == b.operands().size();
    }
    return first instanceof ViewOp a
        && other instanceof ViewOp b
        && (a.movement() instanceof Movement.Broadcast && b.movement() instanceof Movement.Broadcast
            || Views.same(a.movement(), b.movement()));
  }

  private static @Nullable List<List<Value>> ofMaps(
      TensorProgram program, MapOp first, List<TensorOp> makers, List<Value> parts, int axis) {
    if (RemoveCopies.isGiven(program, first)) {
      return null;
    }
    List<List<Value>> groups = new ArrayList<>();
    for (int i = 0; i < first.operands().size(); i++) {
      List<Value> group = new ArrayList<>();
      for (TensorOp maker : makers) {
        group.add(((MapOp) maker).operands().get(i));
      }
      int fromEnd = axis - first.result().rank();
      boolean isRow = isShort(group.get(0), fromEnd);
      if (isRow && new HashSet<>(group).size() == 1) {
        groups.add(group.subList(0, 1));
      } else if (group.get(0).rank() == first.result().rank() && areAlong(group, parts, axis)) {
        groups.add(group);
      } else {
        return null;
      }
    }
    return groups;
  }

  private static boolean isShort(Value value, int fromEnd) {
    return -fromEnd > value.rank() || value.dim(value.rank() + fromEnd) == 1;
  }

  private static boolean areAlong(List<Value> group, List<Value> parts, int axis) {
    for (int i = 0; i < parts.size(); i++) {
      if (group.get(i).rank() != parts.get(i).rank()
          || group.get(i).dim(axis) != parts.get(i).dim(axis)) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable List<List<Value>> ofViews(
      List<TensorOp> makers, List<Value> parts, int axis) {
    List<Value> group = new ArrayList<>();
    int below = -1;
    for (int i = 0; i < parts.size(); i++) {
      ViewOp view = (ViewOp) makers.get(i);
      int own = below(view, axis);
      if (own < 0 || i > 0 && own != below) {
        return null;
      }
      below = own;
      group.add(view.operand());
    }
    return List.of(group);
  }

  private static int below(TensorProgram program, List<Value> parts, int axis) {
    return program.producer(parts.get(0)) instanceof ViewOp view ? below(view, axis) : axis;
  }

  // The axis of a view's operand that is one of the result; -1 if none is.
  private static int below(ViewOp view, int axis) {
    int[] from = view.operand().shape();
    int[] to = view.result().shape();
    if (view.movement() instanceof Movement.Transpose transpose) {
      return transpose.axes()[axis];
    }
    if (view.movement() instanceof Movement.Broadcast) {
      return from.length == to.length && from[axis] == to[axis] ? axis : -1;
    }
    int outer = outer(to, axis);
    for (int own = 0; own < from.length; own++) {
      if (from[own] == to[axis] && outer(from, own) == outer) {
        return own;
      }
    }
    return -1;
  }

  private static int outer(int[] shape, int axis) {
    return Arrays.stream(shape).limit(axis).reduce(1, (a, b) -> a * b);
  }
}
