package org.tataa.tiling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.function.LaneProgram;
import org.tataa.tensor.ReduceOp;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.Work;

/**
 * Emits the first half of reductions: an expression over all rows of some lane tiles, its results
 * stored if they are wanted, and accumulated for each reduction.
 *
 * <p>A batch is up to as many lane tiles as there are DMPUs. Their accumulators are stored
 * together, so that afterwards a vector holds one chunk of every tile of the batch.
 */
final class Accumulation {
  /**
   * Accumulators in memory: for accumulator k of batch b, chunk d of tile j is chunk {@code ((b *
   * accumulators + k) * dmpus + d) * width + j}, {@code width} being the tiles of the batch.
   *
   * @param buffer where
   * @param region chunks from a batch to the next
   */
  record Sums(Buffer buffer, long region) {}

  /**
   * Batches of lane tiles.
   *
   * @param outer batches are taken from each of so many rows of tiles
   * @param tiles lane tiles of a row
   * @param width lane tiles of a batch
   */
  record Batches(int outer, int tiles, int width) {
    int full() {
      return tiles / width;
    }

    int rest() {
      return tiles % width;
    }

    /** Batches of a row. */
    int count() {
      return Geometry.parts(tiles, width);
    }

    static Batches of(Geometry geometry, MatrixLayout layout, int dmbDepth, int mostLive) {
      boolean overLanes = layout.laneTiles > 1;
      int tiles = overLanes ? layout.laneTiles : layout.groups();
      int most =
          Math.min(Math.min(tiles, Math.max(1, mostLive)), Math.min(geometry.dmpus(), dmbDepth));
      // As many batches as that takes, of about as many tiles.
      int width = Geometry.parts(tiles, Geometry.parts(tiles, most));
      return new Batches(overLanes ? layout.groups() : 1, tiles, width);
    }
  }

  /** Slots for sums on their way and for operands that all vectors share. */
  private static final int TREE = 8;

  /** Sums of an accumulator that wait for others of their level. */
  private static final int WAITING = 4;

  private final Emission emission;
  private final Geometry geometry;
  private final MapEmitter maps;
  private final LoadPlan plan;
  private final ReductionParts parts;
  private final Batches batches;
  private final int together;

  /**
   * An accumulation.
   *
   * @param program the expression whose results are accumulated
   * @param reductions in how many reductions
   */
  Accumulation(Emission emission, LoadPlan plan, LaneProgram program, int reductions) {
    this.emission = emission;
    geometry = emission.geometry;
    maps = new MapEmitter(emission);
    this.plan = plan;
    parts = new ReductionParts(geometry, plan.layout());
    // Accumulators of a whole batch are live to its end: at most an eighth of the slots for each
    // reduction.
    int slots = 2 * emission.config.buffers().vectorSlots();
    batches =
        Batches.of(
            geometry,
            plan.layout(),
            emission.config.buffers().dmbDepth(),
            slots / 8 / Math.max(1, accumulators()));
    int accumulators = accumulators() * reductions * batches.width();
    together = Math.max(1, (slots - accumulators - TREE) / live(program));
  }

  ReductionParts parts() {
    return parts;
  }

  Batches batches() {
    return batches;
  }

  private int accumulators() {
    return parts.vectors.size();
  }

  /**
   * Emits the nests.
   *
   * @param kept whether the expression's results are stored
   * @param sums filled with the accumulators of each reduction
   * @return where the results are; null if they are not kept
   */
  @Nullable Stored emit(
      String name, LaneProgram program, boolean kept, List<ReduceOp> reductions, List<Sums> sums) {
    MatrixLayout result =
        emission.layout(
            plan.layout().placement, geometry.exchanges() && !plan.layout().isExchanged);
    Buffer values = kept ? emission.buffer(name, result.bytes()) : null;
    long chunks = (long) accumulators() * geometry.dmpus() * batches.width();
    for (ReduceOp reduction : reductions) {
      long size = chunks * batches.outer() * batches.count() + geometry.dmpus();
      sums.add(
          new Sums(
              emission.buffer(reduction.result().name() + "/sums", size * geometry.chunkBytes()),
              chunks));
    }
    if (batches.full() > 0) {
      nest(name, program, values, result, reductions, sums, 0, batches.full(), batches.width());
    }
    if (batches.rest() > 0) {
      nest(name, program, values, result, reductions, sums, batches.full(), 1, batches.rest());
    }
    return values == null ? null : new Stored(values, result);
  }

  private void nest(
      String name,
      LaneProgram program,
      @Nullable Buffer values,
      MatrixLayout result,
      List<ReduceOp> reductions,
      List<Sums> sums,
      int firstBatch,
      int count,
      int width) {
    // Loops: rows of tiles, batches. The loop over tiles is unrolled within a batch: one tile after
    // the other, or row by row where that loads fewer vectors.
    boolean overLanes = plan.layout().laneTiles > 1;
    int outer = overLanes ? 0 : 1;
    int inner = overLanes ? 1 : 0;
    Body body = new Body();
    int[][] accumulated = new int[reductions.size()][accumulators() * width];
    int beside = isSideBySide(inner, width, reductions.size(), program) ? width : 1;
    for (int first = 0; first < width; first += beside) {
      List<Sweep> sweeps = new ArrayList<>();
      for (int j = first; j < Math.min(width, first + beside); j++) {
        int tile = firstBatch * batches.width() + j;
        sweeps.add(new Sweep(body, result, reductions, tile, outer, inner, count));
      }
      for (int rowTile = 0; rowTile < plan.layout().rowTiles; rowTile++) {
        for (int group = 0; group < sweeps.get(0).vectors.groups(); group++) {
          for (Sweep sweep : sweeps) {
            sweep.accept(body, program, values, rowTile, group);
          }
        }
      }
      for (int j = 0; j < sweeps.size(); j++) {
        Tree[][] trees = sweeps.get(j).trees;
        for (int r = 0; r < trees.length; r++) {
          for (int k = 0; k < trees[r].length; k++) {
            accumulated[r][k * width + first + j] = trees[r][k].finish();
          }
        }
      }
      body.forgetLoads();
    }
    for (int r = 0; r < reductions.size(); r++) {
      for (int k = 0; k < accumulators(); k++) {
        int[] registers = Arrays.copyOfRange(accumulated[r], k * width, (k + 1) * width);
        long bytes = geometry.chunkBytes();
        long region = sums.get(r).region() * bytes;
        long within = (long) k * geometry.dmpus() * width * bytes;
        body.store(
            registers,
            new Address(
                sums.get(r).buffer(),
                firstBatch * region + within,
                new long[] {batches.count() * region, region}));
      }
    }
    Work work =
        MapEmitter.work(
            name, Work.Kind.REDUCTION, program.operations() + reductions.size(), plan.layout());
    double share = (double) count * width / batches.tiles();
    emission.add(
        body.nest(
            new Work(work.kind(), name, 0, (long) (work.laneOperations() * share)),
            List.of(batches.outer(), count)));
  }

  // Whether tiles read the same vectors, as they do of what is constant along the lanes, loads take
  // longer than operations, and there are slots for the vectors of a group beside the sums that
  // wait in all tiles; an eighth of them is left, as banks are not filled evenly.
  private boolean isSideBySide(int inner, int width, int reductions, LaneProgram program) {
    int group = geometry.exchanges() ? geometry.dmpus() : geometry.tileVectors();
    List<VectorAccess> loaded =
        plan.accesses().stream().filter(access -> access.changing(2) > 0).toList();
    long shared = loaded.stream().filter(access -> access.changing(inner) == 0).count();
    long sums = (long) WAITING * accumulators() * reductions * width;
    long bytes = (long) loaded.size() * geometry.vectorBytes();
    long operations = (long) program.operations() + reductions;
    return shared > 0
        && bytes > operations * 2 * emission.config.memory().portBytes()
        && shared * group + sums + TREE <= 2L * emission.config.buffers().vectorSlots() * 7 / 8;
  }

  /** One lane tile on its way through all rows. */
  private final class Sweep {
    final TileVectors vectors;
    final Tree[][] trees;
    private final int[][] accumulator;
    private final long start;
    private final long[] strides;

    Sweep(
        Body body,
        MatrixLayout result,
        List<ReduceOp> reductions,
        int tile,
        int outer,
        int inner,
        int count) {
      int[] order = {outer, inner};
      vectors = new TileVectors(geometry, moved(inner, tile, count), order);
      trees = new Tree[reductions.size()][accumulators()];
      for (int r = 0; r < trees.length; r++) {
        for (int k = 0; k < trees[r].length; k++) {
          trees[r][k] = new Tree(body, reductions.get(r).laneOp());
        }
      }
      accumulator = new int[plan.layout().rowTiles][geometry.tileVectors()];
      for (int[] row : accumulator) {
        Arrays.fill(row, -1);
      }
      for (int k = 0; k < accumulators(); k++) {
        for (int[] at : parts.vectors.get(k)) {
          accumulator[at[0]][at[1]] = k;
        }
      }
      strides = maps.strides(result, order);
      start = tile * strides[1];
    }

    void accept(Body body, LaneProgram program, @Nullable Buffer values, int rowTile, int group) {
      int[] wanted = wanted(vectors.group(group), accumulator[rowTile]);
      if (wanted.length == 0) {
        return;
      }
      int[] computed = evaluate(body, program, vectors, wanted, rowTile);
      if (values != null) {
        long at = start + (long) rowTile * geometry.tileBytes();
        maps.store(
            body,
            vectors,
            group,
            wanted,
            computed,
            new Address(values, at, new long[] {strides[0], strides[1] * batches.width()}));
      }
      for (int i = 0; i < wanted.length; i++) {
        for (Tree[] tree : trees) {
          tree[accumulator[rowTile][wanted[i]]].accept(computed[i]);
        }
      }
    }
  }

  // As many vectors at once as there are slots for their operands and intermediate results.
  private int[] evaluate(
      Body body, LaneProgram program, TileVectors vectors, int[] wanted, int rowTile) {
    int[] computed = new int[wanted.length];
    for (int from = 0; from < wanted.length; from += together) {
      int[] some = Arrays.copyOfRange(wanted, from, Math.min(wanted.length, from + together));
      int[] results = body.evaluate(program, vectors.load(body, some, rowTile));
      System.arraycopy(results, 0, computed, from, results.length);
    }
    return computed;
  }

  // Slots a vector needs: an operand and the results that wait for others.
  private static int live(LaneProgram program) {
    int[] last = new int[program.steps().size()];
    for (int i = 0; i < last.length; i++) {
      for (LaneProgram.Value value :
          List.of(program.steps().get(i).first(), program.steps().get(i).second())) {
        if (value.kind() == LaneProgram.Kind.RESULT) {
          last[value.index()] = i;
        }
      }
    }
    int most = 0;
    for (int i = 0; i < last.length; i++) {
      int live = 1;
      for (int k = 0; k < i; k++) {
        live += last[k] >= i ? 1 : 0;
      }
      most = Math.max(most, live);
    }
    return 1 + most;
  }

  private static int[] wanted(int[] vectors, int[] accumulator) {
    return Arrays.stream(vectors).filter(v -> accumulator[v] >= 0).toArray();
  }

  // The plan as seen from a tile, one iteration of the inner loop being a whole batch.
  private LoadPlan moved(int inner, int tile, int count) {
    List<VectorAccess> accesses = new ArrayList<>();
    for (VectorAccess access : plan.accesses()) {
      long[] strides = access.strides().clone();
      strides[inner] *= count == 1 ? 0 : batches.width();
      accesses.add(new VectorAccess(access.buffer(), access.from(inner, tile).bases(), strides));
    }
    return new LoadPlan(plan.layout(), accesses);
  }
}
