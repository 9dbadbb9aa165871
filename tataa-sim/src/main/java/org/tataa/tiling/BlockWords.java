package org.tataa.tiling;

import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tataa.tile.Buffer;

/**
 * Where int8 blocks of a product go: a row of a block leaves the array as a word of its outputs.
 *
 * @param fit base of the first block, strides of groups, lane blocks and row blocks, in bytes
 * @param counts groups, lane blocks, row blocks
 * @param bytes end of the last block
 * @param places for each element its byte
 */
@SuppressWarnings("ArrayRecordComponent")
record BlockWords(AffineFit fit, int[] counts, int bytes, int[] places) {
  /**
   * Blocks as the words a product wants: outputs are bytes, and rows, which leave in their order,
   * follow each other along the contracted axis.
   *
   * @return null if no regular stores leave every element at its place
   */
  static @Nullable BlockWords fit(
      KnownFits fits,
      Geometry geometry,
      Placement placement,
      WordTarget target,
      Sources.Source source) {
    if (target.wordBytes() != geometry.outputs()) {
      return null;
    }
    for (Supplier<WordTarget.Arrangement> candidate : target.candidates(fits, geometry.rows(), 0)) {
      WordTarget.Arrangement arrangement = candidate.get();
      int[] places = fits.through(arrangement, source, size(placement));
      AffineFit fit = fit(geometry, placement, places);
      BlockWords words = fit == null ? null : of(geometry, placement, fit, places);
      if (words != null && !words.overlap(geometry)) {
        return words;
      }
    }
    return null;
  }

  /** Blocks one after the other, rows of X words in order. */
  static BlockWords dense(Geometry geometry, Placement placement) {
    int[] counts = counts(geometry, placement);
    int block = geometry.rows() * geometry.outputs();
    long[] strides = {(long) block * counts[1] * counts[2], (long) block * counts[2], block};
    int[] beats = new int[geometry.rows()];
    for (int beat = 0; beat < beats.length; beat++) {
      beats[geometry.indexOfBeat(beat)] = beat;
    }
    int[] places = new int[size(placement)];
    int[] bases = placement.groupBases();
    for (int group = 0; group < bases.length; group++) {
      for (int row = 0; row < placement.rows(); row++) {
        for (int lane = 0; lane < placement.lanes(); lane++) {
          long at =
              group * strides[0]
                  + lane / geometry.outputs() * strides[1]
                  + row / geometry.rows() * strides[2]
                  + (long) beats[row % geometry.rows()] * geometry.outputs()
                  + lane % geometry.outputs();
          int element = bases[group] + row * placement.rowStride() + lane * placement.laneStride();
          places[element] = Math.toIntExact(at);
        }
      }
    }
    int bytes = Math.toIntExact(strides[0] * counts[0]);
    return new BlockWords(new AffineFit(new long[] {0}, strides), counts, bytes, places);
  }

  private static int size(Placement placement) {
    return placement.groups() * placement.rows() * placement.lanes();
  }

  private static int[] counts(Geometry geometry, Placement placement) {
    return new int[] {
      placement.groups(),
      Geometry.parts(placement.lanes(), geometry.outputs()),
      Geometry.parts(placement.rows(), geometry.rows())
    };
  }

  private static @Nullable AffineFit fit(Geometry geometry, Placement placement, int[] places) {
    int[] counts = counts(geometry, placement);
    long[][] table = new long[1][AffineFit.iterations(counts)];
    Arrays.fill(table[0], AffineFit.FREE);
    int[] bases = placement.groupBases();
    for (int group = 0; group < bases.length; group++) {
      for (int row = 0; row < placement.rows(); row++) {
        for (int lane = 0; lane < placement.lanes(); lane++) {
          int place =
              places[bases[group] + row * placement.rowStride() + lane * placement.laneStride()];
          if (place < 0) {
            continue;
          }
          long base =
              place
                  - (long) (row % geometry.rows()) * geometry.outputs()
                  - lane % geometry.outputs();
          int number =
              (group * counts[1] + lane / geometry.outputs()) * counts[2] + row / geometry.rows();
          if (base < 0
              || base % geometry.outputs() != 0
              || (table[0][number] != AffineFit.FREE && table[0][number] != base)) {
            return null;
          }
          table[0][number] = base;
        }
      }
    }
    return AffineFit.of(table, counts);
  }

  private static @Nullable BlockWords of(
      Geometry geometry, Placement placement, AffineFit fit, int[] places) {
    int[] counts = counts(geometry, placement);
    long end = fit.bases()[0];
    for (int loop = 0; loop < counts.length; loop++) {
      if (fit.strides()[loop] < 0) {
        return null;
      }
      end += (counts[loop] - 1) * fit.strides()[loop];
    }
    end += (long) geometry.rows() * geometry.outputs();
    return fit.bases()[0] == AffineFit.FREE || end > Integer.MAX_VALUE
        ? null
        : new BlockWords(fit, counts, (int) end, places);
  }

  // Whole blocks are written, padding too.
  private boolean overlap(Geometry geometry) {
    boolean[] isWritten = new boolean[bytes / geometry.outputs()];
    long first = fit.bases()[0] / geometry.outputs();
    for (int i = 0; i < AffineFit.iterations(counts); i++) {
      long word =
          first
              + (i / counts[2] / counts[1] * fit.strides()[0]
                      + i / counts[2] % counts[1] * fit.strides()[1]
                      + i % counts[2] * fit.strides()[2])
                  / geometry.outputs();
      for (int row = 0; row < geometry.rows(); row++) {
        if (isWritten[(int) word + row]) {
          return true;
        }
        isWritten[(int) word + row] = true;
      }
    }
    return false;
  }

  /** These blocks in a buffer; null strides of groups are those of the leading axes. */
  BlockTarget target(Buffer buffer, int[] leading) {
    long[] strides = new long[leading.length + 2];
    strides[leading.length] = fit.strides()[2];
    strides[leading.length + 1] = fit.strides()[1];
    long group = fit.strides()[0];
    for (int axis = leading.length - 1; axis >= 0; axis--) {
      strides[axis] = group;
      group *= leading[axis];
    }
    return new BlockTarget(buffer, fit.bases()[0], leading, counts[2], counts[1], strides);
  }
}
