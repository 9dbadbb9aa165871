package org.tataa.job;

import org.tataa.config.TataaConfig;
import org.tataa.kernel.Arena;
import org.tataa.kernel.Layouts;

/**
 * Where one core keeps its share of an attention layer, and in which order tokens and features lie
 * so that every step finds its operands as the step before left them.
 *
 * <p>Queries are Y words {@code [feature][token]}. Keys are X words {@code [feature][token]}; their
 * array rows count tokens backwards, so the keys are projected with the tokens in {@link #keyOrder}
 * and scores come out in natural order. Values are projected with their features in {@link
 * Layouts#rowOfBeat} order and stored transposed: X words {@code [token][feature]}.
 */
final class AttentionLayout {
  /** Addresses of one head. Blocks of tokens follow each other. */
  static final class HeadAddresses {
    final long queryWeights;
    final long keyWeights;
    final long valueWeights;
    final long query;
    final long key;
    final long value;
    final long scores;
    final long probabilities;
    final long contextSums;
    final long channelFactors;
    final long context;

    private HeadAddresses(Arena arena, int blocks, long weightBytes, int block) {
      queryWeights = arena.take("query weights", weightBytes);
      keyWeights = arena.take("key weights", weightBytes);
      valueWeights = arena.take("value weights", weightBytes);
      query = arena.take("queries", (long) blocks * block);
      key = arena.take("keys", (long) blocks * block);
      value = arena.take("values", (long) blocks * block);
      scores = arena.take("scores", 2L * blocks * blocks * block);
      probabilities = arena.take("probabilities", 2L * blocks * blocks * block);
      contextSums = arena.take("context sums", 4L * blocks * block);
      channelFactors = arena.take("channel factors", 2L * block);
      context = arena.take("context", 4L * blocks * block);
    }
  }

  final int block;
  final int blocks;
  final long activations;
  final long keyActivations;
  final long mask;
  final long scratch;
  final long exchange;
  final HeadAddresses[] heads;

  /**
   * Lays out one core.
   *
   * @param depth words of a projection, bias included
   */
  AttentionLayout(TataaConfig config, int tokens, int depth, int headCount) {
    Arena arena = new Arena(config);
    int rows = config.geometry().rows();
    block = rows * rows;
    blocks = Layouts.parts(tokens, rows);
    long weightBytes = (long) depth * rows;
    activations = arena.take("activations", blocks * weightBytes);
    keyActivations = arena.take("activations in key order", blocks * weightBytes);
    mask = arena.take("mask", 2L * block);
    scratch = arena.take("exponentials", 2L * blocks * block);
    exchange =
        arena.take(
            "reciprocals", (long) config.geometry().dmpus() * config.geometry().vectorBytes());
    heads = new HeadAddresses[headCount];
    for (int head = 0; head < headCount; head++) {
      heads[head] = new HeadAddresses(arena, blocks, weightBytes, block);
    }
  }

  /** Token that stands in column {@code column} of a block when keys are projected. */
  static int keyOrder(int rows, int column) {
    return rows - 1 - Layouts.rowOfBeat(column);
  }
}
