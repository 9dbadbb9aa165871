package org.tataa.schedule;

import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.isa.LoadM;
import org.tataa.isa.MatMul;
import org.tataa.tile.Loops;
import org.tataa.tile.MatMulNest;

/**
 * Emits the instructions of a product nest: depth cut into tiles, the operands of the next product
 * loaded while one runs, a tile that holds what is wanted not loaded again, a STORE behind each
 * block.
 */
final class MatMulScheduler {
  private static final class Tile {
    long address = -1;
    int depth;

    boolean holds(long wanted, int words) {
      return address == wanted && depth == words;
    }
  }

  // One MATMUL: where its words are, and whether it starts and ends a block.
  @SuppressWarnings("ArrayRecordComponent")
  private record Part(long x, long y, int depth, boolean isFirst, boolean isLast, int[] index) {}

  private final TataaConfig config;
  private final MemoryPlan memory;
  private final Instructions out;
  private final ProductClock clock;
  private final Tile[] tilesX = {new Tile(), new Tile()};
  private final Tile[] tilesY = {new Tile(), new Tile()};

  MatMulScheduler(TataaConfig config, MemoryPlan memory, Instructions out) {
    this.config = config;
    this.memory = memory;
    this.out = out;
    clock = new ProductClock(config);
  }

  /** Cycles what was emitted takes by a rough clock. */
  long predictedCycles() {
    return clock.end();
  }

  void emit(MatMulNest nest) {
    for (int i = 0; i < 2; i++) {
      tilesX[i].address = -1;
      tilesY[i].address = -1;
    }
    Parts parts = new Parts(nest);
    Part part = parts.next();
    int x = 1;
    int y = 1;
    if (part != null) {
      x = load(tilesX, part.x(), part.depth(), x, true);
      y = load(tilesY, part.y(), part.depth(), y, false);
    }
    while (part != null) {
      out.add(new MatMul(x, y, part.depth(), part.isFirst(), part.isLast()));
      clock.multiply(x, y, part.depth(), part.isLast());
      Part next = parts.next();
      if (next != null) {
        x = load(tilesX, next.x(), next.depth(), x, true);
        y = load(tilesY, next.y(), next.depth(), y, false);
      }
      if (part.isLast()) {
        out.store(
            nest.mode(),
            nest.scale(part.index()),
            nest.transpose(),
            config.geometry().rows(),
            memory.address(nest.target().buffer()) + nest.target().at(part.index()));
        clock.store((long) config.geometry().rows() * nest.mode().wordBytes(config.geometry()));
      }
      part = next;
    }
  }

  // A tile that already holds the words, or the one the running MATMUL does not use.
  private int load(Tile[] tiles, long address, int depth, int inUse, boolean isX) {
    for (int tile = 0; tile < tiles.length; tile++) {
      if (tiles[tile].holds(address, depth)) {
        return tile;
      }
    }
    int tile = 1 - inUse;
    tiles[tile].address = address;
    tiles[tile].depth = depth;
    int word = isX ? config.geometry().rows() : config.geometry().outputs();
    clock.load(isX, tile, (long) depth * word);
    out.add(
        isX
            ? LoadM.x(tile, depth, address, config.geometry().rows())
            : LoadM.y(tile, depth, address, config.geometry().outputs()));
    return tile;
  }

  /** The products of a nest one after the other. */
  private final class Parts {
    private final MatMulNest nest;
    private final int[] loops;
    private final int each;
    private int[] index;
    private long left;
    private int segment;
    private int from;

    Parts(MatMulNest nest) {
      this.nest = nest;
      loops = nest.loops().stream().mapToInt(Integer::intValue).toArray();
      index = new int[loops.length];
      left = nest.blocks();
      int deepest = MatMulNest.deepest(config);
      int tiles = (nest.depth() + deepest - 1) / deepest;
      each = (nest.depth() + tiles - 1) / tiles;
    }

    @Nullable Part next() {
      if (left == 0) {
        return null;
      }
      int depth = Math.min(each, nest.depth() - from);
      long x = memory.address(nest.x().buffer()) + nest.x().at(index);
      long y = memory.address(nest.y().buffer()) + nest.y().at(index);
      boolean isLast = segment == nest.segments() - 1 && from + depth == nest.depth();
      Part part =
          new Part(
              x + segment * nest.xSegment() + (long) from * config.geometry().rows(),
              y + segment * nest.ySegment() + (long) from * config.geometry().outputs(),
              depth,
              segment == 0 && from == 0,
              isLast,
              index);
      from += depth;
      if (from == nest.depth()) {
        from = 0;
        segment++;
      }
      if (isLast) {
        segment = 0;
        left--;
        index = index.clone();
        Loops.advance(index, loops);
      }
      return part;
    }
  }
}
