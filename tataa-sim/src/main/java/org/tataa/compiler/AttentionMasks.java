package org.tataa.compiler;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.NdTensor;
import org.tataa.kernel.BlockForm;
import org.tataa.kernel.Layouts;
import org.tataa.numeric.Bfloat16;

/**
 * Masks and biases of an attention as the machine reads them. A score that is added at least 60
 * less than the largest addend of its row is masked: its exponential is multiplied by zero. What
 * remains, relative to the largest addend of the row (which SoftMax does not see), is a bias.
 */
final class AttentionMasks {
  /**
   * The mask of a block of queries.
   *
   * @param address first vector, or -1 for none
   * @param from first key block with masked scores
   */
  record Tile(long address, int from) {
    static final Tile NONE = new Tile(-1, 0);
  }

  private static final double MASKED = 60;

  private final Attention attention;
  private final int queryBlocks;
  private final int keyBlocks;
  private final boolean isKnown;
  private final float @Nullable [] addends;
  private final int[] used;
  private final Tile[] tiles;
  private final long[] biases;
  private boolean hasBias;

  private AttentionMasks(Attention attention, boolean isKnown, float @Nullable [] addends) {
    this.attention = attention;
    this.isKnown = isKnown;
    this.addends = addends;
    queryBlocks = Matrix.blocks(attention.queries);
    keyBlocks = Matrix.blocks(attention.keys);
    int pairs = attention.groups * attention.heads * queryBlocks;
    used = new int[pairs];
    Arrays.fill(used, keyBlocks);
    tiles = new Tile[pairs];
    Arrays.fill(tiles, Tile.NONE);
    biases = new long[pairs];
  }

  /** The masks of an attention; those the host computes at run time are filled in later. */
  static AttentionMasks of(Attention attention, Plan plan) {
    boolean known =
        attention.masks.stream().allMatch(mask -> plan.graph.constant(mask.value()) != null);
    float[] addends = null;
    if (known && !attention.masks.isEmpty()) {
      Map<String, NdTensor> values = new HashMap<>();
      for (Attention.Mask mask : attention.masks) {
        NdTensor constant = plan.graph.constant(mask.value());
        if (constant != null) {
          values.put(mask.value(), constant);
        }
      }
      addends = addends(attention, values);
    }
    return new AttentionMasks(attention, known, addends);
  }

  /** Whether the host has to fill in masks for every run. */
  boolean isRuntime() {
    return !isKnown;
  }

  // Of every score, relative to the largest of its row.
  private static float[] addends(Attention attention, Map<String, NdTensor> values) {
    int size = attention.groups * attention.heads * attention.queries * attention.keys;
    float[] sum = new float[size];
    for (Attention.Mask mask : attention.masks) {
      NdTensor value = values.get(mask.value());
      if (value == null) {
        throw new IllegalStateException("mask " + mask.value() + " has no value");
      }
      NdTensor wide = Hosts.broadcast(value, mask.shape());
      for (int i = 0; i < size; i++) {
        double v = wide.at(i);
        Boolean masksWhere = mask.masksWhere();
        if (masksWhere == null) {
          sum[i] += (float) Math.max(-1e30, v * mask.factor());
        } else if ((v != 0) == masksWhere) {
          sum[i] = -1e30f;
        }
      }
    }
    for (int row = 0; row < size; row += attention.keys) {
      makeRelative(sum, row, row + attention.keys);
    }
    return sum;
  }

  private static void makeRelative(float[] row, int from, int to) {
    float maximum = Float.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      maximum = Math.max(maximum, row[i]);
    }
    for (int i = from; i < to; i++) {
      row[i] -= maximum;
    }
  }

  private int pair(int group, int head, int queryBlock) {
    return (group * attention.heads + head) * queryBlocks + queryBlock;
  }

  /** Key blocks that have unmasked scores, or lie before one that has. */
  int keyBlocks(int group, int head, int queryBlock) {
    return used[pair(group, head, queryBlock)];
  }

  Tile tile(int group, int head, int queryBlock) {
    return tiles[pair(group, head, queryBlock)];
  }

  boolean hasBias() {
    return hasBias;
  }

  long bias(int group, int head, int queryBlock) {
    return biases[pair(group, head, queryBlock)];
  }

  /** Finds room for the masks and writes those that are known. */
  void place(ToLongFunction<byte[]> room) {
    Map<String, Long> known = new HashMap<>();
    for (int group = 0; group < attention.groups; group++) {
      for (int head = 0; head < attention.heads; head++) {
        for (int block = 0; block < queryBlocks; block++) {
          int pair = pair(group, head, block);
          Block content = content(addends, group, head, block);
          if (!isKnown) {
            long address = room.applyAsLong(new byte[keyBlocks * BlockForm.BYTES]);
            tiles[pair] = new Tile(address, 0);
            continue;
          }
          used[pair] = content.used;
          if (content.from < content.used) {
            byte[] mask =
                Arrays.copyOfRange(
                    content.mask, content.from * BlockForm.BYTES, content.used * BlockForm.BYTES);
            long address =
                known.computeIfAbsent(Arrays.toString(mask), key -> room.applyAsLong(mask));
            tiles[pair] = new Tile(address, content.from);
          }
          if (content.hasBias) {
            hasBias = true;
          }
        }
      }
    }
    for (int group = 0; group < attention.groups && hasBias; group++) {
      for (int head = 0; head < attention.heads; head++) {
        for (int block = 0; block < queryBlocks; block++) {
          byte[] bias = content(addends, group, head, block).bias;
          biases[pair(group, head, block)] =
              known.computeIfAbsent("bias" + Arrays.toString(bias), key -> room.applyAsLong(bias));
        }
      }
    }
  }

  /** Masks for one run. */
  interface Writer {
    /** Writes bytes of memory. */
    void write(long address, byte[] bytes);
  }

  /**
   * Writes the masks of a run.
   *
   * @throws IllegalArgumentException if they are biases
   */
  void fill(Map<String, NdTensor> values, Writer writer) {
    float[] current = addends(attention, values);
    for (int group = 0; group < attention.groups; group++) {
      for (int head = 0; head < attention.heads; head++) {
        for (int block = 0; block < queryBlocks; block++) {
          Block content = content(current, group, head, block);
          if (content.hasBias) {
            throw new IllegalArgumentException(
                attention.name
                    + ": a mask that depends on the inputs must keep or hide scores; this one"
                    + " shifts them");
          }
          writer.write(tiles[pair(group, head, block)].address(), content.mask);
        }
      }
    }
  }

  private static final class Block {
    byte[] mask = {};
    byte[] bias = {};
    int used;
    int from;
    boolean hasBias;
  }

  private Block content(float @Nullable [] values, int group, int head, int queryBlock) {
    Block block = new Block();
    int[] mask = new int[keyBlocks * BlockForm.BYTES / 2];
    int[] bias = new int[mask.length];
    block.from = keyBlocks;
    for (int i = 0; i < mask.length; i++) {
      int keyBlock = i / (BlockForm.BYTES / 2);
      int position = i % (BlockForm.BYTES / 2);
      int query = queryBlock * BlockForm.SIZE + BlockForm.FEATURES.token(position);
      int beat = BlockForm.FEATURES.feature(position);
      int key = keyBlock * BlockForm.SIZE + beat;
      boolean isOpen = key < attention.keys;
      if (isOpen && values != null && query < attention.queries) {
        isOpen = addend(values, group, head, query, key) > -MASKED;
      }
      if (isOpen) {
        mask[i] = Bfloat16.ONE;
        block.used = keyBlock + 1;
      } else {
        block.from = Math.min(block.from, keyBlock);
      }
      int biased = keyBlock * BlockForm.SIZE + BlockForm.tokenOfBeat(beat);
      if (values != null && query < attention.queries && biased < attention.keys) {
        float addend = addend(values, group, head, query, biased);
        if (addend > -MASKED && addend < -1e-6) {
          bias[i] = Bfloat16.fromFloat((float) (addend / Math.log(2)));
          block.hasBias = true;
        }
      }
    }
    block.mask = Layouts.bf16Bytes(mask);
    block.bias = Layouts.bf16Bytes(bias);
    return block;
  }

  private float addend(float[] values, int group, int head, int query, int key) {
    int row = ((group * attention.heads + head) * attention.queries + query) * attention.keys;
    return values[row + key];
  }
}
