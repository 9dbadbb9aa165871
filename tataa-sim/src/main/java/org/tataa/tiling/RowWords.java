package org.tataa.tiling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tataa.config.IsaProfile;
import org.tataa.isa.StoreMode;
import org.tataa.tensor.Scale;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.Loops;
import org.tataa.tile.MatMulNest;
import org.tataa.tile.Work;

/**
 * Where blocks of words of lanes go when the array transposes them into words of rows: a product
 * with the identity, whose block is stored transposed.
 *
 * @param fit base of a tile, strides of groups, lane tiles and row tiles, in bytes
 * @param loops groups, lane tiles, row tiles
 * @param bytesWritten end of the last word
 * @param target how bytes lie in words
 */
@SuppressWarnings("ArrayRecordComponent")
record RowWords(AffineFit fit, int[] loops, int bytesWritten, WordTarget target) {
  /**
   * Fits blocks of a layout's tiles to wanted bytes.
   *
   * @param places for each element the byte it must be stored at, -1 if nobody wants it
   * @return null if no regular stores leave every element at its place
   */
  static @Nullable RowWords fit(
      Geometry geometry, MatrixLayout layout, WordTarget target, int[] places) {
    int[] loops = Operands.loops(layout);
    long[][] table = new long[1][layout.tiles()];
    int[] elements = layout.elements();
    TileTable tile = TileTable.of(geometry, layout.order);
    int word = geometry.rows();
    for (int number = 0; number < layout.tiles(); number++) {
      table[0][number] = AffineFit.FREE;
      for (int place = 0; place < tile.size(); place++) {
        int element = elements[number * tile.size() + place];
        if (element < 0 || places[element] < 0) {
          continue;
        }
        long base =
            places[element] - (long) tile.row(place) * word - target.byteOf(tile.lane(place));
        if (base < 0
            || base % word != 0
            || (table[0][number] != AffineFit.FREE && table[0][number] != base)) {
          return null;
        }
        table[0][number] = base;
      }
    }
    AffineFit fit = AffineFit.of(table, loops);
    if (fit == null) {
      return null;
    }
    long end = fit.bases()[0];
    for (int loop = 0; loop < loops.length; loop++) {
      if (fit.strides()[loop] < 0) {
        return null;
      }
      end += (loops[loop] - 1) * fit.strides()[loop];
    }
    end += (long) word * geometry.outputs();
    RowWords words = new RowWords(fit, loops, Math.toIntExact(end), target);
    return words.holds(geometry, layout, tile, places) ? words : null;
  }

  private int[] order() {
    return IntStream.range(0, loops.length)
        .filter(loop -> loops[loop] > 1)
        .boxed()
        .sorted(Comparator.comparingLong((Integer loop) -> -fit.strides()[loop]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  // Whole blocks are written, padding too: what is wanted must be written last by its own tile.
  private boolean holds(Geometry geometry, MatrixLayout layout, TileTable tile, int[] places) {
    int word = geometry.rows();
    int[] owner = new int[bytesWritten / word + 1];
    int[] order = order();
    int[] counts = Arrays.stream(order).map(loop -> loops[loop]).toArray();
    int[] index = new int[order.length];
    int[] full = new int[loops.length];
    for (int i = 0; i < AffineFit.iterations(counts); i++) {
      long base = fit.bases()[0];
      for (int k = 0; k < order.length; k++) {
        full[order[k]] = index[k];
        base += index[k] * fit.strides()[order[k]];
      }
      for (int row = 0; row < geometry.outputs(); row++) {
        owner[(int) (base / word) + row] = 1 + layout.tile(full[0], full[1], full[2]);
      }
      Loops.advance(index, counts);
    }
    int[] elements = layout.elements();
    for (int place = 0; place < elements.length; place++) {
      int element = elements[place];
      if (element >= 0
          && places[element] >= 0
          && owner[places[element] / word] != 1 + place / tile.size()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Emits the products that read words of lanes and write words of rows: one for the lane tiles
   * that are full and, if no block writes over another one, one with fewer words for the rest.
   */
  void emit(
      Emission emission,
      String name,
      LaneWords from,
      Placement placement,
      Buffer source,
      Buffer target) {
    Geometry geometry = emission.geometry;
    int tiles = loops[LoadPlan.LANE_TILES];
    int rest = placement.lanes() - (tiles - 1) * geometry.outputs();
    // Rows nobody reads become 0. Those of weights of attention are divided by their sum, which the
    // published instructions cannot limit.
    boolean mayBeZero =
        placement.rows() % geometry.tileRows() == 0
            || emission.config.profiles().isa() == IsaProfile.EXTENDED;
    int full = rest < geometry.outputs() && mayBeZero ? tiles - 1 : tiles;
    if (full > 0) {
      emit(emission, name, from, source, target, 0, full, geometry.outputs());
    }
    if (full < tiles) {
      emit(emission, name, from, source, target, full, 1, rest);
    }
  }

  private void emit(
      Emission emission,
      String name,
      LaneWords from,
      Buffer source,
      Buffer target,
      int first,
      int tiles,
      int depth) {
    int[] order =
        IntStream.of(order()).filter(loop -> loop != LoadPlan.LANE_TILES || tiles > 1).toArray();
    List<Integer> iterations = new ArrayList<>();
    long[] read = new long[order.length];
    long[] written = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      iterations.add(order[i] == LoadPlan.LANE_TILES ? tiles : loops[order[i]]);
      read[i] = from.fit().strides()[order[i]];
      written[i] = fit.strides()[order[i]];
    }
    Buffer identity = emission.constant("identity", identity(emission.geometry));
    long start = first * from.fit().strides()[LoadPlan.LANE_TILES];
    long end = fit.bases()[0] + first * fit.strides()[LoadPlan.LANE_TILES];
    emission.add(
        new MatMulNest(
            new Work(Work.Kind.CODES, name, 0, 0),
            iterations,
            new Address(identity, 0, new long[order.length]),
            new Address(source, start, read),
            depth,
            1,
            0,
            0,
            StoreMode.ACC_TO_INT8,
            true,
            List.of(Scale.ONE),
            -1,
            new Address(target, end, written)));
  }

  // Word k puts lane k where a transposed store makes it its byte b: it leaves as beat rows - 1 -
  // b.
  private byte[] identity(Geometry geometry) {
    int rows = geometry.rows();
    byte[] words = new byte[rows * geometry.outputs()];
    for (int k = 0; k < geometry.outputs(); k++) {
      int beat = rows - 1 - target.byteOf(k);
      int row = beat / 4 * 4 + 3 - beat % 4;
      words[k * rows + rows - 1 - row] = 1;
    }
    return words;
  }
}
