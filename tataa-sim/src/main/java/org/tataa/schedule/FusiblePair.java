package org.tataa.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Bank;
import org.tataa.tile.Address;
import org.tataa.tile.FusedNest;
import org.tataa.tile.Loops;
import org.tataa.tile.MatMulNest;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.Work;

/**
 * Products and vector work over the same loops, in one order: those with which Y words change
 * outside, so that blocks of a group share them.
 *
 * @param products their loops are those of the vector work; none runs once only
 * @param lanes an iteration reads the block of sums of the same iteration
 */
record FusiblePair(MatMulNest products, VectorNest lanes) {
  /** The pair of two nests; null if they are none. */
  static @Nullable FusiblePair of(TataaConfig config, MatMulNest products, VectorNest lanes) {
    int[] own = order(products);
    int[] other = own.length == 0 ? own : matching(products, own, lanes);
    if (other.length != own.length || own.length == 0) {
      return null;
    }
    FusiblePair pair =
        new FusiblePair(
            ordered(products, own),
            lanes.moved(counts(lanes.loops(), other), address -> ordered(address, other)));
    return pair.fused(Bank.A, 1).isWellFormed(config)
            && (isSorted(other) || !Interleave.iterationsOverlap(config, lanes))
        ? pair
        : null;
  }

  /** The fused nest. */
  FusedNest fused(Bank bank, int group) {
    Work of = lanes.work();
    Work work =
        new Work(
            of.kind(),
            of.value(),
            of.macs() + products.work().macs(),
            of.laneOperations() + products.work().laneOperations());
    return new FusedNest(work, products, lanes, bank, group);
  }

  /** Iterations {@code first..first+count-1} of a nest, which differ in the innermost loop only. */
  static VectorNest part(VectorNest nest, int[] loops, int first, int count) {
    int last = loops.length - 1;
    return nest.moved(
        List.of(count),
        address ->
            new Address(
                address.buffer(),
                Loops.at(address, loops, first),
                new long[] {address.strides()[last]}));
  }

  // Loops of products that run more than once, those with which Y words change first.
  private static int[] order(MatMulNest nest) {
    return runningLoops(nest.loops())
        .boxed()
        .sorted(Comparator.comparing(loop -> nest.y().strides()[loop] == 0))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static IntStream runningLoops(List<Integer> loops) {
    return IntStream.range(0, loops.size()).filter(loop -> loops.get(loop) > 1);
  }

  // The loop of the vector work for each loop of the products, by how their sums move; empty if
  // they do not match.
  private static int[] matching(MatMulNest products, int[] order, VectorNest lanes) {
    Address sums = null;
    for (VectorStep step : lanes.body()) {
      if (step instanceof VectorStep.Load load
          && Objects.equals(load.from().buffer(), products.target().buffer())) {
        sums = load.from();
      }
    }
    if (sums == null) {
      return new int[0];
    }
    List<Integer> left = new ArrayList<>(runningLoops(lanes.loops()).boxed().toList());
    int[] found = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      long stride = products.target().strides()[order[i]];
      int count = products.loops().get(order[i]);
      int match = -1;
      for (int loop : left) {
        if (sums.strides()[loop] == stride && lanes.loops().get(loop) == count) {
          match = loop;
        }
      }
      if (match < 0) {
        return new int[0];
      }
      left.remove(Integer.valueOf(match)); // By value.
      found[i] = match;
    }
    return left.isEmpty() ? found : new int[0];
  }

  private static boolean isSorted(int[] order) {
    return Arrays.equals(order, Arrays.stream(order).sorted().toArray());
  }

  private static MatMulNest ordered(MatMulNest nest, int[] order) {
    int scaleLoop = -1;
    for (int i = 0; i < order.length; i++) {
      scaleLoop = order[i] == nest.scaleLoop() ? i : scaleLoop;
    }
    return nest.moved(
        counts(nest.loops(), order), nest.scales(), scaleLoop, address -> ordered(address, order));
  }

  private static List<Integer> counts(List<Integer> loops, int[] order) {
    return Arrays.stream(order).mapToObj(loops::get).toList();
  }

  private static Address ordered(Address address, int[] order) {
    long[] strides = Arrays.stream(order).mapToLong(loop -> address.strides()[loop]).toArray();
    return new Address(address.buffer(), address.base(), strides);
  }
}
