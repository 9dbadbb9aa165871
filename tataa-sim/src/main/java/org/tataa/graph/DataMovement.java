package org.tataa.graph;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operators that only move elements. Each works on values of any type, also on index tensors. */
final class DataMovement {
  private DataMovement() {}

  /** Elements of {@code x} at {@code index}; -1 takes the fill value. */
  static NdTensor take(NdTensor x, int[] shape, int[] index, double fill) {
    if (x.type() == ElementType.FLOAT) {
      float[] from = x.floats();
      float[] to = new float[index.length];
      for (int i = 0; i < to.length; i++) {
        to[i] = index[i] < 0 ? (float) fill : from[index[i]];
      }
      return NdTensor.of(to, shape);
    }
    long[] from = x.longs();
    long[] to = new long[index.length];
    for (int i = 0; i < to.length; i++) {
      to[i] = index[i] < 0 ? (long) fill : from[index[i]];
    }
    return NdTensor.ofLongs(x.type(), to, shape);
  }

  static int axis(long axis, int rank) {
    if (axis < -rank || axis >= Math.max(1, rank)) {
      throw new GraphException("axis " + axis + " is outside [" + -rank + ", " + (rank - 1) + "]");
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  static int[] strides(int[] shape) {
    int[] strides = new int[shape.length];
    int stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape[i];
    }
    return strides;
  }

  static NdTensor reshape(NdTensor x, long[] wanted, boolean allowZero) {
    int[] shape = new int[wanted.length];
    int open = -1;
    long rest = 1;
    for (int i = 0; i < shape.length; i++) {
      if (wanted[i] == -1) {
        if (open >= 0) {
          throw new GraphException("shape " + Arrays.toString(wanted) + " leaves two open");
        }
        open = i;
        continue;
      }
      if (wanted[i] == 0 && !allowZero && i >= x.rank()) {
        throw new GraphException("shape " + Arrays.toString(wanted) + " copies a dimension " + i);
      }
      shape[i] = wanted[i] == 0 && !allowZero ? x.dim(i) : checked(wanted[i]);
      rest *= shape[i];
    }
    if (open >= 0) {
      if (rest == 0 || x.size() % rest != 0) {
        throw new GraphException("cannot reshape " + x + " to " + Arrays.toString(wanted));
      }
      shape[open] = (int) (x.size() / rest);
    }
    return x.reshaped(shape);
  }

  static int checked(long dim) {
    if (dim < 0 || dim > NdTensor.MAX_ELEMENTS) {
      throw new GraphException(
          "dimension " + dim + " is outside [0, " + NdTensor.MAX_ELEMENTS + "]");
    }
    return (int) dim;
  }

  static int[] shapeOf(NdTensor dims) {
    long[] values = dims.longs();
    int[] shape = new int[values.length];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = checked(values[i]);
    }
    NdTensor.resultElements(shape);
    return shape;
  }

  static NdTensor squeeze(NdTensor x, long @Nullable [] axes) {
    boolean[] drop = new boolean[x.rank()];
    if (axes == null) {
      for (int i = 0; i < drop.length; i++) {
        drop[i] = x.dim(i) == 1;
      }
    } else {
      for (long axis : axes) {
        int i = axis(axis, x.rank());
        if (x.dim(i) != 1) {
          throw new GraphException("cannot squeeze axis " + axis + " of " + x);
        }
        drop[i] = true;
      }
    }
    int[] shape = new int[x.rank()];
    int rank = 0;
    for (int i = 0; i < drop.length; i++) {
      if (!drop[i]) {
        shape[rank++] = x.dim(i);
      }
    }
    return x.reshaped(Arrays.copyOf(shape, rank));
  }

  static NdTensor unsqueeze(NdTensor x, long[] axes) {
    int rank = x.rank() + axes.length;
    boolean[] added = new boolean[rank];
    for (long axis : axes) {
      int i = axis(axis, rank);
      if (added[i]) {
        throw new GraphException("axis " + axis + " is given twice");
      }
      added[i] = true;
    }
    int[] shape = new int[rank];
    int next = 0;
    for (int i = 0; i < rank; i++) {
      shape[i] = added[i] ? 1 : x.dim(next++);
    }
    return x.reshaped(shape);
  }

  static NdTensor transpose(NdTensor x, long @Nullable [] permutation) {
    int rank = x.rank();
    int[] shape = new int[rank];
    int[] strides = new int[rank];
    int[] from = strides(x.shape());
    boolean[] seen = new boolean[rank];
    if (permutation != null && permutation.length != rank) {
      throw new GraphException("perm " + Arrays.toString(permutation) + " does not fit " + x);
    }
    for (int i = 0; i < rank; i++) {
      int axis = permutation == null ? rank - 1 - i : axis(permutation[i], rank);
      if (seen[axis]) {
        throw new GraphException("perm " + Arrays.toString(permutation) + " repeats an axis");
      }
      seen[axis] = true;
      shape[i] = x.dim(axis);
      strides[i] = from[axis];
    }
    return strided(x, shape, strides, 0);
  }

  private static NdTensor strided(NdTensor x, int[] shape, int[] strides, int base) {
    if (!x.isKnown()) {
      return NdTensor.unknown(x.type(), shape);
    }
    int[] index = new int[NdTensor.resultElements(shape)];
    Broadcast.walk(shape, strides, base, index);
    return take(x, shape, index, 0);
  }

  static NdTensor expand(NdTensor x, int[] wanted) {
    int[] shape = Broadcast.shape(x.shape(), wanted);
    if (!x.isKnown()) {
      NdTensor.resultElements(shape);
      return NdTensor.unknown(x.type(), shape);
    }
    return take(x, shape, Broadcast.indices(x.shape(), shape), 0);
  }

  static NdTensor tile(NdTensor x, long[] repeats) {
    if (repeats.length != x.rank()) {
      throw new GraphException("repeats " + Arrays.toString(repeats) + " do not fit " + x);
    }
    int[] shape = x.shape();
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = checked(checked(repeats[axis]) * (long) shape[axis]);
    }
    // Nothing may be repeated any number of times.
    if (NdTensor.resultElements(shape) == 0) {
      return x.isKnown() ? take(x, shape, new int[0], 0) : NdTensor.unknown(x.type(), shape);
    }
    NdTensor result = x;
    for (int axis = 0; axis < repeats.length; axis++) {
      int count = (int) repeats[axis];
      if (count != 1) {
        NdTensor[] copies = new NdTensor[count];
        Arrays.fill(copies, result);
        result = concat(Arrays.asList(copies), axis);
      }
    }
    return result;
  }

  static NdTensor concat(List<NdTensor> parts, long along) {
    if (parts.isEmpty()) {
      throw new GraphException("nothing to concatenate");
    }
    NdTensor first = parts.get(0);
    int axis = axis(along, first.rank());
    int[] shape = first.shape();
    boolean known = true;
    long total = 0;
    for (NdTensor part : parts) {
      int[] other = part.shape();
      if (other.length != shape.length || part.type() != first.type()) {
        throw new GraphException("cannot concatenate " + first + " and " + part);
      }
      for (int i = 0; i < shape.length; i++) {
        if (i != axis && other[i] != shape[i]) {
          throw new GraphException("cannot concatenate " + first + " and " + part);
        }
      }
      total += other[axis];
      known &= part.isKnown();
    }
    shape[axis] = checked(total);
    int size = NdTensor.resultElements(shape);
    if (!known) {
      return NdTensor.unknown(first.type(), shape);
    }
    int inner = 1;
    for (int i = axis + 1; i < shape.length; i++) {
      inner *= shape[i];
    }
    int row = shape[axis] * inner;
    Object to = first.type() == ElementType.FLOAT ? new float[size] : new long[size];
    int offset = 0;
    for (NdTensor part : parts) {
      Object from = first.type() == ElementType.FLOAT ? part.floats() : part.longs();
      int length = part.dim(axis) * inner;
      for (int i = 0; length > 0 && i < part.size() / length; i++) {
        System.arraycopy(from, i * length, to, i * row + offset, length);
      }
      offset += length;
    }
    return first.type() == ElementType.FLOAT
        ? NdTensor.of((float[]) to, shape)
        : NdTensor.ofLongs(first.type(), (long[]) to, shape);
  }

  static NdTensor[] split(NdTensor x, long along, long[] sizes) {
    int axis = axis(along, x.rank());
    NdTensor[] parts = new NdTensor[sizes.length];
    int[] strides = strides(x.shape());
    long start = 0;
    for (int i = 0; i < parts.length; i++) {
      int[] shape = x.shape();
      shape[axis] = checked(sizes[i]);
      if (start + shape[axis] > x.dim(axis)) {
        throw new GraphException("parts " + Arrays.toString(sizes) + " do not fit " + x);
      }
      parts[i] = strided(x, shape, strides, (int) start * strides[axis]);
      start += shape[axis];
    }
    if (start != x.dim(axis)) {
      throw new GraphException("parts " + Arrays.toString(sizes) + " do not fit " + x);
    }
    return parts;
  }

  static NdTensor slice(
      NdTensor x, long[] starts, long[] ends, long @Nullable [] axes, long @Nullable [] steps) {
    int[] shape = x.shape();
    int[] strides = strides(shape);
    int base = 0;
    if (ends.length != starts.length
        || (axes != null && axes.length != starts.length)
        || (steps != null && steps.length != starts.length)) {
      throw new GraphException("starts, ends, axes and steps have different lengths");
    }
    for (int i = 0; i < starts.length; i++) {
      int axis = axis(axes == null ? i : axes[i], shape.length);
      long step = steps == null ? 1 : steps[i];
      if (step == 0) {
        throw new GraphException("step 0");
      }
      int dim = x.dim(axis);
      long start = starts[i] < 0 ? starts[i] + dim : starts[i];
      long end = ends[i] < 0 ? Math.max(ends[i] + dim, -1) : ends[i];
      if (step > 0) {
        start = Math.max(0, Math.min(dim, start));
        end = Math.max(0, Math.min(dim, end));
      } else {
        start = Math.max(0, Math.min(dim - 1L, start));
        end = Math.max(-1, Math.min(dim - 1L, end));
      }
      long count = Math.max(0, (end - start + step - Long.signum(step)) / step);
      shape[axis] = (int) count;
      base += (int) start * strides[axis];
      strides[axis] *= (int) Math.max(-dim - 1L, Math.min(dim + 1L, step));
    }
    return strided(x, shape, strides, base);
  }

  static NdTensor gather(NdTensor x, NdTensor indices, long along) {
    int axis = axis(along, x.rank());
    int[] from = x.shape();
    int[] picks = indices.shape();
    int[] shape = new int[from.length - 1 + picks.length];
    System.arraycopy(from, 0, shape, 0, axis);
    System.arraycopy(picks, 0, shape, axis, picks.length);
    System.arraycopy(from, axis + 1, shape, axis + picks.length, from.length - axis - 1);
    int size = NdTensor.resultElements(shape);
    if (!x.isKnown() || !indices.isKnown()) {
      return NdTensor.unknown(x.type(), shape);
    }
    int inner = 1;
    for (int i = axis + 1; i < from.length; i++) {
      inner *= from[i];
    }
    long[] chosen = indices.longs();
    int[] index = new int[size];
    int next = 0;
    int outer = chosen.length == 0 || inner == 0 ? 0 : size / (chosen.length * inner);
    for (int o = 0; o < outer; o++) {
      for (long pick : chosen) {
        long row = pick < 0 ? pick + from[axis] : pick;
        if (row < 0 || row >= from[axis]) {
          throw new GraphException("index " + pick + " is outside axis " + axis + " of " + x);
        }
        for (int i = 0; i < inner; i++) {
          index[next++] = (int) ((o * (long) from[axis] + row) * inner + i);
        }
      }
    }
    return take(x, shape, index, 0);
  }

  static NdTensor triangle(NdTensor x, boolean upper, long diagonal) {
    if (!x.isKnown()) {
      return x;
    }
    int columns = x.dim(-1);
    int rows = x.dim(-2);
    int[] index = new int[x.size()];
    for (int i = 0; i < index.length; i++) {
      int offset = i % columns - i / columns % rows;
      index[i] = (upper ? offset >= diagonal : offset <= diagonal) ? i : -1;
    }
    return take(x, x.shape(), index, 0);
  }
}
