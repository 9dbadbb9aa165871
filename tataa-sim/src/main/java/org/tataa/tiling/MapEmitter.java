package org.tataa.tiling;

import org.tataa.function.LaneProgram;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.Work;

/** Emits an expression over tiles: load, operate, store, group of vectors by group of vectors. */
final class MapEmitter {
  private final Emission emission;
  private final Geometry geometry;

  MapEmitter(Emission emission) {
    this.emission = emission;
    geometry = emission.geometry;
  }

  /**
   * Emits a nest.
   *
   * @param name name of the result
   * @return where the result is: exchanged if it was read natural, and the other way round, on
   *     machines that exchange
   */
  Stored emit(String name, LaneProgram program, LoadPlan plan) {
    MatrixLayout result =
        emission.layout(
            plan.layout().placement, geometry.exchanges() && !plan.layout().isExchanged);
    Buffer buffer = emission.buffer(name, result.bytes());
    int[] order = plan.loopOrder();
    Body body = new Body();
    TileVectors tile = new TileVectors(geometry, plan, order);
    long[] strides = strides(result, order);
    for (int group = 0; group < tile.groups(); group++) {
      int[] vectors = tile.group(group);
      if (vectors.length == 0) {
        continue;
      }
      int[] values = body.evaluate(program, tile.load(body, vectors, 0));
      store(body, tile, group, vectors, values, new Address(buffer, 0, strides));
    }
    emission.add(
        body.nest(
            work(name, Work.Kind.LANES, program.operations(), plan.layout()),
            plan.iterations(order)));
    return new Stored(buffer, result);
  }

  static Work work(String name, Work.Kind kind, int operations, MatrixLayout layout) {
    long elements =
        (long) layout.placement.groups() * layout.placement.rows() * layout.placement.lanes();
    return new Work(kind, name, 0, elements * operations);
  }

  /** Bytes of each loop from a tile of a layout to the next. */
  long[] strides(MatrixLayout layout, int[] order) {
    long tile = geometry.tileBytes();
    long[] all = {
      tile * layout.rowTiles * layout.laneTiles, tile * layout.rowTiles, tile,
    };
    long[] strides = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      strides[i] = all[order[i]];
    }
    return strides;
  }

  /**
   * Stores the vectors of a group; those nobody wants are filled with the one before them, which
   * has the same rows where halves alternate.
   */
  void store(
      Body body, TileVectors tile, int group, int[] vectors, int[] values, Address tileAddress) {
    int width = geometry.storeVectors();
    if (!geometry.exchanges()) {
      for (int i = 0; i < vectors.length; i++) {
        body.store(
            new int[] {values[i]}, tileAddress.plus((long) vectors[i] * geometry.vectorBytes()));
      }
      return;
    }
    int[] all = new int[width];
    int at = 0;
    for (int i = 0; i < width; i++) {
      boolean next = at + 1 < vectors.length && vectors[at + 1] <= group * width + i;
      at += next ? 1 : 0;
      all[i] = values[at];
    }
    body.store(all, tileAddress.plus((long) group * width * geometry.vectorBytes()));
  }
}
