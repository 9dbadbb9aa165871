package org.tataa.tiling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.LaneOp;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.ReduceOp;
import org.tataa.tensor.Value;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.VectorStep.Operand;
import org.tataa.tile.Work;

/**
 * Emits the second half of reductions of an expression: the chunks of the accumulators are
 * combined, small expressions of the results are evaluated while they are in registers, and the
 * results are written as vectors the tiles of other values can be combined with, chunk by chunk the
 * lanes of their halves.
 */
final class Combination {
  /**
   * An expression of results.
   *
   * @param op the expression
   * @param results for each operand the number of a value: first those of the reductions, then of
   *     the followers
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Follower(MapOp op, int[] results) {}

  private final Emission emission;
  private final Geometry geometry;
  private final Accumulation accumulation;
  private final MatrixLayout layout;

  Combination(Emission emission, Accumulation accumulation, MatrixLayout layout) {
    this.emission = emission;
    geometry = emission.geometry;
    this.accumulation = accumulation;
    this.layout = layout;
  }

  /**
   * Emits the nests.
   *
   * @param sums accumulators of each reduction
   * @param followers expressions, each of results of the reductions and of earlier followers
   * @param wanted which of the values, first those of the reductions, then of the followers, are
   *     stored
   */
  void emit(
      List<ReduceOp> reductions,
      List<Accumulation.Sums> sums,
      List<Follower> followers,
      boolean[] wanted) {
    if (geometry.dmpus() > emission.config.buffers().dmbDepth()) {
      throw new TilingException(
          "dual-mode buffers of "
              + emission.config.buffers().dmbDepth()
              + " words are too small for a reduction; needed are "
              + geometry.dmpus());
    }
    Accumulation.Batches batches = accumulation.batches();
    List<int[]> signatures = signatures();
    // A store writes a vector for every DMPU, so a row of tiles has room for as many behind it.
    long row = (long) batches.count() * batches.width() + geometry.dmpus();
    long region = batches.outer() * row;
    List<Value> values = new ArrayList<>();
    reductions.forEach(reduction -> values.add(reduction.result()));
    followers.forEach(follower -> values.add(follower.op().result()));
    Buffer[] buffers = new Buffer[values.size()];
    for (int i = 0; i < buffers.length; i++) {
      if (wanted[i]) {
        buffers[i] =
            emission.buffer(
                values.get(i).name(), signatures.size() * region * geometry.vectorBytes());
      }
    }
    if (batches.full() > 0) {
      nest(reductions, sums, followers, buffers, signatures, 0, batches.full(), batches.width());
    }
    if (batches.rest() > 0) {
      nest(reductions, sums, followers, buffers, signatures, batches.full(), 1, batches.rest());
    }
    for (int i = 0; i < buffers.length; i++) {
      if (wanted[i]) {
        emission.stored(
            values.get(i), new Stored(buffers[i], table(values.get(i), signatures, row, region)));
      }
    }
  }

  private void nest(
      List<ReduceOp> reductions,
      List<Accumulation.Sums> sums,
      List<Follower> followers,
      Buffer[] buffers,
      List<int[]> signatures,
      int firstBatch,
      int count,
      int width) {
    Accumulation.Batches batches = accumulation.batches();
    Body body = new Body();
    int[][] results = new int[buffers.length][geometry.halves()];
    for (int r = 0; r < reductions.size(); r++) {
      results[r] = reduced(body, reductions.get(r).laneOp(), sums.get(r), firstBatch, width);
    }
    for (int i = 0; i < followers.size(); i++) {
      results[reductions.size() + i] = follow(body, followers.get(i), results);
    }
    long row = (long) batches.count() * batches.width() + geometry.dmpus();
    long vector = geometry.vectorBytes();
    for (int i = 0; i < results.length; i++) {
      for (int s = 0; s < signatures.size() && buffers[i] != null; s++) {
        int[] registers = new int[geometry.dmpus()];
        for (int d = 0; d < registers.length; d++) {
          registers[d] = results[i][signatures.get(s)[d]];
        }
        long first = (long) s * batches.outer() * row + (long) firstBatch * batches.width();
        body.store(
            registers,
            new Address(
                buffers[i], first * vector, new long[] {row * vector, batches.width() * vector}));
      }
    }
    emission.add(
        body.nest(
            new Work(Work.Kind.REDUCTION, reductions.get(0).result().name(), 0, 0),
            List.of(batches.outer(), count)));
  }

  // The register of the result of each half.
  private int[] reduced(Body body, LaneOp op, Accumulation.Sums sums, int firstBatch, int width) {
    long bytes = geometry.chunkBytes();
    long batch = sums.region() * bytes;
    int[] results = new int[geometry.halves()];
    List<List<ReductionParts.Part>> parts = accumulation.parts().parts;
    for (int half = 0; half < parts.size(); half++) {
      Tree tree = new Tree(body, op);
      for (ReductionParts.Part part : parts.get(half)) {
        long chunk = ((long) part.accumulator() * geometry.dmpus() + part.chunk()) * width;
        tree.accept(
            body.load(
                new Address(
                    sums.buffer(),
                    firstBatch * batch + chunk * bytes,
                    new long[] {accumulation.batches().count() * batch, batch})));
      }
      int total = tree.finish();
      results[half] =
          op == LaneOp.ADD
              ? body.operate(
                  LaneOp.ADD, Operand.register(total), Operand.constant(Bfloat16.ZERO), false)
              : total;
    }
    Arrays.fill(results, parts.size(), geometry.halves(), results[0]);
    return results;
  }

  private int[] follow(Body body, Follower follower, int[][] results) {
    int halves = geometry.halves();
    int[][] inputs = new int[halves][follower.op().operands().size()];
    for (int half = 0; half < halves; half++) {
      for (int i = 0; i < inputs[half].length; i++) {
        inputs[half][i] = results[follower.results()[i]][half];
      }
    }
    return body.evaluate(follower.op().program(), inputs);
  }

  // Halves of the chunks of all vectors a tile has, in either order.
  private List<int[]> signatures() {
    Set<String> seen = new LinkedHashSet<>();
    List<int[]> signatures = new ArrayList<>();
    for (int order = 0; order < (geometry.exchanges() ? 2 : 1); order++) {
      TileTable table = TileTable.of(geometry, TileOrder.of(order == 1));
      for (int vector = 0; vector < geometry.tileVectors(); vector++) {
        int[] halves = new int[geometry.dmpus()];
        for (int d = 0; d < halves.length; d++) {
          int place = (vector * geometry.dmpus() + d) * geometry.columns();
          halves[d] = table.lane(place) / geometry.columns();
        }
        if (seen.add(Arrays.toString(halves))) {
          signatures.add(halves);
        }
      }
    }
    return signatures;
  }

  private TableLayout table(Value value, List<int[]> signatures, long row, long region) {
    Accumulation.Batches batches = accumulation.batches();
    Placement placement = layout.placement.sameAxes(value);
    int[] bases = placement.groupBases();
    int[] elements = new int[Math.toIntExact(signatures.size() * region * geometry.lanes())];
    Arrays.fill(elements, -1);
    boolean overLanes = layout.laneTiles > 1;
    for (int s = 0; s < signatures.size(); s++) {
      for (int o = 0; o < batches.outer(); o++) {
        for (int tile = 0; tile < batches.tiles(); tile++) {
          int group = overLanes ? o : tile;
          int laneTile = overLanes ? tile : 0;
          long at = (((long) s * batches.outer() + o) * row + tile) * geometry.lanes();
          for (int i = 0; i < geometry.lanes(); i++) {
            int lane =
                laneTile * geometry.outputs()
                    + signatures.get(s)[i / geometry.columns()] * geometry.columns()
                    + i % geometry.columns();
            if (lane < placement.lanes()) {
              elements[Math.toIntExact(at) + i] = bases[group] + lane * placement.laneStride();
            }
          }
        }
      }
    }
    return new TableLayout("lanes " + placement.laneAxis + " for every vector", elements);
  }
}
