package org.tataa.tile;

import java.util.List;
import java.util.function.UnaryOperator;
import org.tataa.config.TataaConfig;
import org.tataa.isa.LoadM;
import org.tataa.isa.StoreMode;
import org.tataa.tensor.Scale;

/**
 * Loops around one matrix product on the array: in every iteration {@code depth * segments} words
 * of X and of Y are multiplied onto cleared sums, and the block of {@code rows x outputs} sums is
 * stored.
 *
 * @param work what it is for
 * @param loops iterations of each loop, outermost first; none for a single block
 * @param x first X word (one byte per row) of the first segment
 * @param y first Y word (one byte per output) of the first segment
 * @param depth words of a segment, one after the other in memory; may exceed a tile's depth
 * @param segments how many segments are accumulated
 * @param xSegment bytes from an X segment to the next
 * @param ySegment bytes from a Y segment to the next
 * @param mode ACC_TO_INT8 or ACC_TO_BF16
 * @param transpose whether the int8 block is stored transposed; square arrays only
 * @param scales one scale, or one per iteration of loop {@code scaleLoop}
 * @param scaleLoop loop whose index picks the scale, or -1
 * @param target where the block is stored
 */
public record MatMulNest(
    Work work,
    List<Integer> loops,
    Address x,
    Address y,
    int depth,
    int segments,
    long xSegment,
    long ySegment,
    StoreMode mode,
    boolean transpose,
    List<Scale> scales,
    int scaleLoop,
    Address target)
    implements TileStep {
  /** Takes copies. */
  public MatMulNest {
    loops = List.copyOf(loops);
    scales = List.copyOf(scales);
  }

  /** Blocks it computes. */
  public long blocks() {
    return loops.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
  }

  /** Most words of one product on a machine: what a tile holds, and one load can say. */
  public static int deepest(TataaConfig config) {
    int word = Math.max(config.geometry().rows(), config.geometry().outputs());
    return Math.min(config.buffers().tileDepth(), LoadM.MAX_BYTES / word);
  }

  /** The scale of an iteration. */
  public Scale scale(int[] index) {
    return scales.get(scaleLoop < 0 ? 0 : index[scaleLoop]);
  }

  /**
   * The same products in other loops.
   *
   * @param newScaleLoop loop whose index picks one of the scales, or -1
   * @param change where X, Y and the target are then, asked in this order
   */
  public MatMulNest moved(
      List<Integer> newLoops,
      List<Scale> newScales,
      int newScaleLoop,
      UnaryOperator<Address> change) {
    Address newX = change.apply(x);
    Address newY = change.apply(y);
    return new MatMulNest(
        work,
        newLoops,
        newX,
        newY,
        depth,
        segments,
        xSegment,
        ySegment,
        mode,
        transpose,
        newScales,
        newScaleLoop,
        change.apply(target));
  }
}
