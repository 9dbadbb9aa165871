package org.tataa.compiler;

import java.util.Arrays;

/**
 * Which feature of a value stands at each place of a matrix, and with which sign; -1 is padding
 * with zero.
 */
final class FeatureMap {
  private final int[] source;
  private final boolean[] negative;

  FeatureMap(int[] source, boolean[] negative) {
    this.source = source;
    this.negative = negative;
  }

  static FeatureMap identity(int features) {
    int[] source = new int[features];
    Arrays.setAll(source, i -> i);
    return new FeatureMap(source, new boolean[features]);
  }

  /** Heads of {@code size} features, each padded to a multiple of {@code block}. */
  static FeatureMap padded(int heads, int size, int block) {
    int width = (size + block - 1) / block * block;
    int[] source = new int[heads * width];
    Arrays.fill(source, -1);
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < size; i++) {
        source[head * width + i] = head * size + i;
      }
    }
    return new FeatureMap(source, new boolean[source.length]);
  }

  int size() {
    return source.length;
  }

  /** Source feature, or -1. */
  int source(int place) {
    return source[place];
  }

  boolean isNegative(int place) {
    return negative[place];
  }

  /** This map of the features that {@code inner} selects. */
  FeatureMap of(FeatureMap inner) {
    int[] composed = new int[source.length];
    boolean[] sign = new boolean[source.length];
    for (int i = 0; i < composed.length; i++) {
      composed[i] = source[i] < 0 ? -1 : inner.source[source[i]];
      sign[i] = source[i] >= 0 && negative[i] ^ inner.negative[source[i]];
    }
    return new FeatureMap(composed, sign);
  }

  /** Values rearranged; padding is zero. */
  float[] apply(float[] values) {
    float[] result = new float[source.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = source[i] < 0 ? 0 : negative[i] ? -values[source[i]] : values[source[i]];
    }
    return result;
  }

  boolean isIdentity(int features) {
    return equals(identity(features));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FeatureMap that
        && Arrays.equals(source, that.source)
        && Arrays.equals(negative, that.negative);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(source) + Arrays.hashCode(negative);
  }

  @Override
  public String toString() {
    return source.length + " features";
  }
}
