package org.tataa.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tataa.config.ArrayGeometry;
import org.tataa.simd.BlockShape;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanIn;
import org.tataa.state.ScanOut;

/** The flat array against one PE after the other, with everything that can happen in between. */
class PeArrayTest {
  private static final int SEEDS = 6;

  @ParameterizedTest
  @CsvSource({"1, 1, 200", "1, 4, 400", "2, 4, 400", "3, 5, 400", "8, 16, 300"})
  void equalsOnePeAfterTheOther(int dmpus, int columns, int steps) {
    for (int seed = 0; seed < SEEDS; seed++) {
      new Run(new ArrayGeometry(dmpus, columns, 2), seed).run(steps);
    }
  }

  /** Registers a host has written have no history: products that no operands gave. */
  @Test
  void takesWhateverIsScannedIn() {
    ArrayGeometry geometry = new ArrayGeometry(2, 4, 2);
    for (int seed = 0; seed < SEEDS; seed++) {
      byte[] bytes = scanOut(new PeArray(geometry));
      new Random(seed).nextBytes(bytes);
      PeArray array = new PeArray(geometry);
      array.scan(new ScanIn(new ByteArrayInputStream(bytes)));
      assertThat(scanOut(array)).as("seed %d", seed).isEqualTo(bytes);
    }
  }

  @Test
  void chainHasTheRegistersRowByRow() {
    PeArray array = new PeArray(new ArrayGeometry(1, 2, 2));
    array.shift(new int[] {1, 2, 3, 4}, new int[] {5, 6});
    array.shift(new int[] {7, 8, 9, 10}, new int[] {11, 12});
    Recorder chain = new Recorder();
    array.scan(chain);
    assertThat(chain.lines)
        .containsExactly(
            "pe.x [7, 1, 8, 2, 9, 3, 10, 4]",
            "pe.w [11, 12, 5, 6, 0, 0, 0, 0]",
            "pe.m [5, 0, 0, 0, 0, 0, 0, 0]",
            "pe.lo [0, 0, 0, 0, 0, 0, 0, 0]",
            "pe.hi [0, 0, 0, 0, 0, 0, 0, 0]",
            "pe.shadowLo [0, 0, 0, 0, 0, 0, 0, 0]",
            "pe.shadowHi [0, 0, 0, 0, 0, 0, 0, 0]");
  }

  /**
   * From every place in a block, registers that were advanced to it go on as those that were
   * shifted, and so do those advanced from there to every later place.
   */
  @Test
  void advancedRegistersGoOnLikeShiftedOnes() {
    ArrayGeometry geometry = new ArrayGeometry(2, 4, 2);
    Random random = new Random(5);
    int depth = 9;
    byte[] x = new byte[depth * geometry.rows()];
    byte[] y = new byte[depth * geometry.outputs()];
    random.nextBytes(x);
    random.nextBytes(y);
    BlockKernel kernel =
        new BlockKernel(
            new BlockShape(
                geometry.rows(), geometry.columns(), geometry.outputsPerColumn(), true, depth));
    kernel.use(x, y, geometry.outputs(), depth);
    int last = depth + geometry.skew() + 2;
    for (int place = 0; place <= last; place++) {
      PeArray shifted = new PeArray(geometry);
      PeArray advanced = new PeArray(geometry);
      PeArray twice = new PeArray(geometry);
      twice.advance(kernel, -1, place);
      for (int input = 0; input <= last; input++) {
        int[] left = new int[geometry.rows()];
        int[] top = new int[geometry.columns()];
        for (int row = 0; row < left.length; row++) {
          left[row] = kernel.activation(input - row, row);
        }
        for (int column = 0; column < top.length; column++) {
          top[column] = kernel.operand(input - column, column);
        }
        shifted.shift(left, top);
        if (input == place) {
          advanced.advance(kernel, -1, input);
        } else if (input > place) {
          advanced.shift(left, top);
          twice.advance(kernel, input - 1, input);
        }
        if (input >= place) {
          assertThat(scanOut(advanced))
              .as("advanced to input %d, compared after input %d", place, input)
              .isEqualTo(scanOut(shifted));
          assertThat(scanOut(twice))
              .as("advanced to input %d, then to input %d", place, input)
              .isEqualTo(scanOut(shifted));
        }
      }
    }
  }

  private static byte[] scanOut(PeArray array) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    array.scan(new ScanOut(bytes));
    return bytes.toByteArray();
  }

  /** One random history; compared after every step, so the step named is the first that fails. */
  private static final class Run {
    private final ArrayGeometry geometry;
    private final int seed;
    private final Random random;
    private final int[] leftEdge;
    private final int[] topEdge;
    private final int[] topHi;
    private final int[] topLo;
    private NaivePes naive;
    private PeArray array;

    Run(ArrayGeometry geometry, int seed) {
      this.geometry = geometry;
      this.seed = seed;
      random = new Random(seed);
      naive = new NaivePes(geometry.rows(), geometry.columns());
      leftEdge = new int[geometry.rows()];
      topEdge = new int[geometry.columns()];
      topHi = new int[geometry.columns()];
      topLo = new int[geometry.columns()];
      array = new PeArray(geometry);
    }

    void run(int steps) {
      for (int step = 0; step < steps; step++) {
        String did = random.nextInt(4) == 0 ? disturb() : shift();
        compare(step, did);
      }
    }

    private String shift() {
      for (int row = 0; row < leftEdge.length; row++) {
        leftEdge[row] = int8();
      }
      for (int column = 0; column < topEdge.length; column++) {
        topLo[column] = int8();
        topHi[column] = random.nextInt(8) == 0 ? 128 : int8();
        topEdge[column] = PeArray.packOperands(topHi[column], topLo[column]);
      }
      array.shift(leftEdge, topEdge);
      naive.shift(leftEdge, topHi, topLo);
      return "shift";
    }

    // The ends of the range more often than chance would have them.
    private int int8() {
      int choice = random.nextInt(8);
      return choice == 0 ? -128 : choice == 1 ? 127 : choice == 2 ? 0 : (byte) random.nextInt();
    }

    private String disturb() {
      int diagonal = random.nextInt(geometry.skew() + 1);
      switch (random.nextInt(20)) {
        case 0 -> {
          array.reset();
          naive = new NaivePes(geometry.rows(), geometry.columns());
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
        default -> {
          byte[] bytes = scanOut(array);
          array = new PeArray(geometry);
          array.scan(new ScanIn(new ByteArrayInputStream(bytes)));
          return "scan into another array";
        }
      }
    }

    private void compare(int step, String did) {
      for (int row = 0; row < geometry.rows(); row++) {
        for (int column = 0; column < geometry.columns(); column++) {
          PeView expected = naive.view(row, column);
          PeView actual = array.view(row, column);
          boolean sameShadow =
              array.shadowLo(row, column) == naive.shadowLo[row][column]
                  && array.shadowHi(row, column) == naive.shadowHi[row][column];
          if (!actual.equals(expected) || !sameShadow) {
            throw new AssertionError(
                geometry
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
    }
  }

  /** Writes down what it is shown. */
  private static final class Recorder implements ScanChain {
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
