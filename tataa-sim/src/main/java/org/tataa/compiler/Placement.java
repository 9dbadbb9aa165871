package org.tataa.compiler;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How a value of any rank is a set of token matrices {@code [group][token][feature]}: which axes
 * count groups (images, windows, independent sequences), which is the token and which are features
 * (more than one where heads are apart).
 */
final class Placement {
  final int[] shape;
  final int groups;
  final int tokens;
  final int features;
  private final int[] tokenStride;
  private final int[] featureStride;

  private Placement(int[] shape, int tokenAxis, boolean[] isFeature) {
    this.shape = shape.clone();
    int rank = shape.length;
    tokenStride = new int[rank];
    featureStride = new int[rank];
    int featureCount = 1;
    int groupCount = 1;
    int tokenCount = tokenAxis < 0 ? 1 : shape[tokenAxis];
    for (int axis = rank - 1; axis >= 0; axis--) {
      if (isFeature[axis]) {
        featureStride[axis] = featureCount;
        featureCount *= shape[axis];
      } else if (axis == tokenAxis) {
        tokenStride[axis] = 1;
      } else {
        tokenStride[axis] = groupCount * tokenCount;
        groupCount *= shape[axis];
      }
    }
    groups = groupCount;
    tokens = tokenCount;
    features = featureCount;
  }

  /** The last axis is the feature, the one before the token. */
  static Placement last(int... shape) {
    boolean[] isFeature = new boolean[shape.length];
    if (shape.length > 0) {
      isFeature[shape.length - 1] = true;
    }
    return new Placement(shape, shape.length - 2, isFeature);
  }

  /** Heads are features too: {@code [..][head][token][feature]}. */
  static Placement heads(int... shape) {
    boolean[] isFeature = new boolean[shape.length];
    isFeature[shape.length - 1] = true;
    isFeature[shape.length - 3] = true;
    return new Placement(shape, shape.length - 2, isFeature);
  }

  /** Placements a value of a shape can have, the usual one first. */
  static List<Placement> candidates(int... shape) {
    return shape.length >= 3 ? List.of(last(shape), heads(shape)) : List.of(last(shape));
  }

  /** Whether groups and tokens are the same. */
  boolean sameTokens(Placement other) {
    return groups == other.groups && tokens == other.tokens;
  }

  /** Axes of the features, in order. */
  int[] featureAxes() {
    return java.util.stream.IntStream.range(0, shape.length)
        .filter(axis -> featureStride[axis] > 0)
        .toArray();
  }

  int size() {
    int size = 1;
    for (int dim : shape) {
      size *= dim;
    }
    return size;
  }

  /** {@code group * tokens + token} of each element. */
  int[] rows() {
    return coordinates(tokenStride);
  }

  /** Feature of each element. */
  int[] columns() {
    return coordinates(featureStride);
  }

  private int[] coordinates(int[] strides) {
    int[] result = new int[size()];
    int[] index = new int[shape.length];
    int value = 0;
    for (int i = 0; i < result.length; i++) {
      result[i] = value;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        index[axis]++;
        value += strides[axis];
        if (index[axis] < shape[axis]) {
          break;
        }
        value -= strides[axis] * shape[axis];
        index[axis] = 0;
      }
    }
    return result;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Placement that
        && Arrays.equals(shape, that.shape)
        && Arrays.equals(tokenStride, that.tokenStride)
        && Arrays.equals(featureStride, that.featureStride);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(shape) + Arrays.hashCode(featureStride);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%s as %d x [%d][%d]", Arrays.toString(shape), groups, tokens, features);
  }
}
