package org.tataa.tiling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.tensor.ConcatOp;
import org.tataa.tensor.Movement;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.Value;
import org.tataa.tensor.ViewOp;

/** Looks through views and concatenations to the values whose elements they show. */
final class Sources {
  /**
   * Where the elements of a value come from.
   *
   * @param anchors values that are computed, given or constant
   * @param which for each element the number of its anchor; null if there is one anchor
   * @param element for each element that of its anchor, -1 for zero, not to be changed; null for
   *     the same element
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Source(List<Value> anchors, byte @Nullable [] which, int @Nullable [] element) {
    /** Whether there is one anchor. */
    boolean isSingle() {
      return anchors.size() == 1;
    }

    Value anchor() {
      return anchors.get(0);
    }

    int element(int number) {
      return element == null ? number : element[number];
    }

    int which(int number) {
      return which == null ? 0 : which[number];
    }
  }

  private final TensorProgram program;
  private final Map<Value, Source> known = new HashMap<>();
  private final Set<Value> kept = new HashSet<>();
  private final Map<Moved, int[]> moved = new HashMap<>();
  private final Map<Picked, int[]> picked = new HashMap<>();

  private record Moved(Movement movement, List<Integer> from, List<Integer> to) {}

  // Elements of a movement's operand, and the movement: the same objects if they are equal.
  @SuppressWarnings("ArrayRecordComponent")
  private record Picked(int[] inner, int[] sources) {}

  Sources(TensorProgram program) {
    this.program = program;
  }

  /** Says that a concatenation is a value with a place of its own. */
  void keep(Value concatenation) {
    kept.add(concatenation);
    known.clear();
  }

  Source of(Value value) {
    Source source = known.get(value);
    if (source == null) {
      source = compute(value);
      known.put(value, source);
    }
    return source;
  }

  private Source compute(Value value) {
    TensorOp op = program.producer(value);
    if (op instanceof ViewOp view) {
      Source inner = of(view.operand());
      return view.movement() instanceof Movement.Reshape
          ? inner
          : pick(inner, moved(view.movement(), view.operand().shape(), value.shape()));
    }
    if (op instanceof ConcatOp concat && !kept.contains(value)) {
      return concatenate(concat);
    }
    return new Source(List.of(value), null, null);
  }

  /** As {@link Movement#sources}; not to be written to. Layers that are alike move alike. */
  int[] moved(Movement movement, int[] from, int[] to) {
    return moved.computeIfAbsent(
        new Moved(movement, list(from), list(to)), key -> movement.sources(from, to));
  }

  private static List<Integer> list(int[] shape) {
    return Arrays.stream(shape).boxed().toList();
  }

  private Source pick(Source inner, int[] sources) {
    if (inner.isSingle()) {
      int[] own = inner.element();
      int[] element =
          own == null
              ? sources
              : picked.computeIfAbsent(new Picked(own, sources), key -> pick(inner, sources, null));
      return new Source(inner.anchors(), null, element);
    }
    byte[] which = new byte[sources.length];
    int[] element = pick(inner, sources, which);
    return narrowed(inner.anchors(), which, element);
  }

  private static int[] pick(Source inner, int[] sources, byte @Nullable [] which) {
    int[] element = new int[sources.length];
    for (int i = 0; i < sources.length; i++) {
      element[i] = sources[i] < 0 ? -1 : inner.element(sources[i]);
      if (which != null && sources[i] >= 0) {
        which[i] = (byte) inner.which(sources[i]);
      }
    }
    return element;
  }

  // Anchors nothing comes from are left out.
  private static Source narrowed(List<Value> anchors, byte[] which, int[] element) {
    byte[] number = new byte[anchors.size()];
    Arrays.fill(number, (byte) -1);
    List<Value> used = new ArrayList<>();
    for (int i = 0; i < element.length; i++) {
      if (element[i] >= 0 && number[which[i]] < 0) {
        number[which[i]] = (byte) used.size();
        used.add(anchors.get(which[i]));
      }
    }
    if (used.size() <= 1) {
      return new Source(used.isEmpty() ? anchors.subList(0, 1) : used, null, element);
    }
    byte[] renumbered = new byte[which.length];
    for (int i = 0; i < which.length; i++) {
      renumbered[i] = element[i] < 0 ? 0 : number[which[i]];
    }
    return new Source(used, renumbered, element);
  }

  private Source concatenate(ConcatOp concat) {
    List<Value> anchors = new ArrayList<>();
    int[] shape = concat.result().shape();
    int size = concat.result().size();
    int[] element = new int[size];
    byte[] which = new byte[size];
    int inner = 1;
    for (int axis = concat.axis() + 1; axis < shape.length; axis++) {
      inner *= shape[axis];
    }
    int row = shape[concat.axis()] * inner;
    int start = 0;
    for (Value part : concat.operands()) {
      Source source = of(part);
      int[] number = new int[source.anchors().size()];
      for (int i = 0; i < number.length; i++) {
        number[i] = anchors.indexOf(source.anchors().get(i));
        if (number[i] < 0) {
          number[i] = anchors.size();
          anchors.add(source.anchors().get(i));
        }
      }
      int width = part.dim(concat.axis()) * inner;
      for (int i = 0; i < part.size(); i++) {
        int to = i / width * row + start + i % width;
        element[to] = source.element(i);
        which[to] = (byte) number[source.which(i)];
      }
      start += width;
    }
    if (anchors.size() > Byte.MAX_VALUE) {
      throw new TilingException(concat.result() + " joins more than " + Byte.MAX_VALUE + " values");
    }
    return narrowed(anchors, which, element);
  }
}
