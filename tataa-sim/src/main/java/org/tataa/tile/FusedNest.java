package org.tataa.tile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Bank;
import org.tataa.isa.StoreMode;

/**
 * Products whose sums go to vector slots, and the vector work that reads them there: on a machine
 * with a result path the sums of a few blocks are put into the slots of a bank, the iterations that
 * read them follow, then the next blocks. The buffer of the sums is written by the products and
 * read by the vector work alone, and on no machine: it names their places.
 *
 * @param work what both are for
 * @param products stores bfloat16 sums; not transposed, one segment
 * @param lanes the same loops; an iteration reads the block of sums of the same iteration
 * @param bank where the sums are; Y words are in the tile that shares the storage of the other one
 * @param group most blocks of sums in slots at a time, all of the innermost loop
 */
public record FusedNest(Work work, MatMulNest products, VectorNest lanes, Bank bank, int group)
    implements TileStep {
  /** The buffer that is not written. */
  public Buffer sums() {
    return products.target().buffer();
  }

  /** Vectors of a block of sums on a machine. */
  public static int vectors(TataaConfig config) {
    return config.geometry().rows()
        * StoreMode.ACC_TO_BF16.wordBytes(config.geometry())
        / config.geometry().vectorBytes();
  }

  /** Whether an address is that of a vector of the block stored in the same iteration. */
  public static boolean isOfBlock(TataaConfig config, Address block, Address vector) {
    long offset = vector.base() - block.base();
    int bytes = config.geometry().vectorBytes();
    return offset >= 0
        && offset % bytes == 0
        && offset < (long) vectors(config) * bytes
        && Arrays.equals(block.strides(), vector.strides());
  }

  /** Whether every iteration of some loops has a block of sums of its own. */
  public static boolean areApart(TataaConfig config, Address block, List<Integer> loops) {
    List<Integer> order = new ArrayList<>();
    for (int loop = 0; loop < loops.size(); loop++) {
      if (loops.get(loop) > 1) {
        order.add(loop);
      }
    }
    order.sort(Comparator.comparingLong(loop -> Math.abs(block.strides()[loop])));
    long extent = (long) vectors(config) * config.geometry().vectorBytes();
    for (int loop : order) {
      long stride = Math.abs(block.strides()[loop]);
      if (stride < extent) {
        return false;
      }
      extent += stride * (loops.get(loop) - 1);
    }
    return true;
  }
}
