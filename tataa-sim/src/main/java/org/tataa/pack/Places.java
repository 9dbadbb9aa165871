package org.tataa.pack;

import java.util.Arrays;
import java.util.List;

/**
 * Where the rows of items are along the axis they are packed along: side by side; or, of a pair of
 * equal items that end within a block, so that both ends share one.
 *
 * <pre>
 * length = q * block + r, rows of a pair = (2 q + 1) * block
 * [item 0, q blocks][r rows of item 0, padding, first rows of item 1][item 1, q blocks, padding]
 * </pre>
 *
 * @param length rows of an item of a pair; 0 if items lie side by side
 * @param block rows of a block
 * @param align rows at whose multiples the second item may begin
 */
record Places(int length, int block, int align) {
  /** Items side by side, without padding. */
  static final Places SIDE_BY_SIDE = new Places(0, 1, 1);

  /**
   * Queries that see the same keys.
   *
   * @param from first row
   * @param to row after the last
   * @param keys first row they see
   * @param keysTo row after the last they see
   */
  record Part(int from, int to, int keys, int keysTo) {}

  /** Whether two items of as many rows can share a block. */
  static boolean areMade(int length, int block, int align) {
    int rest = length % block;
    return length > block && rest > 0 && rest + up(rest, align) <= block;
  }

  private static int up(int rows, int align) {
    return (rows + align - 1) / align * align;
  }

  /** Whether sizes are those of rows of a pair. */
  boolean isPair(int[] sizes) {
    return length > 0 && Arrays.stream(sizes).allMatch(size -> size == length);
  }

  /** The first row of each item. */
  int[] offsets(int[] sizes) {
    int[] offsets = new int[sizes.length];
    if (isPair(sizes)) {
      offsets[1] = second();
      return offsets;
    }
    for (int item = 1; item < sizes.length; item++) {
      offsets[item] = offsets[item - 1] + sizes[item - 1];
    }
    return offsets;
  }

  /** Rows of all items, with padding. */
  int total(int[] sizes) {
    return isPair(sizes) ? total() : Arrays.stream(sizes).sum();
  }

  private int whole() {
    return length / block * block;
  }

  private int total() {
    return 2 * whole() + block;
  }

  private int second() {
    return whole() + block - up(length % block, align);
  }

  /** The first row of an item of a pair. */
  int offset(int item) {
    return item == 0 ? 0 : second();
  }

  /** The item a row of a pair is of; -1 for padding. */
  int item(int row) {
    return row < length ? 0 : row >= second() && row < second() + length ? 1 : -1;
  }

  /** The item whose keys a query of a pair sees; padding, which nobody reads, those of any. */
  int seen(int row) {
    return row < second() ? 0 : 1;
  }

  /** The number of a row of a pair in its item. */
  int within(int row) {
    return row < length ? row : row - second();
  }

  /** A pair's queries: those of whole blocks of an item see its keys, the shared block all. */
  List<Part> parts() {
    int whole = whole();
    return List.of(
        new Part(0, whole, 0, length),
        new Part(whole, whole + block, 0, total()),
        new Part(whole + block, total(), second(), second() + length));
  }
}
