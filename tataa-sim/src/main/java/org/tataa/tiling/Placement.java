package org.tataa.tiling;

import java.util.Arrays;
import org.tataa.tensor.Value;

/**
 * How a tensor is a set of matrices: one axis lies along the rows of the array, one along the
 * lanes, the others count matrices. Tensors of fewer than two axes have leading axes of 1.
 */
final class Placement {
  final int rowAxis;
  final int laneAxis;
  private final int[] shape;
  private final int[] strides;

  private Placement(int[] shape, int rowAxis, int laneAxis) {
    this.shape = shape;
    strides = strides(shape);
    this.rowAxis = rowAxis;
    this.laneAxis = laneAxis;
  }

  /** The axes counted in the value's own shape. */
  static Placement of(Value value, int rowAxis, int laneAxis) {
    int missing = Math.max(0, 2 - value.rank());
    return new Placement(padded(value.shape()), rowAxis + missing, laneAxis + missing);
  }

  /** The last axis along the lanes, the one before along the rows, or the other way round. */
  static Placement last(Value value, boolean lastIsRow) {
    int[] shape = padded(value.shape());
    int last = shape.length - 1;
    return new Placement(shape, lastIsRow ? last : last - 1, lastIsRow ? last - 1 : last);
  }

  /** The same tensor with other axes along rows and lanes. */
  Placement with(int row, int lane) {
    return new Placement(shape, row, lane);
  }

  /** This placement for a value of another shape of the same rank. */
  Placement sameAxes(Value value) {
    return new Placement(padded(value.shape()), rowAxis, laneAxis);
  }

  private static int[] padded(int[] shape) {
    int missing = Math.max(0, 2 - shape.length);
    int[] result = new int[shape.length + missing];
    Arrays.fill(result, 1);
    System.arraycopy(shape, 0, result, missing, shape.length);
    return result;
  }

  int rows() {
    return shape[rowAxis];
  }

  int lanes() {
    return shape[laneAxis];
  }

  int groups() {
    int groups = 1;
    for (int axis = 0; axis < shape.length; axis++) {
      groups *= axis == rowAxis || axis == laneAxis ? 1 : shape[axis];
    }
    return groups;
  }

  int rank() {
    return shape.length;
  }

  int[] shape() {
    return shape.clone();
  }

  /** Element number of group, row and lane 0 of each group. */
  int[] groupBases() {
    int[] bases = new int[groups()];
    int[] index = new int[shape.length];
    for (int group = 0; group < bases.length; group++) {
      int at = 0;
      for (int axis = 0; axis < shape.length; axis++) {
        at += index[axis] * strides[axis];
      }
      bases[group] = at;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        if (axis == rowAxis || axis == laneAxis) {
          continue;
        }
        if (++index[axis] < shape[axis]) {
          break;
        }
        index[axis] = 0;
      }
    }
    return bases;
  }

  int rowStride() {
    return strides[rowAxis];
  }

  int laneStride() {
    return strides[laneAxis];
  }

  private static int[] strides(int[] shape) {
    int[] strides = new int[shape.length];
    int stride = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= shape[axis];
    }
    return strides;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Placement that
        && rowAxis == that.rowAxis
        && laneAxis == that.laneAxis
        && Arrays.equals(shape, that.shape);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(shape) + 7 * rowAxis + laneAxis;
  }

  @Override
  public String toString() {
    return "rows " + rowAxis + " lanes " + laneAxis;
  }
}
