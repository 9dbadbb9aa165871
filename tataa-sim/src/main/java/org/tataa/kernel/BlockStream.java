package org.tataa.kernel;

import java.util.ArrayList;
import java.util.List;
import org.tataa.config.TataaConfig;
import org.tataa.isa.ProgramBuilder;
import org.tataa.isa.StoreMode;

/**
 * Emits a sequence of int8 blocks: K split into tiles, loads of the next tile overlapping the
 * running MATMUL, a tile that is already resident not loaded again, one STORE per block.
 *
 * <pre>
 *  MATMUL i | LOAD i+1 (other tiles) | STORE i (waits for the drain) | MATMUL i+1 ...
 * </pre>
 */
public final class BlockStream {
  /**
   * One result block.
   *
   * @param xAddress X words, contiguous
   * @param yAddress Y words, contiguous
   * @param depth K, any positive number
   * @param mode conversion of the sums: ACC_TO_INT8 or ACC_TO_BF16
   * @param transpose whether the block is transposed (int8 only)
   * @param scale requantiser scale
   * @param target address of the result
   */
  public record Block(
      long xAddress,
      long yAddress,
      int depth,
      StoreMode mode,
      boolean transpose,
      Scale scale,
      long target) {}

  private record Chunk(Block block, int from, int depth) {
    boolean isFirst() {
      return from == 0;
    }

    boolean isLast() {
      return from + depth == block.depth();
    }
  }

  private static final class Tile {
    private long address = -1;
    private int depth;

    boolean holds(long otherAddress, int otherDepth) {
      return address == otherAddress && depth == otherDepth;
    }
  }

  private final TataaConfig config;
  private final ProgramBuilder program;
  private final List<Chunk> chunks = new ArrayList<>();
  private final Tile[] tilesX = {new Tile(), new Tile()};
  private final Tile[] tilesY = {new Tile(), new Tile()};

  /** A stream that appends to a program. */
  public BlockStream(TataaConfig config, ProgramBuilder program) {
    this.config = config;
    this.program = program;
  }

  /** Queues a block. Its depth is cut evenly, so that no short product waits for a long load. */
  public void add(Block block) {
    int part = partDepth(config, block.depth());
    for (int from = 0; from < block.depth(); from += part) {
      chunks.add(new Chunk(block, from, Math.min(part, block.depth() - from)));
    }
  }

  /**
   * Depth of the products a block is cut into.
   *
   * @param depth K of the block
   */
  public static int partDepth(TataaConfig config, int depth) {
    int parts = (depth + config.buffers().tileDepth() - 1) / config.buffers().tileDepth();
    return (depth + parts - 1) / parts;
  }

  /** Emits all queued blocks. */
  public void emit() {
    int[] x = new int[chunks.size()];
    int[] y = new int[chunks.size()];
    Scale scale = null;
    for (int i = 0; i < chunks.size(); i++) {
      if (i == 0) {
        load(0, x, y);
      }
      Chunk chunk = chunks.get(i);
      program.matmul(x[i], y[i], chunk.depth(), chunk.isFirst(), chunk.isLast());
      if (i + 1 < chunks.size()) {
        load(i + 1, x, y);
      }
      if (chunk.isLast()) {
        Block block = chunk.block();
        if (!block.scale().equals(scale)) {
          scale = block.scale();
          program.configScale(scale.mantissa(), scale.rightShift());
        }
        store(block);
      }
    }
    chunks.clear();
  }

  private void load(int i, int[] x, int[] y) {
    Chunk chunk = chunks.get(i);
    int wordX = config.geometry().rows();
    int wordY = config.geometry().outputs();
    long addressX = chunk.block().xAddress() + (long) chunk.from() * wordX;
    long addressY = chunk.block().yAddress() + (long) chunk.from() * wordY;
    x[i] = choose(tilesX, addressX, chunk.depth(), i == 0 ? 1 : x[i - 1]);
    if (!tilesX[x[i]].holds(addressX, chunk.depth())) {
      fill(tilesX[x[i]], addressX, chunk.depth());
      program.loadMX(x[i], chunk.depth(), addressX, wordX * chunk.depth());
    }
    y[i] = choose(tilesY, addressY, chunk.depth(), i == 0 ? 1 : y[i - 1]);
    if (!tilesY[y[i]].holds(addressY, chunk.depth())) {
      fill(tilesY[y[i]], addressY, chunk.depth());
      program.loadMY(y[i], chunk.depth(), addressY, wordY * chunk.depth());
    }
  }

  // A tile that already holds the words, or the one the running MATMUL does not use.
  private static int choose(Tile[] tiles, long address, int depth, int inUse) {
    for (int tile = 0; tile < tiles.length; tile++) {
      if (tiles[tile].holds(address, depth)) {
        return tile;
      }
    }
    return 1 - inUse;
  }

  private static void fill(Tile tile, long address, int depth) {
    tile.address = address;
    tile.depth = depth;
  }

  private void store(Block block) {
    int words = config.geometry().rows();
    int bytes =
        words * config.geometry().outputs() * (block.mode() == StoreMode.ACC_TO_BF16 ? 2 : 1);
    program.store(block.mode(), block.transpose(), words, block.target(), bytes);
  }
}
