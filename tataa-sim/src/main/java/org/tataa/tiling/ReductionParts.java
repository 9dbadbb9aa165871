package org.tataa.tiling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tataa.tensor.ReductionOrder;

/**
 * How the rows of a matrix are reduced: vector by vector into a few accumulators, chunk d of which
 * holds a share of the rows, and then chunk by chunk.
 *
 * <p>Vectors whose chunks belong to the same halves share an accumulator. A vector in which some
 * chunks are padding has one of its own, whose padded chunks are never used, so that padding needs
 * no mask.
 */
final class ReductionParts {
  /**
   * A share of the rows, the same for every half.
   *
   * @param accumulator number of the accumulator
   * @param chunk chunk of it
   * @param rows rows it holds, in order
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Part(int accumulator, int chunk, int[] rows) {}

  /** Row tile and vector, in the order in which they are read, by accumulator. */
  final List<List<int[]>> vectors = new ArrayList<>();

  /** Parts by half that has lanes, in the order in which they are combined. */
  final List<List<Part>> parts = new ArrayList<>();

  ReductionParts(Geometry geometry, MatrixLayout layout) {
    TileTable table = TileTable.of(geometry, layout.order);
    int rows = layout.placement.rows();
    int c = geometry.columns();
    // With few lanes the chunks of the upper half hold nothing.
    int halves = Math.min(geometry.halves(), Geometry.parts(layout.placement.lanes(), c));
    int d = geometry.dmpus();
    Map<String, Integer> whole = new LinkedHashMap<>();
    List<List<List<Integer>>> held = new ArrayList<>();
    List<int[]> halfOf = new ArrayList<>();
    for (int rowTile = 0; rowTile < layout.rowTiles; rowTile++) {
      for (int vector = 0; vector < geometry.tileVectors(); vector++) {
        int[] half = new int[d];
        int[] row = new int[d];
        int valid = 0;
        int wanted = 0;
        for (int chunk = 0; chunk < d; chunk++) {
          int place = (vector * d + chunk) * c;
          half[chunk] = table.lane(place) / c;
          row[chunk] = rowTile * geometry.tileRows() + table.row(place);
          wanted += half[chunk] < halves ? 1 : 0;
          valid += half[chunk] < halves && row[chunk] < rows ? 1 : 0;
        }
        if (valid == 0) {
          continue;
        }
        Integer number = valid == wanted ? whole.get(Arrays.toString(half)) : null;
        if (number == null) {
          number = vectors.size();
          vectors.add(new ArrayList<>());
          List<List<Integer>> chunks = new ArrayList<>();
          for (int chunk = 0; chunk < d; chunk++) {
            chunks.add(new ArrayList<>());
          }
          held.add(chunks);
          halfOf.add(half);
          if (valid == wanted) {
            whole.put(Arrays.toString(half), number);
          }
        }
        vectors.get(number).add(new int[] {rowTile, vector});
        for (int chunk = 0; chunk < d; chunk++) {
          if (half[chunk] < halves && row[chunk] < rows) {
            held.get(number).get(chunk).add(row[chunk]);
          }
        }
      }
    }
    collect(halves, held, halfOf);
  }

  private void collect(int halves, List<List<List<Integer>>> held, List<int[]> halfOf) {
    for (int half = 0; half < halves; half++) {
      List<Part> list = new ArrayList<>();
      for (int number = 0; number < held.size(); number++) {
        for (int chunk = 0; chunk < held.get(number).size(); chunk++) {
          List<Integer> rows = held.get(number).get(chunk);
          if (halfOf.get(number)[chunk] == half && !rows.isEmpty()) {
            list.add(new Part(number, chunk, rows.stream().mapToInt(Integer::intValue).toArray()));
          }
        }
      }
      list.sort(Comparator.comparingInt(part -> part.rows()[0]));
      parts.add(list);
      if (!Arrays.deepEquals(rows(list), rows(parts.get(0)))) {
        throw new TilingException(
            "the halves of a vector of "
                + halfOf.get(0).length
                + " DMPUs hold different rows; expected one output per column or an even number of"
                + " DMPUs");
      }
    }
  }

  private static int[][] rows(List<Part> list) {
    return list.stream().map(Part::rows).toArray(int[][]::new);
  }

  /** The order in which rows are combined. */
  ReductionOrder order() {
    return new ReductionOrder(rows(parts.get(0)));
  }
}
