package org.tataa.tiling;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tataa.tile.Loops;

/**
 * Where transposed stores write words of lanes. A store of one half writes a word for each of its
 * lanes and spills zero words behind them, so addresses must ascend with the loops.
 *
 * @param fit bases by half, strides of groups, lane tiles and row tiles, in bytes
 * @param order loops, outermost first
 * @param bytesWritten end of the last spilled word
 */
@SuppressWarnings("ArrayRecordComponent")
record LaneWords(AffineFit fit, int[] order, int bytesWritten) {
  /**
   * Fits stores of a layout's tiles to wanted bytes.
   *
   * @param places for each element the byte it must be stored at, -1 if nobody wants it
   * @return null if no regular stores leave every element at its place
   */
  static @Nullable LaneWords fit(Geometry geometry, MatrixLayout layout, int[] places) {
    int[] loops = Operands.loops(layout);
    long[][] table = new long[geometry.halves()][layout.tiles()];
    int[] elements = layout.elements();
    TileTable tile = TileTable.of(geometry, layout.order);
    for (int number = 0; number < layout.tiles(); number++) {
      for (int half = 0; half < table.length; half++) {
        table[half][number] = AffineFit.FREE;
      }
      for (int place = 0; place < tile.size(); place++) {
        int element = elements[number * tile.size() + place];
        if (element < 0 || places[element] < 0) {
          continue;
        }
        int half = tile.lane(place) / geometry.columns();
        int lane = tile.lane(place) % geometry.columns();
        long base = places[element] - (long) lane * geometry.rows() - tile.row(place);
        if (base < 0
            || base % geometry.rows() != 0
            || (table[half][number] != AffineFit.FREE && table[half][number] != base)) {
          return null;
        }
        table[half][number] = base;
      }
    }
    AffineFit fit = AffineFit.of(table, loops);
    if (fit == null) {
      return null;
    }
    LaneWords words = of(geometry, fit, loops);
    return words != null && words.holds(geometry, layout, tile, places) ? words : null;
  }

  /** Words {@code [group][row tile][lane]}, with room behind each run of lanes. */
  static LaneWords natural(Geometry geometry, MatrixLayout layout) {
    int spill = geometry.outputs() - geometry.columns();
    long run = (long) (layout.laneTiles * geometry.outputs() + spill) * geometry.rows();
    long[] bases = new long[geometry.halves()];
    Arrays.setAll(bases, half -> (long) half * geometry.columns() * geometry.rows());
    AffineFit fit =
        new AffineFit(
            bases,
            new long[] {run * layout.rowTiles, (long) geometry.outputs() * geometry.rows(), run});
    LaneWords words = of(geometry, fit, Operands.loops(layout));
    if (words == null) {
      throw new IllegalStateException("words of lanes have no negative addresses");
    }
    return words;
  }

  private static @Nullable LaneWords of(Geometry geometry, AffineFit fit, int[] loops) {
    long end = 0;
    for (int loop = 0; loop < loops.length; loop++) {
      if (fit.strides()[loop] < 0) {
        return null;
      }
      end += (loops[loop] - 1) * fit.strides()[loop];
    }
    long last = Arrays.stream(fit.bases()).max().orElse(0);
    long written = end + last + (long) geometry.outputs() * geometry.rows();
    int[] order =
        IntStream.range(0, loops.length)
            .filter(loop -> loops[loop] > 1)
            .boxed()
            .sorted(Comparator.comparingLong((Integer loop) -> -fit.strides()[loop]))
            .mapToInt(Integer::intValue)
            .toArray();
    return written > Integer.MAX_VALUE ? null : new LaneWords(fit, order, (int) written);
  }

  // Replays the stores: every wanted byte must be written last by its own element.
  private boolean holds(Geometry geometry, MatrixLayout layout, TileTable tile, int[] places) {
    int rows = geometry.rows();
    int[] owner = new int[bytesWritten / rows + 1];
    int[] loops = Operands.loops(layout);
    int[] index = new int[order.length];
    int[] counts = Arrays.stream(order).map(loop -> loops[loop]).toArray();
    int[] full = new int[loops.length];
    for (int i = 0; i < AffineFit.iterations(counts); i++) {
      for (int k = 0; k < order.length; k++) {
        full[order[k]] = index[k];
      }
      int number = layout.tile(full[0], full[1], full[2]);
      for (int half = 0; half < fit.bases().length; half++) {
        if (fit.bases()[half] != AffineFit.FREE) {
          long base = fit.bases()[half];
          for (int loop = 0; loop < loops.length; loop++) {
            base += full[loop] * fit.strides()[loop];
          }
          int word = (int) (base / rows);
          for (int lane = 0; lane < geometry.outputs(); lane++) {
            boolean own = lane < geometry.columns();
            owner[word + lane] =
                own ? 1 + (number * geometry.halves() + half) * geometry.columns() + lane : 0;
          }
        }
      }
      Loops.advance(index, counts);
    }
    int[] elements = layout.elements();
    for (int place = 0; place < elements.length; place++) {
      int element = elements[place];
      if (element >= 0 && places[element] >= 0) {
        int number = place / tile.size();
        int lane = tile.lane(place % tile.size());
        int expected =
            1
                + (number * geometry.halves() + lane / geometry.columns()) * geometry.columns()
                + lane % geometry.columns();
        if (owner[places[element] / rows] != expected) {
          return false;
        }
      }
    }
    return true;
  }
}
