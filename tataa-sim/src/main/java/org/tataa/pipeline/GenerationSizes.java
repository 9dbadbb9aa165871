package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.List;

/**
 * For how many tokens and keys programs of a decoder are made. A run takes the smallest that
 * suffices, so texts of all lengths are done by a few programs.
 *
 * @param rows tokens of a run that reads a prompt or a whole text, ascending
 * @param slots keys that are kept, ascending; multiples of the array's rows
 */
public record GenerationSizes(List<Integer> rows, List<Integer> slots) {
  /** Prompts in blocks of 32, 64 or 128 tokens; 64 to 2048 keys. */
  public static final GenerationSizes DEFAULT =
      new GenerationSizes(List.of(32, 64, 128), List.of(64, 128, 256, 512, 1024, 2048));

  /**
   * Takes copies.
   *
   * @throws IllegalArgumentException if sizes are not ascending, or rows are more than slots
   */
  public GenerationSizes {
    rows = List.copyOf(rows);
    slots = List.copyOf(slots);
    check("rows", rows);
    check("slots", slots);
    if (rows.get(rows.size() - 1) > limit(slots)) {
      throw new IllegalArgumentException("rows " + rows + " are more than slots " + slots);
    }
  }

  private static void check(String what, List<Integer> sizes) {
    int last = 0;
    for (int size : sizes) {
      if (size <= last) {
        throw new IllegalArgumentException(what + " " + sizes + ", expected ascending sizes");
      }
      last = size;
    }
    if (last == 0) {
      throw new IllegalArgumentException(what + ": expected at least one size");
    }
  }

  private static int limit(List<Integer> sizes) {
    return sizes.get(sizes.size() - 1);
  }

  /** With at most a number of keys, which becomes the largest size if it is no size already. */
  public GenerationSizes upTo(int most) {
    List<Integer> fewer = new ArrayList<>(slots);
    fewer.removeIf(size -> size >= most);
    fewer.add(most);
    List<Integer> fewerRows = new ArrayList<>(rows);
    fewerRows.removeIf(size -> size > most);
    return new GenerationSizes(fewerRows.isEmpty() ? List.of(most) : fewerRows, fewer);
  }

  /**
   * With as many keys as a text of some tokens needs, so that steps of codes are as fine as can be.
   */
  public GenerationSizes forTokens(int tokens) {
    return upTo(slotsFor(tokens));
  }

  /** Most keys. */
  public int limit() {
    return limit(slots);
  }

  /**
   * Checks that a text has room.
   *
   * @param prompt its tokens, at least 1
   * @param count tokens to make, at least 1
   * @throws IllegalArgumentException if it has not
   */
  public void requireRoom(int prompt, int count) {
    if (prompt < 1 || count < 1) {
      throw new IllegalArgumentException(
          "prompt of " + prompt + " tokens, " + count + " to make, expected at least 1");
    }
    if (prompt + count - 1 > limit()) {
      throw new IllegalArgumentException(
          "a prompt of "
              + prompt
              + " tokens and "
              + count
              + " more, expected at most "
              + (limit() + 1)
              + " in all");
    }
  }

  /** Room for a block of a prompt: the largest there is if none suffices. */
  int rowsFor(int tokens) {
    return smallest(rows, tokens, limit(rows));
  }

  /** Room for keys. */
  int slotsFor(int keys) {
    return smallest(slots, keys, limit());
  }

  /** Room for a whole text in one run: sizes of rows, then those of keys. */
  int wholeFor(int tokens) {
    return tokens <= limit(rows) ? rowsFor(tokens) : slotsFor(tokens);
  }

  private static int smallest(List<Integer> sizes, int wanted, int otherwise) {
    for (int size : sizes) {
      if (size >= wanted) {
        return size;
      }
    }
    return otherwise;
  }
}
