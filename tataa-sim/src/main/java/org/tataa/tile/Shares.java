package org.tataa.tile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.tataa.tensor.Scale;

/**
 * Cuts nests into shares, one for each core: the same body over a part of the iterations, which do
 * not depend on each other. A share is one nest, or a few one after the other.
 *
 * <p>The largest share has as few iterations as possible. If cutting one loop achieves that, every
 * share is one nest; otherwise the iterations in their order are cut into ranges that differ by at
 * most one iteration, each the end of a row of the loops, whole rows, and the beginning of a row.
 *
 * <p>Iterations may write what later ones overwrite. Loops through which they do are kept whole:
 * what is cut then are the iterations of the other loops. A core does its iterations in their
 * order.
 */
public final class Shares {
  private final List<Address> addresses;
  private final int scaleLoop;
  private final int whole;
  private int[] loops;
  private long[][] strides;

  private Shares(List<Integer> counts, List<Address> addresses, int scaleLoop, int whole) {
    this.whole = whole;
    this.addresses = addresses;
    this.scaleLoop = scaleLoop;
    loops = counts.stream().mapToInt(Integer::intValue).toArray();
    strides = addresses.stream().map(address -> address.strides().clone()).toArray(long[][]::new);
  }

  // A part of the iterations: from an index of each loop, so many.
  @SuppressWarnings("ArrayRecordComponent")
  private record Box(int[] from, int[] count) {}

  /** Iterations of each loop of a nest. */
  public static List<Integer> loops(TileStep step) {
    return step instanceof MatMulNest nest
        ? nest.loops()
        : step instanceof VectorNest nest ? nest.loops() : List.of();
  }

  /**
   * Parts a nest can be cut into.
   *
   * @param whole loops that are not cut, bit l for loop l
   */
  public static long parts(TileStep step, int whole) {
    long parts = 1;
    for (int loop = 0; loop < loops(step).size(); loop++) {
      parts *= isWhole(whole, loop) ? 1 : loops(step).get(loop);
    }
    return parts;
  }

  /**
   * Whether nests can be cut with some loops kept whole such that every core does its iterations in
   * their order: the whole loops are the inner ones, or only one other loop has more than one
   * iteration.
   *
   * @param whole loops that are not cut, bit l for loop l
   */
  public static boolean keepsOrder(TileStep step, int whole) {
    int cut = 0;
    boolean isInner = true;
    boolean isBehind = false;
    for (int loop = 0; loop < loops(step).size(); loop++) {
      boolean isCut = !isWhole(whole, loop) && loops(step).get(loop) > 1;
      cut += isCut ? 1 : 0;
      isInner &= !isCut || !isBehind;
      isBehind |= isWhole(whole, loop);
    }
    return isInner || cut <= 1;
  }

  private static boolean isWhole(int whole, int loop) {
    return (whole >> loop & 1) != 0;
  }

  /** Fewest cores on which the largest share is as small as on a number of cores. */
  public static int fewest(long parts, int cores) {
    long largest = (parts + cores - 1) / cores;
    return (int) ((parts + largest - 1) / largest);
  }

  /** The shares of a nest of which any loop may be cut. */
  public static List<List<TileStep>> of(TileStep step, int cores) {
    return of(step, cores, 0);
  }

  /**
   * The shares of a nest.
   *
   * @param cores how many, at most its parts
   * @param whole loops that are not cut, bit l for loop l
   * @return for each core the nests that make its share
   * @throws IllegalArgumentException if there are fewer parts than cores, or a core could not do
   *     its iterations in their order
   */
  public static List<List<TileStep>> of(TileStep step, int cores, int whole) {
    if (cores < 1 || cores > parts(step, whole)) {
      throw new IllegalArgumentException(
          "cores=" + cores + ", expected 1.." + parts(step, whole) + " for " + step.work().value());
    }
    if (!keepsOrder(step, whole)) {
      throw new IllegalArgumentException(
          "whole=" + whole + ", expected the inner loops or all but one of " + loops(step));
    }
    if (cores == 1) {
      return List.of(List.of(step));
    }
    List<Address> addresses = new ArrayList<>();
    if (step instanceof MatMulNest nest) {
      addresses.addAll(List.of(nest.x(), nest.y(), nest.target()));
    } else if (step instanceof VectorNest nest) {
      for (VectorStep body : nest.body()) {
        if (body instanceof VectorStep.Load load) {
          addresses.add(load.from());
        } else if (body instanceof VectorStep.Store store) {
          addresses.add(store.to());
        }
      }
    }
    int scaleLoop = step instanceof MatMulNest nest ? nest.scaleLoop() : -1;
    Shares shares = new Shares(loops(step), addresses, scaleLoop, whole);
    List<List<TileStep>> result = new ArrayList<>();
    for (List<Box> boxes : shares.boxes(cores)) {
      result.add(boxes.stream().map(box -> shares.part(step, box)).toList());
    }
    return result;
  }

  private List<List<Box>> boxes(int cores) {
    int[] all = loops.clone();
    for (int loop = 0; loop < loops.length; loop++) {
      loops[loop] = isWhole(whole, loop) ? 1 : loops[loop];
    }
    List<List<Box>> boxes = cutBoxes(cores);
    for (int loop = 0; loop < loops.length; loop++) {
      if (isWhole(whole, loop)) {
        loops[loop] = all[loop];
        for (List<Box> own : boxes) {
          for (Box box : own) {
            box.count()[loop] = all[loop];
          }
        }
      }
    }
    return boxes;
  }

  private List<List<Box>> cutBoxes(int cores) {
    long total = 1;
    for (int loop : loops) {
      total *= loop;
    }
    long largest = (total + cores - 1) / cores;
    List<List<Box>> boxes = new ArrayList<>();
    for (int loop = 0; loop < loops.length; loop++) {
      long row = total / loops[loop];
      if (loops[loop] >= cores && (loops[loop] + cores - 1L) / cores * row == largest) {
        for (int core = 0; core < cores; core++) {
          int[] from = new int[loops.length];
          int[] count = loops.clone();
          from[loop] = (int) ((long) loops[loop] * core / cores);
          count[loop] = (int) ((long) loops[loop] * (core + 1) / cores) - from[loop];
          boxes.add(List.of(new Box(from, count)));
        }
        return boxes;
      }
    }
    if (whole == 0) {
      joinLoops();
    }
    for (int core = 0; core < cores; core++) {
      List<Box> own = new ArrayList<>();
      int[] ones = new int[loops.length];
      Arrays.fill(ones, 1);
      cut(
          0,
          new Box(new int[loops.length], ones),
          total * core / cores,
          total * (core + 1) / cores,
          own);
      boxes.add(own);
    }
    return boxes;
  }

  // Two loops through which all addresses move evenly are one.
  private void joinLoops() {
    int inner = loops.length - 1;
    while (inner > 0) {
      if (isEven(inner) && scaleLoop != inner && scaleLoop != inner - 1) {
        loops[inner - 1] *= loops[inner];
        loops[inner] = 1;
        for (long[] stride : strides) {
          stride[inner - 1] = stride[inner];
          stride[inner] = 0;
        }
      }
      inner--;
    }
  }

  private boolean isEven(int inner) {
    if (loops[inner] == 1) {
      return false;
    }
    for (long[] stride : strides) {
      if (stride[inner - 1] != stride[inner] * loops[inner]) {
        return false;
      }
    }
    return true;
  }

  // Iterations of the loops from one on, outer ones fixed.
  private void cut(int loop, Box outer, long from, long to, List<Box> boxes) {
    if (from == to) {
      return;
    }
    long row = 1;
    for (int inner = loop + 1; inner < loops.length; inner++) {
      row *= loops[inner];
    }
    int first = (int) ((from + row - 1) / row);
    int end = (int) (to / row);
    if (first > end) {
      cut(loop + 1, at(outer, loop, end), from % row, to % row, boxes);
      return;
    }
    if (from % row > 0) {
      cut(loop + 1, at(outer, loop, first - 1), from % row, row, boxes);
    }
    if (first < end) {
      Box rows = at(outer, loop, first);
      rows.count()[loop] = end - first;
      System.arraycopy(loops, loop + 1, rows.count(), loop + 1, loops.length - loop - 1);
      boxes.add(rows);
    }
    if (to % row > 0) {
      cut(loop + 1, at(outer, loop, end), 0, to % row, boxes);
    }
  }

  private static Box at(Box outer, int loop, int index) {
    Box box = new Box(outer.from().clone(), outer.count().clone());
    box.from()[loop] = index;
    return box;
  }

  private TileStep part(TileStep step, Box box) {
    // Loops of one iteration are left out.
    int[] kept = IntStream.range(0, loops.length).filter(i -> box.count()[i] > 1).toArray();
    List<Integer> counts = Arrays.stream(kept).mapToObj(i -> box.count()[i]).toList();
    // Addresses are numbered in the order in which a nest is asked for them.
    int[] next = {0};
    UnaryOperator<Address> change = address -> moved(next[0]++, box, kept);
    if (step instanceof MatMulNest nest) {
      List<Scale> scales = nest.scales();
      int scaleLoop = -1;
      for (int i = 0; i < kept.length; i++) {
        scaleLoop = kept[i] == this.scaleLoop ? i : scaleLoop;
      }
      if (this.scaleLoop >= 0) {
        int from = box.from()[this.scaleLoop];
        scales = scales.subList(from, from + box.count()[this.scaleLoop]);
      }
      return nest.moved(counts, scales, scaleLoop, change);
    }
    return ((VectorNest) step).moved(counts, change);
  }

  private Address moved(int number, Box box, int[] kept) {
    long base = addresses.get(number).base();
    for (int loop = 0; loop < loops.length; loop++) {
      base += strides[number][loop] * box.from()[loop];
    }
    long[] left = Arrays.stream(kept).mapToLong(loop -> strides[number][loop]).toArray();
    return new Address(addresses.get(number).buffer(), base, left);
  }
}
