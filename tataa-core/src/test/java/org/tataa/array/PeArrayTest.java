package org.tataa.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tataa.numeric.PackedMac;
import org.tataa.simd.BlockShape;
import org.tataa.simd.HostKernels;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;
import org.tataa.state.ScanIn;
import org.tataa.state.ScanOut;

/** The array against one PE after the other, with everything that can happen in between. */
class PeArrayTest {
  private static final int SEEDS = 12;
  private static final int DEPTH = 128;

  @ParameterizedTest
  @CsvSource({
    "1, 1, 2, true, 600",
    "1, 5, 1, false, 600",
    "4, 1, 2, true, 600",
    "4, 4, 2, true, 900",
    "8, 4, 2, false, 900",
    "12, 5, 1, false, 900",
    "32, 16, 2, true, 400"
  })
  void equalsOnePeAfterTheOther(int rows, int columns, int outputs, boolean packed, int steps) {
    for (int seed = 0; seed < SEEDS; seed++) {
      new Run(new BlockShape(rows, columns, outputs, packed, DEPTH), seed).run(steps);
    }
  }

  /** Products a host has written need no factors, and sums no history. */
  @Test
  void goesOnFromWhateverIsScannedIn() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Run run = new Run(new BlockShape(8, 4, 2, true, DEPTH), seed);
      run.scramble();
      run.run(200);
    }
  }

  @Test
  void refusesWhatIsNoOperand() {
    PeArray array = array(new BlockShape(4, 2, 2, true, DEPTH));
    for (String register : List.of("skew.x", "skew.w", "pe.x", "pe.w")) {
      // The first three need 9 bits; a negative low operand makes +128 of a high one of -128.
      int[] wrong =
          register.endsWith("x")
              ? new int[] {128, -129, 1 << 20}
              : new int[] {128, PeArray.pack(129, 0), PeArray.pack(128, 5), PeArray.pack(-128, -1)};
      for (int value : wrong) {
        assertThatThrownBy(() -> array.scan(new Overwrite(register, value)))
            .isInstanceOf(ScanException.class)
            .hasMessage(register + "=" + value + " is not an int8 operand");
      }
    }
  }

  @Test
  void chainHasTheRegistersRowByRow() {
    PeArray array = array(new BlockShape(4, 2, 2, true, DEPTH));
    array.shift(new byte[] {4, 3, 2, 1}, 0, new byte[] {5, 0, 6, 1}, 0);
    array.shift(new byte[] {0, 10, 9, 8, 7}, 1, new byte[] {0, 0, 11, -1, 12, 0}, 2);
    Recorder chain = new Recorder();
    array.scan(chain);
    assertThat(chain.lines)
        .containsExactly(
            "skew.x [8, 9, 3, 10, 4, 0]",
            "skew.w [12]",
            "pe.x [7, 1, 2, 0, 0, 0, 0, 0]",
            "pe.w [-65525, 65542, 5, 0, 0, 0, 0, 0]",
            "pe.m [5, 0, 0, 0, 0, 0, 0, 0]",
            "pe.lo [0, 0, 0, 0, 0, 0, 0, 0]",
            "pe.hi [0, 0, 0, 0, 0, 0, 0, 0]",
            "pe.shadowLo [0, 0, 0, 0, 0, 0, 0, 0]",
            "pe.shadowHi [0, 0, 0, 0, 0, 0, 0, 0]");
  }

  /** Looking at PEs, in whatever order, changes nothing that others see. */
  @Test
  void lookingChangesNothing() {
    BlockShape shape = new BlockShape(8, 4, 2, true, DEPTH);
    PeArray watched = array(shape);
    PeArray alone = array(shape);
    Random random = new Random(3);
    byte[] x = new byte[8];
    byte[] y = new byte[8];
    for (int step = 0; step < 500; step++) {
      random.nextBytes(x);
      random.nextBytes(y);
      watched.shift(x, 0, y, 0);
      alone.shift(x, 0, y, 0);
      watched.view(random.nextInt(8), random.nextInt(4));
      watched.copySums(random.nextInt(8), new int[4], new int[4], 0);
      watched.largestLo();
    }
    assertThat(scanOut(watched)).isEqualTo(scanOut(alone));
  }

  @ParameterizedTest
  @CsvSource({"1", "9", "127", "128", "129", "500"})
  void wholeBlockEqualsItsWords(int depth) {
    BlockShape shape = new BlockShape(8, 4, 2, true, 512);
    Random random = new Random(depth);
    byte[] x = new byte[depth * 8];
    byte[] y = new byte[depth * 10];
    random.nextBytes(x);
    random.nextBytes(y);
    PeArray whole = array(shape);
    PeArray stepped = array(shape);
    for (int block = 0; block < 2; block++) {
      whole.accumulate(x, y, 10, depth);
      for (int word = 0; word < depth; word++) {
        stepped.shift(x, 8 * word, y, 10 * word);
      }
      for (int i = 0; i < shape.rows() + shape.columns(); i++) {
        stepped.shift();
      }
      assertThat(scanOut(stepped)).as("block %d", block).isEqualTo(scanOut(whole));
    }
  }

  private static PeArray array(BlockShape shape) {
    return new PeArray(shape, HostKernels.scalar());
  }

  private static byte[] scanOut(PeArray array) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    array.scan(new ScanOut(bytes));
    return bytes.toByteArray();
  }

  /** One random history; compared after every step, so the step named is the first that fails. */
  private static final class Run {
    private final BlockShape shape;
    private final int seed;
    private final Random random;
    private final byte[] x;
    private final byte[] y;
    private final int[] wordX;
    private final int[] wordHi;
    private final int[] wordLo;
    private NaivePes naive;
    private PeArray array;
    private final int lastDiagonal;
    private int silence;
    private int captureAt = -1;
    private int clearAt = -1;

    Run(BlockShape shape, int seed) {
      this.shape = shape;
      this.seed = seed;
      random = new Random(seed);
      naive = new NaivePes(shape.rows(), shape.columns());
      x = new byte[shape.rows()];
      y = new byte[shape.outputs()];
      wordX = new int[shape.rows()];
      wordHi = new int[shape.columns()];
      wordLo = new int[shape.columns()];
      array = array(shape);
      lastDiagonal = shape.rows() + shape.columns() - 2;
    }

    // Stretches without anything but words, as blocks have them, and others.
    void run(int steps) {
      int calm = 0;
      for (int step = 0; step < steps; step++) {
        moveWavefronts();
        calm = calm > 0 ? calm - 1 : random.nextInt(100) == 0 ? 250 : 0;
        String did = calm == 0 && random.nextInt(4) == 0 ? disturb(step) : shift();
        compare(step, did);
      }
    }

    // As with overlapped blocks: one hands its sums on, one clears them; in this order mostly.
    private void moveWavefronts() {
      int start = random.nextInt(80);
      captureAt = captureAt < 0 && start < 2 ? 0 : captureAt;
      clearAt = clearAt < 0 && (start == 0 || start == 3) ? 0 : clearAt;
      boolean isClearedFirst = random.nextInt(200) == 0;
      if (isClearedFirst) {
        moveClear();
      }
      if (captureAt >= 0) {
        array.captureDiagonal(captureAt);
        naive.captureDiagonal(captureAt);
        captureAt = captureAt == lastDiagonal ? -1 : captureAt + 1;
      }
      if (!isClearedFirst) {
        moveClear();
      }
    }

    private void moveClear() {
      if (clearAt >= 0) {
        array.clearDiagonal(clearAt);
        naive.clearDiagonal(clearAt);
        clearAt = clearAt == lastDiagonal ? -1 : clearAt + 1;
      }
    }

    private String shift() {
      if (silence == 0 && random.nextInt(150) == 0) {
        silence = random.nextInt(3 * (shape.rows() + shape.columns()));
      }
      if (silence > 0) {
        silence--;
        Arrays.fill(wordX, 0);
        Arrays.fill(wordHi, 0);
        Arrays.fill(wordLo, 0);
        array.shift();
        naive.shift(wordX, wordHi, wordLo);
        return "shift without a word";
      }
      for (int row = 0; row < x.length; row++) {
        wordX[row] = int8();
        x[x.length - 1 - row] = (byte) wordX[row];
      }
      for (int column = 0; column < wordLo.length; column++) {
        int at = column * shape.outputsPerColumn();
        wordLo[column] = int8();
        y[at] = (byte) wordLo[column];
        if (shape.outputsPerColumn() == 2) {
          int hi = int8();
          y[at + 1] = (byte) hi;
          wordHi[column] = shape.packed() ? PackedMac.effectiveHi(hi, wordLo[column]) : hi;
        }
      }
      array.shift(x, 0, y, 0);
      naive.shift(wordX, wordHi, wordLo);
      return "shift";
    }

    // The ends of the range more often than chance would have them.
    private int int8() {
      int choice = random.nextInt(8);
      return choice == 0 ? -128 : choice == 1 ? 127 : choice == 2 ? 0 : (byte) random.nextInt();
    }

    private int int20() {
      return random.nextInt(1 << 20) - (1 << 19);
    }

    private String disturb(int step) {
      int diagonal = random.nextInt(lastDiagonal + 1);
      switch (random.nextInt(22)) {
        case 0 -> {
          array.reset();
          naive = new NaivePes(shape.rows(), shape.columns());
          return "reset";
        }
        case 1, 2, 3 -> {
          array.spillSums();
          return "spillSums";
        }
        case 4, 5, 6 -> {
          array.clearSums();
          naive.clearSums();
          return "clearSums";
        }
        case 7, 8, 9 -> {
          array.captureDiagonal(diagonal);
          naive.captureDiagonal(diagonal);
          return "captureDiagonal " + diagonal;
        }
        case 10, 11, 12 -> {
          array.clearDiagonal(diagonal);
          naive.clearDiagonal(diagonal);
          return "clearDiagonal " + diagonal;
        }
        case 13, 14, 15 -> {
          scanOut(array);
          return "scan out";
        }
        case 16, 17, 18 -> {
          byte[] bytes = scanOut(array);
          array = array(shape);
          array.scan(new ScanIn(new ByteArrayInputStream(bytes)));
          return "scan into another array";
        }
        default -> {
          checkReadOut(step, random.nextInt(shape.rows()));
          return "read-out";
        }
      }
    }

    private void checkReadOut(int step, int row) {
      String where = shape + ", seed " + seed + ", step " + step + ", row " + row;
      int[] lo = new int[shape.columns()];
      int[] hi = new int[shape.columns()];
      assertThat(array.copySums(row, lo, hi, 0)).as(where).isTrue();
      for (int column = 0; column < lo.length; column++) {
        assertThat(lo[column]).as(where).isEqualTo((int) naive.sumLo[row][column]);
        assertThat(hi[column]).as(where).isEqualTo((int) naive.sumHi[row][column]);
      }
      assertThat(array.largestLo()).as(where).isEqualTo(largest(naive.sumLo));
      assertThat(array.largestHi()).as(where).isEqualTo(largest(naive.sumHi));
    }

    private static long largest(long[][] sums) {
      return Arrays.stream(sums).flatMapToLong(Arrays::stream).map(Math::abs).max().orElseThrow();
    }

    /** Other registers in both, whatever they held. */
    void scramble() {
      for (int row = 0; row < shape.rows(); row++) {
        for (int column = 0; column < shape.columns(); column++) {
          naive.x[row][column] = int8();
          naive.productHi[row][column] = random.nextInt(1 << 15) - (1 << 14);
          naive.productLo[row][column] = random.nextInt(1 << 15) - (1 << 14);
          naive.sumHi[row][column] = int20();
          naive.sumLo[row][column] = int20();
          naive.shadowHi[row][column] = random.nextLong() >> 8;
          naive.shadowLo[row][column] = random.nextLong() >> 8;
          naive.lo[row][column] = int8();
          naive.hi[row][column] = PackedMac.effectiveHi(int8(), naive.lo[row][column]);
        }
      }
      for (int row = 0; row < shape.rows(); row++) {
        Arrays.setAll(naive.skewX[row], i -> int8());
      }
      for (int column = 0; column < shape.columns(); column++) {
        int[] lo = naive.skewLo[column];
        Arrays.setAll(lo, i -> int8());
        Arrays.setAll(naive.skewHi[column], i -> PackedMac.effectiveHi(int8(), lo[i]));
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      naive.scan(new ScanOut(bytes));
      array.scan(new ScanIn(new ByteArrayInputStream(bytes.toByteArray())));
      compare(-1, "scramble");
    }

    private void compare(int step, String did) {
      for (int row = 0; row < shape.rows(); row++) {
        for (int column = 0; column < shape.columns(); column++) {
          PeView expected = naive.view(row, column);
          PeView actual = array.view(row, column);
          boolean sameShadow =
              array.shadowLo(row, column) == naive.shadowLo[row][column]
                  && array.shadowHi(row, column) == naive.shadowHi[row][column];
          if (!actual.equals(expected) || !sameShadow) {
            throw new AssertionError(
                shape
                    + ", seed "
                    + seed
                    + ", step "
                    + step
                    + " ("
                    + did
                    + "): "
                    + actual
                    + ", expected "
                    + expected
                    + (sameShadow ? "" : "; shadow differs"));
          }
        }
      }
      if (step % 50 == 0) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        naive.scan(new ScanOut(bytes));
        assertThat(scanOut(array))
            .as("%s, seed %d, step %d", shape, seed, step)
            .isEqualTo(bytes.toByteArray());
      }
    }
  }

  /** Puts a value into the first of some registers. */
  private static final class Overwrite extends Recorder {
    private final String register;
    private final int value;

    Overwrite(String register, int value) {
      this.register = register;
      this.value = value;
    }

    @Override
    public void scan(String name, int[] values, int from, int count) {
      if (name.equals(register)) {
        values[from] = value;
      }
    }
  }

  /** Writes down what it is shown. */
  private static class Recorder implements ScanChain {
    final List<String> lines = new ArrayList<>();

    @Override
    public int scan(String register, int value) {
      lines.add(register + " " + value);
      return value;
    }

    @Override
    public long scan(String register, long value) {
      lines.add(register + " " + value);
      return value;
    }

    @Override
    public void scan(String register, int[] values, int from, int count) {
      lines.add(register + " " + Arrays.toString(Arrays.copyOfRange(values, from, from + count)));
    }

    @Override
    public void scan(String register, byte[] values, int from, int count) {
      lines.add(register + " " + Arrays.toString(Arrays.copyOfRange(values, from, from + count)));
    }

    @Override
    public void scan(String register, long[] values) {
      lines.add(register + " " + Arrays.toString(values));
    }
  }
}
