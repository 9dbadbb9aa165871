package org.tataa.pack;

import java.util.List;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;

/** Tensors side by side, and apart again. */
final class Tensors {
  private Tensors() {}

  /** Zeros. */
  static NdTensor zeros(ElementType type, int... shape) {
    int size = NdTensor.elements(shape);
    return switch (type) {
      case FLOAT -> NdTensor.of(new float[size], shape);
      case INT -> NdTensor.of(new long[size], shape);
      case BOOL -> NdTensor.ofBool(new long[size], shape);
    };
  }

  /** Copies elements. */
  static void copy(NdTensor from, int fromIndex, NdTensor to, int toIndex, int count) {
    if (from.type() == ElementType.FLOAT) {
      System.arraycopy(from.floats(), fromIndex, to.floats(), toIndex, count);
    } else {
      System.arraycopy(from.longs(), fromIndex, to.longs(), toIndex, count);
    }
  }

  /** One after the other along an axis, which counts from the start. */
  static NdTensor concat(List<NdTensor> parts, int axis) {
    int[] shape = parts.get(0).shape();
    shape[axis] = parts.stream().mapToInt(part -> part.dim(axis)).sum();
    NdTensor all = zeros(parts.get(0).type(), shape);
    int at = 0;
    for (NdTensor part : parts) {
      move(part, all, axis, at, false);
      at += part.dim(axis);
    }
    return all;
  }

  /**
   * At places of an axis, which counts from the start.
   *
   * @param offsets place of each part, in order
   * @param total size of the axis
   * @param repeats whether what is between them is like what is before; otherwise zero
   */
  static NdTensor placed(
      List<NdTensor> parts, int axis, int[] offsets, int total, boolean repeats) {
    int[] shape = parts.get(0).shape();
    shape[axis] = total;
    NdTensor all = zeros(parts.get(0).type(), shape);
    for (int i = 0; i < offsets.length; i++) {
      NdTensor part = parts.get(i);
      move(part, all, axis, offsets[i], false);
      int end = i + 1 < offsets.length ? offsets[i + 1] : total;
      for (int at = offsets[i] + part.dim(axis); repeats && at < end; at++) {
        move(slice(part, axis, part.dim(axis) - 1, 1), all, axis, at, false);
      }
    }
    return all;
  }

  /** Copies a part to a place of an axis, which counts from the start. */
  static void put(NdTensor part, NdTensor all, int axis, int at) {
    move(part, all, axis, at, false);
  }

  /** Elements from one place of an axis on, which counts from the start. */
  static NdTensor slice(NdTensor all, int axis, int from, int count) {
    int[] shape = all.shape();
    shape[axis] = count;
    NdTensor part = zeros(all.type(), shape);
    move(part, all, axis, from, true);
    return part;
  }

  private static void move(NdTensor part, NdTensor all, int axis, int at, boolean isOut) {
    int inner = 1;
    for (int i = axis + 1; i < all.rank(); i++) {
      inner *= all.dim(i);
    }
    int own = part.dim(axis) * inner;
    int whole = all.dim(axis) * inner;
    for (int i = 0; own > 0 && i < part.size() / own; i++) {
      if (isOut) {
        copy(all, i * whole + at * inner, part, i * own, own);
      } else {
        copy(part, i * own, all, i * whole + at * inner, own);
      }
    }
  }
}
