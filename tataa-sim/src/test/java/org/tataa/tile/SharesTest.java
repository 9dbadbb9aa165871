package org.tataa.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tataa.isa.StoreMode;
import org.tataa.tensor.Scale;

/**
 * Shares of nests: every iteration on one core, in order, the largest share as small as it can be.
 */
class SharesTest {
  private static final Work WORK = new Work(Work.Kind.LINEAR, "c", 0, 0);

  // Products whose blocks have different addresses, and a scale of their own along one loop.
  private static MatMulNest product(int scaleLoop, int... loops) {
    Buffer buffer = Buffer.of("b", 1 << 20);
    long[] strides = new long[loops.length];
    long stride = 1;
    for (int loop = loops.length - 1; loop >= 0; loop--) {
      strides[loop] = stride;
      stride *= loops[loop] + 1;
    }
    return product(scaleLoop, loops, new Address(buffer, 5, strides));
  }

  private static MatMulNest product(int scaleLoop, int[] loops, Address address) {
    int scales = scaleLoop < 0 ? 1 : loops[scaleLoop];
    return new MatMulNest(
        WORK,
        IntStream.of(loops).boxed().toList(),
        address,
        address,
        1,
        1,
        0,
        0,
        StoreMode.ACC_TO_INT8,
        false,
        IntStream.range(0, scales).mapToObj(i -> new Scale(i + 1, 0)).toList(),
        scaleLoop,
        address);
  }

  // Addresses and scales of all iterations, in order.
  private static List<String> iterations(MatMulNest nest) {
    int[] loops = nest.loops().stream().mapToInt(Integer::intValue).toArray();
    int[] index = new int[loops.length];
    List<String> iterations = new ArrayList<>();
    for (long left = nest.blocks(); left > 0; left--) {
      iterations.add(nest.target().at(index) + " " + nest.scale(index));
      Loops.advance(index, loops);
    }
    return iterations;
  }

  @Test
  void everyIterationIsInOneShareInOrder() {
    Random random = new Random(1);
    for (int trial = 0; trial < 3000; trial++) {
      int[] loops = random.ints(random.nextInt(4), 1, 8).toArray();
      MatMulNest nest = product(random.nextInt(loops.length + 1) - 1, loops);
      List<String> expected = iterations(nest);
      int whole = random.nextInt(1 << loops.length);
      whole = Shares.keepsOrder(nest, whole) ? whole : 0;
      long parts = Shares.parts(nest, whole);
      int cores = 1 + random.nextInt((int) Math.min(8, parts));
      List<String> actual = new ArrayList<>();
      List<Integer> sizes = new ArrayList<>();
      for (List<TileStep> share : Shares.of(nest, cores, whole)) {
        List<String> own = new ArrayList<>();
        share.forEach(part -> own.addAll(iterations((MatMulNest) part)));
        List<Integer> places = own.stream().map(expected::indexOf).toList();
        assertThat(places).isSorted().doesNotHaveDuplicates();
        sizes.add(own.size());
        actual.addAll(own);
      }
      assertThat(actual).hasSameSizeAs(expected);
      assertThat(new TreeSet<>(actual)).isEqualTo(new TreeSet<>(expected));
      long each = expected.size() / parts;
      assertThat(sizes).hasSize(cores).doesNotContain(0);
      assertThat((long) Collections.max(sizes)).isEqualTo((parts + cores - 1) / cores * each);
    }
  }

  @Test
  void oneLoopIsCutIfThatIsEnough() {
    assertThat(Shares.of(product(-1, 3, 8), 8)).allSatisfy(share -> assertThat(share).hasSize(1));
    assertThat(Shares.of(product(-1, 7, 12), 8))
        .allSatisfy(share -> assertThat(share).hasSizeBetween(1, 3));
  }

  /** Loops that are one in memory are cut as one. */
  @Test
  void evenLoopsAreJoined() {
    Address even = new Address(Buffer.of("b", 1 << 20), 0, new long[] {12 * 64, 64});
    List<List<TileStep>> shares = Shares.of(product(-1, new int[] {7, 12}, even), 8);
    assertThat(shares).allSatisfy(share -> assertThat(share).hasSize(1));
    assertThat(((MatMulNest) shares.get(1).get(0)).loops()).containsExactly(11);
    assertThat(((MatMulNest) shares.get(1).get(0)).x().base()).isEqualTo(10 * 64);
  }

  @Test
  void fewestCoresOfTheSameTime() {
    assertThat(Shares.fewest(12, 8)).isEqualTo(6);
    assertThat(Shares.fewest(84, 8)).isEqualTo(8);
    assertThat(Shares.fewest(3, 8)).isEqualTo(3);
    assertThat(Shares.fewest(1, 8)).isEqualTo(1);
  }

  @Test
  void moreCoresThanPartsAreRefused() {
    assertThatThrownBy(() -> Shares.of(product(-1, 3, 2), 4, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cores=4, expected 1..3 for c");
  }
}
