package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.ArithmeticProfile;
import org.tataa.config.TataaConfig;
import org.tataa.numeric.AccumulatorReadout;
import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.PackedMac;
import org.tataa.numeric.Requantizer;
import org.tataa.tensor.Scale;

/** Products on the machine give, bit by bit, what the formulas of the accumulator give. */
class MatrixProductTest {
  private static TataaConfig machine(TataaConfig base, AccumulatorKind accumulator) {
    return base.withProfiles(base.profiles().withAccumulator(accumulator));
  }

  /** Exact sums of effective weights, read out and scaled value by value. */
  private static float[] expected(
      TataaConfig config, Int8Matrix a, Int8Matrix b, Scale scale, long[] wraps) {
    AccumulatorKind kind = config.profiles().accumulator();
    AccumulatorReadout readout = AccumulatorReadout.of(kind);
    Requantizer requantizer = new Requantizer(ArithmeticProfile.CORRECTED);
    float[] c = new float[a.rows() * b.columns()];
    for (int row = 0; row < a.rows(); row++) {
      for (int column = 0; column < b.columns(); column++) {
        int low = column & ~1;
        long lo = 0;
        long hi = 0;
        for (int i = 0; i < a.columns(); i++) {
          int x = a.get(row, i);
          int weightLo = b.get(i, low);
          int weightHi = low + 1 < b.columns() ? b.get(i, low + 1) : 0;
          lo += (long) x * weightLo;
          hi +=
              (long) x
                  * (kind == AccumulatorKind.INT32
                      ? weightHi
                      : PackedMac.effectiveHi(weightHi, weightLo));
        }
        int value = column == low ? readout.lo(lo, hi) : readout.hi(lo, hi);
        wraps[0] += (column == low ? readout.wrapsLo(lo) : readout.wrapsHi(hi)) ? 1 : 0;
        c[row * b.columns() + column] =
            Bfloat16.toFloat(
                requantizer.accToBf16(value, scale.mantissa(), scale.rightShift()) & 0xffff);
      }
    }
    return c;
  }

  private static Int8Matrix matrix(Random random, int rows, int columns, boolean extreme) {
    byte[] values = new byte[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          (byte)
              (extreme
                  ? random.nextBoolean() ? -128 : random.nextBoolean() ? 127 : -1
                  : random.nextInt(256) - 128);
    }
    return new Int8Matrix(rows, columns, values);
  }

  private static void check(TataaConfig config, long seed, int m, int n, int k) {
    Random random = new Random(seed);
    boolean extreme = random.nextInt(4) == 0;
    Int8Matrix a = matrix(random, m, k, extreme);
    Int8Matrix b = matrix(random, k, n, extreme);
    Scale scale = Scale.of((random.nextBoolean() ? 1 : -1) * Math.exp(-random.nextInt(10)));
    MatrixProduct.Result result = MatrixProduct.of(config, a, b, scale).run();
    long[] wraps = new long[1];
    float[] expected = expected(config, a, b, scale, wraps);
    String what =
        String.format(
            "seed %d %s %dx%dx%d %s extreme=%s %s",
            seed, config.name(), m, n, k, scale, extreme, config.profiles());
    assertThat(result.values()).as(what).isEqualTo(expected);
    // Sums of padding are zero and never wrap, so the machine's count is exactly that of the
    // values.
    assertThat(result.run().total().wraps()).as(what + " wraps").isEqualTo(wraps[0]);
    assertThat(result.macs()).as(what).isEqualTo((long) m * n * k);
    assertThat(result.paddedMacs()).as(what).isNotNegative();
  }

  @ParameterizedTest
  @EnumSource(AccumulatorKind.class)
  void smallSizesOnTheTinyMachineAreExact(AccumulatorKind accumulator) {
    TataaConfig config = machine(TataaConfig.tiny(), accumulator);
    Random sizes = new Random(1);
    for (int i = 0; i < 60; i++) {
      check(config, i, 1 + sizes.nextInt(20), 1 + sizes.nextInt(20), 1 + sizes.nextInt(70));
    }
  }

  @ParameterizedTest
  @EnumSource(AccumulatorKind.class)
  void arbitrarySizesOnTheWholeDeviceAreExact(AccumulatorKind accumulator) {
    TataaConfig config = machine(TataaConfig.u280(), accumulator);
    int[][] sizes = {
      {1, 1, 1}, {1, 33, 512}, {33, 1, 513}, {31, 32, 33}, {64, 64, 1024}, {100, 70, 1100}
    };
    for (int i = 0; i < sizes.length; i++) {
      check(config, 100 + i, sizes[i][0], sizes[i][1], sizes[i][2]);
    }
  }

  @Tag("heavy")
  @ParameterizedTest
  @EnumSource(AccumulatorKind.class)
  void everySizeClassUpTo1100IsExact(AccumulatorKind accumulator) {
    TataaConfig config = machine(TataaConfig.u280(), accumulator);
    Random sizes = new Random(2);
    for (int i = 0; i < 4; i++) {
      check(
          config,
          1000 + i,
          1 + sizes.nextInt(1100),
          1 + sizes.nextInt(1100),
          1 + sizes.nextInt(1100));
    }
    check(config, 2000, 1100, 1100, 1100);
  }

  private static MatrixProduct.Result zeros(TataaConfig config, int m, int n, int k) {
    return MatrixProduct.of(
            config, Int8Matrix.filled(m, k, 0), Int8Matrix.filled(k, n, 0), Scale.ONE)
        .run();
  }

  @Test
  void periodOfADoubleBufferedStreamIsDepthPlus65() {
    TataaConfig config = TataaConfig.u280().withCores(1);
    long cycles = zeros(config, 32, 32 * 20, 384).run().cycles();
    assertThat(zeros(config, 32, 32 * 21, 384).run().cycles() - cycles).isEqualTo(384 + 65);
  }

  /** One row keeps the array as busy as 32 rows do, and is a 32nd of the work. */
  @Test
  void paddingIsNoWork() {
    TataaConfig config = TataaConfig.u280();
    MatrixProduct.Result one = zeros(config, 1, 768, 256);
    MatrixProduct.Result all = zeros(config, 32, 768, 256);
    assertThat(one.run().cycles()).isEqualTo(all.run().cycles());
    assertThat(one.paddedMacs()).isEqualTo(31 * one.macs());
    assertThat(all.paddedMacs()).isZero();
    assertThat(all.gops() / one.gops()).isCloseTo(32, Offset.offset(1e-9));
    assertThat(one.run().arrayGops()).isEqualTo(all.gops());
  }

  /** Nine blocks of 72 each, and the cycles they take. */
  @Test
  void blocksAreSharedEvenly() {
    MatrixProduct.Result result = zeros(TataaConfig.u280(), 384, 192, 384);
    assertThat(result.run().cores()).hasSize(8);
    result
        .run()
        .cores()
        .forEach(core -> assertThat(core.counters().macs()).isEqualTo(9L * 32 * 32 * 384));
    assertThat(zeros(TataaConfig.u280(), 3, 33, 5).run().cores()).hasSize(8);
  }

  @Test
  void runningAgainGivesTheSame() {
    Random random = new Random(3);
    MatrixProduct product =
        MatrixProduct.of(
            TataaConfig.u280(),
            matrix(random, 70, 90, false),
            matrix(random, 90, 40, false),
            Scale.ONE);
    MatrixProduct.Result first = product.run();
    MatrixProduct.Result second = product.run();
    assertThat(second.values()).isEqualTo(first.values());
    assertThat(second.run()).usingRecursiveComparison().isEqualTo(first.run());
  }

  @Test
  void wrongShapesNameTheSizes() {
    TataaConfig config = TataaConfig.tiny();
    assertThatThrownBy(() -> Int8Matrix.filled(0, 1, 1))
        .hasMessage("rows=0, columns=1 must be positive");
    assertThatThrownBy(() -> new Int8Matrix(2, 4, new byte[7]))
        .hasMessage("7 codes, expected 8 for 2x4");
    Int8Matrix a = Int8Matrix.filled(2, 4, 1);
    assertThatThrownBy(() -> MatrixProduct.of(config, a, Int8Matrix.filled(5, 3, 1), Scale.ONE))
        .hasMessage(
            "A is int8[2,4] and B is int8[5,3], expected as many rows of B as columns of A");
  }
}
