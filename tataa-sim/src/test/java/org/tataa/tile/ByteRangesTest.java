package org.tataa.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes that nests touch, against one byte at a time. */
class ByteRangesTest {
  @Test
  void setsHaveTheBytesThatWereAdded() {
    Random random = new Random(1);
    for (int trial = 0; trial < 300; trial++) {
      int size = 1 + random.nextInt(trial % 3 == 0 ? 20_000 : 300);
      ByteSet set = new ByteSet(size);
      BitSet expected = new BitSet();
      assertThat(set.isEmpty()).isTrue();
      for (int i = 0; i < 5; i++) {
        int from = random.nextInt(size + 1);
        int to = from + random.nextInt(size + 1 - from);
        set.add(from, to);
        expected.set(from, to);
        assertThat(set.isEmpty()).isEqualTo(expected.isEmpty());
        for (int look = 0; look < 20; look++) {
          int first = random.nextInt(size + 1);
          int end = first + random.nextInt(size + 1 - first);
          int in = expected.nextSetBit(first);
          int out = expected.nextClearBit(first);
          assertThat(set.firstIn(first, end)).isEqualTo(in < 0 || in >= end ? -1 : in);
          assertThat(set.firstNotIn(first, end)).isEqualTo(out >= end ? -1 : out);
        }
      }
    }
  }

  // Bytes of all iterations, one after the other.
  private static BitSet bytes(Address address, int[] loops, int length) {
    BitSet bytes = new BitSet();
    int[] index = new int[loops.length];
    int iterations = 1;
    for (int count : loops) {
      iterations *= count;
    }
    for (int i = 0; i < iterations; i++) {
      int at = (int) address.at(index);
      bytes.set(at, at + length);
      Loops.advance(index, loops);
    }
    return bytes;
  }

  @Test
  void runsAreTheBytesOfAllIterations() {
    Random random = new Random(2);
    Buffer buffer = Buffer.of("b", 1 << 12);
    for (int trial = 0; trial < 2000; trial++) {
      int[] loops = random.ints(random.nextInt(4), 1, 5).toArray();
      long[] strides = new long[loops.length];
      for (int i = 0; i < strides.length; i++) {
        strides[i] = random.nextInt(3) == 0 ? 0 : random.nextInt(120) - 60;
      }
      Address address = new Address(buffer, 1000, strides);
      int length = 1 + random.nextInt(20);
      BitSet expected = bytes(address, loops, length);
      ByteRanges ranges = ByteRanges.of(address, loops, length);
      assertThat(ranges.from()).isEqualTo(expected.nextSetBit(0));
      assertThat(ranges.end()).isEqualTo(expected.length());
      BitSet actual = new BitSet();
      int[] runs = {0};
      boolean isWhole =
          ranges.visit(
              (from, to) -> {
                actual.set(from, to);
                runs[0]++;
                return true;
              });
      assertThat(isWhole).isTrue();
      assertThat(actual).as("seed 2, trial %d", trial).isEqualTo(expected);
      int[] seen = {0};
      int last = 1 + random.nextInt(runs[0]);
      assertThat(ranges.visit((from, to) -> ++seen[0] < last)).isFalse();
      assertThat(seen[0]).isEqualTo(last);
    }
  }

  /** Runs that touch are one. */
  @Test
  void runsThatTouchAreOne() {
    Buffer buffer = Buffer.of("b", 1 << 12);
    ByteRanges ranges =
        ByteRanges.of(new Address(buffer, 0, new long[] {64, 16}), new int[] {3, 4}, 16);
    assertThat(ranges.visit((from, to) -> from == 0 && to == 3 * 64)).isTrue();
    int[] runs = {0};
    ByteRanges apart =
        ByteRanges.of(new Address(buffer, 0, new long[] {65, 16}), new int[] {3, 4}, 16);
    assertThat(apart.visit((from, to) -> to - from == 64 && ++runs[0] > 0)).isTrue();
    assertThat(runs[0]).isEqualTo(3);
  }

  @Test
  void addressesThatOverflowAreAnError() {
    Buffer buffer = Buffer.of("b", 16);
    for (long stride : new long[] {Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE / 2 + 1}) {
      Address address = new Address(buffer, 16, new long[] {stride});
      assertThatThrownBy(() -> ByteRanges.of(address, new int[] {3}, 4))
          .isInstanceOf(ArithmeticException.class);
    }
  }

  @Test
  void paddingThatWasReadIsToldFromWhatIsWrittenLater() {
    Buffer buffer = Buffer.of("b", 64);
    WrittenBytes written = new WrittenBytes();
    assertThat(written.isTouched(buffer)).isFalse();
    assertThat(written.write(buffer, range(buffer, 8, 8))).isEqualTo(-1);
    assertThat(written.isTouched(buffer)).isTrue();
    assertThat(written.isWritten(buffer, 8, 8)).isTrue();
    assertThat(written.isWritten(buffer, 8, 9)).isFalse();
    assertThat(written.isWritten(buffer, 7, 2)).isFalse();
    assertThat(written.isAnyWritten(buffer, range(buffer, 0, 8))).isFalse();
    assertThat(written.isAnyWritten(buffer, range(buffer, 15, 8))).isTrue();
    written.read(buffer, range(buffer, 8, 8));
    assertThat(written.readsPadding()).isFalse();
    // Bytes 4 to 7 and 16 to 19 are padding.
    written.read(buffer, range(buffer, 4, 16));
    assertThat(written.readsPadding()).isTrue();
    assertThat(written.write(buffer, range(buffer, 0, 4))).isEqualTo(-1);
    assertThat(written.write(buffer, range(buffer, 8, 8))).isEqualTo(-1);
    assertThat(written.write(buffer, range(buffer, 20, 8))).isEqualTo(-1);
    assertThat(written.write(buffer, range(buffer, 10, 9))).isEqualTo(16);
    assertThat(written.write(buffer, range(buffer, 0, 6))).isEqualTo(4);
  }

  @Test
  void constantsAndStatesAreWrittenFromTheStart() {
    WrittenBytes written = new WrittenBytes();
    Buffer constant = Buffer.constant("c", new byte[16]);
    Buffer state = Buffer.state("s", 16);
    for (Buffer buffer : new Buffer[] {constant, state}) {
      assertThat(written.isTouched(buffer)).isTrue();
      assertThat(written.isWritten(buffer, 0, 16)).isTrue();
      written.read(buffer, range(buffer, 0, 16));
    }
    assertThat(written.readsPadding()).isFalse();
  }

  private static ByteRanges range(Buffer buffer, long base, int bytes) {
    return ByteRanges.of(new Address(buffer, base, new long[0]), new int[0], bytes);
  }
}
