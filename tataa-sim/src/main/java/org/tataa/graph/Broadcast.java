package org.tataa.graph;

import java.util.Arrays;

/** Multidirectional broadcasting of shapes, as ONNX defines it. */
final class Broadcast {
  private Broadcast() {}

  static int[] shape(int[] a, int[] b) {
    int[] result = new int[Math.max(a.length, b.length)];
    for (int i = 0; i < result.length; i++) {
      int fromA = i - (result.length - a.length);
      int fromB = i - (result.length - b.length);
      int sizeA = fromA < 0 ? 1 : a[fromA];
      int sizeB = fromB < 0 ? 1 : b[fromB];
      if (sizeA != sizeB && sizeA != 1 && sizeB != 1) {
        throw new GraphException(
            "shapes " + Arrays.toString(a) + " and " + Arrays.toString(b) + " do not broadcast");
      }
      result[i] = sizeA == 1 ? sizeB : sizeA;
    }
    return result;
  }

  /** Index into a tensor of shape {@code from} for every element of shape {@code to}. */
  static int[] indices(int[] from, int[] to) {
    int size = NdTensor.resultElements(to);
    int[] index = new int[size];
    int[] strides = new int[to.length];
    int stride = 1;
    for (int axis = from.length - 1; axis >= 0; axis--) {
      int target = axis + to.length - from.length;
      strides[target] = from[axis] == 1 ? 0 : stride;
      stride *= from[axis];
    }
    walk(to, strides, 0, index);
    return index;
  }

  /** Positions {@code base + sum(coordinate * stride)} for all coordinates of a shape. */
  static void walk(int[] shape, int[] strides, int base, int[] index) {
    if (index.length == 0) {
      return;
    }
    int[] coordinate = new int[shape.length];
    int position = base;
    for (int i = 0; i < index.length; i++) {
      index[i] = position;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        coordinate[axis]++;
        position += strides[axis];
        if (coordinate[axis] < shape[axis]) {
          break;
        }
        position -= coordinate[axis] * strides[axis];
        coordinate[axis] = 0;
      }
    }
  }
}
