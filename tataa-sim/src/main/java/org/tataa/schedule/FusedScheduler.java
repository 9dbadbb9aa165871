package org.tataa.schedule;

import org.tataa.config.TataaConfig;
import org.tataa.isa.LoadM;
import org.tataa.isa.MatMul;
import org.tataa.tensor.Scale;
import org.tataa.tile.FusedNest;
import org.tataa.tile.Loops;
import org.tataa.tile.VectorNest;

/**
 * Emits the instructions of fused nests: the products of a group of blocks, a STORE of the sums of
 * each into vector slots behind it, then the vector work of the group. The operands of the next
 * group are loaded while the vector work runs: X as soon as its own loads are under way, of Y what
 * vectors have overwritten once they are dead.
 */
final class FusedScheduler {
  private static final long NOTHING = -1;

  private final TataaConfig config;
  private final MemoryPlan memory;
  private final Instructions out;
  private final ProductClock products;
  private final VectorScheduler vectors;
  private long predicted;

  FusedScheduler(TataaConfig config, MemoryPlan memory, Instructions out, VectorPlans plans) {
    this.config = config;
    this.memory = memory;
    this.out = out;
    products = new ProductClock(config);
    vectors = new VectorScheduler(config, memory, out, plans);
  }

  /** Cycles what was emitted takes by rough clocks. */
  long predictedCycles() {
    return predicted;
  }

  /** Emits a nest; if not, its registers do not fit beside the sums, and nothing was emitted. */
  boolean emit(FusedNest nest) {
    int start = out.size();
    long before = products.end() + vectors.predictedCycles();
    if (new Emission(nest).emit()) {
      predicted += products.end() + vectors.predictedCycles() - before;
      return true;
    }
    out.truncate(start);
    return false;
  }

  private final class Emission {
    private final FusedNest nest;
    private final int[] loops;
    private final int blocks;
    private final int depth;
    private final int slotsPerBlock = FusedNest.vectors(config);

    /** The Y tile whose storage is not that of the sums. */
    private final int tileY;

    private final long[] heldX = {NOTHING, NOTHING};
    private int tileX = 1;
    private long heldY = NOTHING;
    private boolean isOverwritten;

    Emission(FusedNest nest) {
      this.nest = nest;
      loops = nest.lanes().loops().stream().mapToInt(Integer::intValue).toArray();
      blocks = Math.toIntExact(nest.lanes().iterations());
      depth = nest.products().depth();
      tileY = 1 - nest.bank().ordinal();
    }

    boolean emit() {
      loadX(0);
      loadY(0);
      int row = loops[loops.length - 1];
      int groups = (row + nest.group() - 1) / nest.group();
      for (int first = 0; first < blocks; first += row) {
        int from = 0;
        for (int group = 0; group < groups; group++) {
          int count = row / groups + (group < row % groups ? 1 : 0);
          multiply(first + from, count);
          if (!compute(first + from, count)) {
            return false;
          }
          from += count;
        }
      }
      return true;
    }

    private void multiply(int first, int count) {
      for (int i = 0; i < count; i++) {
        int tile = tileX;
        out.add(new MatMul(tile, tileY, depth, true, true));
        products.multiply(tile, tileY, depth, true);
        if (i + 1 < count) {
          loadX(first + i + 1);
          loadY(first + i + 1);
        }
        Scale scale = nest.products().scale(Loops.index(loops, first + i));
        out.forward(scale, nest.bank(), i * slotsPerBlock, config.geometry().rows());
      }
    }

    // The iterations of a group; false if their registers do not fit.
    private boolean compute(int first, int count) {
      long sums = memory.address(nest.sums());
      Context slots = new Context(sums, sums + nest.sums().bytes(), first + count);
      for (int i = 0; i < count; i++) {
        long block = sums + Loops.at(nest.products().target(), loops, first + i);
        for (int vector = 0; vector < slotsPerBlock; vector++) {
          slots
              .bank(nest.bank().ordinal())
              .hold(
                  i * slotsPerBlock + vector,
                  block + (long) vector * config.geometry().vectorBytes());
        }
      }
      VectorNest group = FusiblePair.part(nest.lanes(), loops, first, count);
      return vectors.emit(group, new SumsBank(nest.sums(), nest.bank()), slots);
    }

    private void loadX(int block) {
      long address =
          memory.address(nest.products().x().buffer())
              + Loops.at(nest.products().x(), loops, block);
      if (heldX[tileX] == address) {
        return;
      }
      tileX = 1 - tileX;
      if (heldX[tileX] != address) {
        heldX[tileX] = address;
        out.add(LoadM.x(tileX, depth, address, config.geometry().rows()));
        products.load(true, tileX, (long) depth * config.geometry().rows());
      }
    }

    private void loadY(int block) {
      long address =
          memory.address(nest.products().y().buffer())
              + Loops.at(nest.products().y(), loops, block);
      if (heldY == address && !isOverwritten) {
        return;
      }
      int words = heldY == address ? Math.min(depth, config.buffers().vectorSlots()) : depth;
      heldY = address;
      isOverwritten = false;
      out.add(LoadM.y(tileY, words, address, config.geometry().outputs()));
      products.load(false, tileY, (long) words * config.geometry().outputs());
    }

    /** What is emitted while the vector work of a group is. */
    private final class Context extends NestContext {
      private final int next;

      Context(long sumsFrom, long sumsEnd, int next) {
        super(config, sumsFrom, sumsEnd);
        this.next = next;
      }

      @Override
      void afterLoads() {
        if (isLast() && next < blocks) {
          loadX(next);
        }
      }

      @Override
      void afterOperations() {
        isOverwritten = true;
        if (isLast() && next < blocks) {
          loadX(next);
          loadY(next);
        }
      }
    }
  }
}
