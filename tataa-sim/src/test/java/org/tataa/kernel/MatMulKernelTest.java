package org.tataa.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.ArithmeticProfile;
import org.tataa.config.MemoryConfig;
import org.tataa.config.TataaConfig;
import org.tataa.isa.StoreMode;
import org.tataa.numeric.AccumulatorReadout;
import org.tataa.numeric.PackedMac;
import org.tataa.numeric.Requantizer;
import org.tataa.observe.Counters;
import org.tataa.sim.RunResult;
import org.tataa.sim.Simulator;

class MatMulKernelTest {
  private static TataaConfig machine(TataaConfig base, AccumulatorKind accumulator) {
    return base.withProfiles(base.profiles().withAccumulator(accumulator));
  }

  /** Reference: exact sums of effective weights, read out and requantised value by value. */
  private static int[] expected(
      TataaConfig config,
      int m,
      int n,
      int k,
      byte[] a,
      byte[] b,
      int[] bias,
      StoreMode mode,
      Scale scale,
      long[] wraps) {
    AccumulatorKind kind = config.profiles().accumulator();
    AccumulatorReadout readout = AccumulatorReadout.of(kind);
    Requantizer requantizer = new Requantizer(ArithmeticProfile.CORRECTED);
    int[] c = new int[m * n];
    for (int row = 0; row < m; row++) {
      for (int column = 0; column < n; column++) {
        int lowColumn = column & ~1;
        long lo = bias.length == 0 ? 0 : bias[row];
        long hi = lowColumn + 1 < n ? lo : 0;
        for (int i = 0; i < k; i++) {
          int x = a[row * k + i];
          int weightLo = b[i * n + lowColumn];
          int weightHi = lowColumn + 1 < n ? b[i * n + lowColumn + 1] : 0;
          lo += (long) x * weightLo;
          hi +=
              (long) x
                  * (kind == AccumulatorKind.INT32
                      ? weightHi
                      : PackedMac.effectiveHi(weightHi, weightLo));
        }
        int value = column == lowColumn ? readout.lo(lo, hi) : readout.hi(lo, hi);
        if (column == lowColumn ? readout.wrapsLo(lo) : readout.wrapsHi(hi)) {
          wraps[0]++;
        }
        c[row * n + column] =
            mode == StoreMode.ACC_TO_INT8
                ? (byte) requantizer.accToInt8(value, scale.mantissa(), scale.rightShift())
                : requantizer.accToBf16(value, scale.mantissa(), scale.rightShift()) & 0xffff;
      }
    }
    return c;
  }

  private static byte[] values(Random random, int count, boolean extreme) {
    byte[] values = new byte[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          (byte)
              (extreme
                  ? random.nextBoolean() ? -128 : random.nextBoolean() ? 127 : -1
                  : random.nextInt(256) - 128);
    }
    return values;
  }

  private static void check(TataaConfig config, long seed, int m, int n, int k) {
    Random random = new Random(seed);
    boolean extreme = random.nextInt(4) == 0;
    byte[] a = values(random, m * k, extreme);
    byte[] b = values(random, k * n, extreme);
    StoreMode mode = random.nextBoolean() ? StoreMode.ACC_TO_INT8 : StoreMode.ACC_TO_BF16;
    Scale scale = Scale.of((random.nextBoolean() ? 1 : -1) * Math.exp(-random.nextInt(10)));
    int[] bias = random.nextBoolean() ? new int[0] : random.ints(m, -60_000, 60_000).toArray();
    MatMulKernel kernel = new MatMulKernel(config, m, n, k, mode, scale, bias);
    Simulator simulator = Simulator.builder(config).build();
    RunResult result = kernel.run(simulator, a, b);
    long[] wraps = new long[1];
    int[] expected = expected(config, m, n, k, a, b, bias, mode, scale, wraps);
    String what =
        "seed "
            + seed
            + " "
            + config.name()
            + " "
            + m
            + "x"
            + n
            + "x"
            + k
            + " "
            + mode
            + " "
            + scale
            + " extreme="
            + extreme
            + " "
            + config.profiles();
    assertThat(kernel.collect(simulator)).as(what).isEqualTo(expected);
    Counters total = result.total();
    // Padding sums are zero and never wrap, so the machine's count is exactly that of the outputs.
    assertThat(total.wraps()).as(what + " wraps").isEqualTo(wraps[0]);
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
    for (int i = 0; i < 12; i++) {
      check(
          config,
          1000 + i,
          1 + sizes.nextInt(1100),
          1 + sizes.nextInt(1100),
          1 + sizes.nextInt(1100));
    }
    check(config, 2000, 1100, 1100, 1100);
  }

  @Test
  void periodOfADoubleBufferedStreamIsDepthPlus65() {
    TataaConfig config = TataaConfig.u280().withCores(1);
    int blocks = 20;
    MatMulKernel kernel =
        new MatMulKernel(
            config, 32, 32 * blocks, 384, StoreMode.ACC_TO_INT8, Scale.ONE, new int[0]);
    Simulator simulator = Simulator.builder(config).build();
    long cycles = kernel.run(simulator, new byte[32 * 384], new byte[384 * 32 * blocks]).cycles();
    MatMulKernel longer =
        new MatMulKernel(
            config, 32, 32 * (blocks + 1), 384, StoreMode.ACC_TO_INT8, Scale.ONE, new int[0]);
    long more =
        longer
            .run(
                Simulator.builder(config).build(),
                new byte[32 * 384],
                new byte[384 * 32 * (blocks + 1)])
            .cycles();
    assertThat(more - cycles).isEqualTo(384 + 65);
  }

  @Test
  void wrongShapesNameTheSizes() {
    TataaConfig config = TataaConfig.tiny();
    assertThatThrownBy(
            () -> new MatMulKernel(config, 0, 1, 1, StoreMode.ACC_TO_INT8, Scale.ONE, new int[0]))
        .hasMessage("m=0, n=1, k=1 must be positive");
    assertThatThrownBy(
            () -> new MatMulKernel(config, 2, 1, 1, StoreMode.ACC_TO_INT8, Scale.ONE, new int[1]))
        .hasMessage("bias has 1 entries, expected 0 or m=2");
    MatMulKernel kernel =
        new MatMulKernel(config, 2, 3, 4, StoreMode.ACC_TO_INT8, Scale.ONE, new int[0]);
    assertThatThrownBy(
            () -> kernel.place(Simulator.builder(config).build(), new byte[7], new byte[12]))
        .hasMessage("A has 7 values, expected m*k=8");
    assertThatThrownBy(
            () ->
                new MatMulKernel(
                    config.withMemory(MemoryConfig.unified(1024).withPortBytes(8)),
                    100,
                    100,
                    100,
                    StoreMode.ACC_TO_INT8,
                    Scale.ONE,
                    new int[0]))
        .hasMessageContaining("the memory of a core has 1024 bytes");
  }
}
