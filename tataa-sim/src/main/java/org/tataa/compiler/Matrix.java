package org.tataa.compiler;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.kernel.BlockForm;

/**
 * A bfloat16 matrix {@code [group][token][place]} in the machine's memory, in blocks of 32 tokens
 * by 32 places. Each group starts with a new block; padding holds arbitrary finite values.
 */
final class Matrix implements Source {
  final String name;
  final int groups;
  final int tokens;
  final int places;

  /** Form of the blocks; null if the host writes it in every form that is read. */
  final @Nullable BlockForm form;

  /** Forms that are read, if the host writes it. */
  final Set<BlockForm> hostForms = EnumSet.noneOf(BlockForm.class);

  /** The same in the other form of exchange, if somebody needed it. */
  @Nullable Matrix copy;

  Matrix(String name, int groups, int tokens, int places, @Nullable BlockForm form) {
    this.name = name;
    this.groups = groups;
    this.tokens = tokens;
    this.places = places;
    this.form = form;
  }

  /** Token blocks of a group. */
  int blocksPerGroup() {
    return blocks(tokens);
  }

  int tokenBlocks() {
    return groups * blocks(tokens);
  }

  int featureBlocks() {
    return blocks(places);
  }

  long bytes() {
    return (long) tokenBlocks() * featureBlocks() * BlockForm.BYTES;
  }

  static int blocks(int size) {
    return (size + BlockForm.SIZE - 1) / BlockForm.SIZE;
  }

  @Override
  public String toString() {
    return name + " " + groups + "x[" + tokens + "][" + places + "]";
  }
}
