package org.tataa.tile;

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

  /** Whether it is as the verifier asks, beside what it asks of its nests. */
  public boolean isWellFormed(TataaConfig config) {
    boolean[] isWrong = new boolean[1];
    new FusedRules(config, problem -> isWrong[0] = true).check(this);
    return !isWrong[0];
  }
}
