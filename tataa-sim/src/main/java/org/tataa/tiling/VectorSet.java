package org.tataa.tiling;

import java.util.Arrays;

/**
 * The different vectors of an operand that can be placed freely: those that do not depend on a loop
 * are kept once, and equal vectors of a tile are kept once.
 */
final class VectorSet {
  /** A lane nobody looks at. */
  static final int ANY = -1;

  private final int lanes;
  private final int[] counts;
  private int[][] vectors;
  private final long[] strides = new long[3];
  private final int[] kept;

  /**
   * A set.
   *
   * @param wanted elements {@code [group][lane tile][row tile][vector][lane]}, {@link #ANY} for any
   * @param loops groups, lane tiles, row tiles
   * @param tileVectors vectors of a tile
   */
  VectorSet(int[] wanted, int[] loops, int tileVectors, int lanes) {
    this.lanes = lanes;
    counts = new int[] {loops[0], loops[1], loops[2], tileVectors};
    vectors = new int[wanted.length / lanes][];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = Arrays.copyOfRange(wanted, i * lanes, (i + 1) * lanes);
    }
    for (int loop = 0; loop < 3; loop++) {
      collapse(loop);
    }
    kept = new int[tileVectors];
    unify();
    long vectorBytes = 2L * lanes;
    int inner = counts[3];
    for (int loop = 2; loop >= 0; loop--) {
      strides[loop] = counts[loop] == 1 ? 0 : inner * vectorBytes;
      inner *= counts[loop];
    }
  }

  // If nothing depends on a loop, one iteration of it is kept.
  private void collapse(int loop) {
    int inner = 1;
    for (int i = loop + 1; i < 4; i++) {
      inner *= counts[i];
    }
    int outer = vectors.length / inner / counts[loop];
    int[][] merged = new int[outer * inner][];
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < inner; i++) {
        int[] all = new int[lanes];
        Arrays.fill(all, ANY);
        for (int c = 0; c < counts[loop]; c++) {
          if (!merge(all, vectors[(o * counts[loop] + c) * inner + i])) {
            return;
          }
        }
        merged[o * inner + i] = all;
      }
    }
    vectors = merged;
    counts[loop] = 1;
  }

  private static boolean merge(int[] into, int[] vector) {
    for (int lane = 0; lane < into.length; lane++) {
      if (vector[lane] != ANY) {
        if (into[lane] != ANY && into[lane] != vector[lane]) {
          return false;
        }
        into[lane] = vector[lane];
      }
    }
    return true;
  }

  // Vectors of a tile that agree in every tile share a place.
  private void unify() {
    int tiles = counts[0] * counts[1] * counts[2];
    int width = counts[3];
    int[][][] places = new int[width][][];
    int count = 0;
    for (int vector = 0; vector < width; vector++) {
      int place = 0;
      while (place < count && !joins(places[place], vector, tiles, width)) {
        place++;
      }
      if (place == count) {
        places[count] = new int[tiles][];
        for (int tile = 0; tile < tiles; tile++) {
          places[count][tile] = vectors[tile * width + vector].clone();
        }
        count++;
      }
      kept[vector] = place;
    }
    int[][] result = new int[tiles * count][];
    for (int tile = 0; tile < tiles; tile++) {
      for (int place = 0; place < count; place++) {
        result[tile * count + place] = places[place][tile];
      }
    }
    vectors = result;
    counts[3] = count;
  }

  private boolean joins(int[][] place, int vector, int tiles, int width) {
    int[][] merged = new int[tiles][];
    for (int tile = 0; tile < tiles; tile++) {
      merged[tile] = place[tile].clone();
      if (!merge(merged[tile], vectors[tile * width + vector])) {
        return false;
      }
    }
    System.arraycopy(merged, 0, place, 0, tiles);
    return true;
  }

  /** Elements by place. */
  int[] elements() {
    int[] elements = new int[vectors.length * lanes];
    for (int i = 0; i < vectors.length; i++) {
      System.arraycopy(vectors[i], 0, elements, i * lanes, lanes);
    }
    return elements;
  }

  /** First byte of each vector of tile 0. */
  long[] bases() {
    long[] bases = new long[kept.length];
    for (int i = 0; i < bases.length; i++) {
      bases[i] = 2L * lanes * kept[i];
    }
    return bases;
  }

  /** Bytes from a group, lane tile and row tile to the next. */
  long[] strides() {
    return strides.clone();
  }
}
