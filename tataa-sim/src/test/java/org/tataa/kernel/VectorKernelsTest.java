package org.tataa.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tataa.config.ArithmeticProfile;
import org.tataa.config.IsaProfile;
import org.tataa.config.MemoryConfig;
import org.tataa.config.TataaConfig;
import org.tataa.numeric.Bf16Unit;
import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.LaneOp;
import org.tataa.sim.Simulator;

class VectorKernelsTest {
  private static final Bf16Unit UNIT = Bf16Unit.of(ArithmeticProfile.CORRECTED);

  private static int[] gaussian(long seed, int count, double sigma) {
    Random random = new Random(seed);
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      values[i] = Bfloat16.fromFloat((float) (sigma * random.nextGaussian()));
    }
    return values;
  }

  private static TataaConfig roomyTiny() {
    return TataaConfig.tiny().withMemory(MemoryConfig.unified(1 << 20).withPortBytes(8));
  }

  private static double value(int bits) {
    return Bfloat16.toFloat(bits);
  }

  @ParameterizedTest
  @EnumSource(ElementwiseKernel.Broadcast.class)
  void elementwiseOperationsAreBitExact(ElementwiseKernel.Broadcast broadcast) {
    int[][] sizes = {{1, 1}, {5, 3}, {130, 17}, {300, 70}};
    for (TataaConfig config : new TataaConfig[] {roomyTiny(), TataaConfig.u280()}) {
      for (int[] size : sizes) {
        int rows = size[0];
        int features = size[1];
        int[] x = gaussian(1, rows * features, 3);
        int yCount =
            switch (broadcast) {
              case NONE -> rows * features;
              case ROW -> features;
              case COLUMN -> rows;
              case SCALAR -> 1;
            };
        int[] y = gaussian(2, yCount, 2);
        for (LaneOp op : new LaneOp[] {LaneOp.ADD, LaneOp.MUL}) {
          ElementwiseKernel kernel = new ElementwiseKernel(config, op, rows, features, broadcast);
          Simulator simulator = Simulator.builder(config).build();
          kernel.run(simulator, x, y);
          int[] expected = new int[rows * features];
          for (int row = 0; row < rows; row++) {
            for (int feature = 0; feature < features; feature++) {
              int at = row * features + feature;
              int other =
                  switch (broadcast) {
                    case NONE -> y[at];
                    case ROW -> y[feature];
                    case COLUMN -> y[row];
                    case SCALAR -> y[0];
                  };
              expected[at] = UNIT.apply(op, x[at], other);
            }
          }
          assertThat(kernel.collect(simulator))
              .as(config.name() + " " + op + " " + rows + "x" + features)
              .isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1", "3,2", "20,7", "130,33", "200,768", "9,1100"})
  void treeSumsStayCloseAndExtremaAreExact(int rows, int features) {
    TataaConfig config = TataaConfig.u280();
    int[] x = gaussian(3, rows * features, 1);
    for (int i = 0; i < x.length; i++) {
      x[i] = Bfloat16.fromFloat(Bfloat16.toFloat(x[i]) + 1f);
    }
    int[] sums = reduce(config, LaneOp.ADD, rows, features, x);
    int[] maxima = reduce(config, LaneOp.MAX, rows, features, x);
    for (int row = 0; row < rows; row++) {
      double sum = 0;
      double maximum = Double.NEGATIVE_INFINITY;
      for (int feature = 0; feature < features; feature++) {
        sum += value(x[row * features + feature]);
        maximum = Math.max(maximum, value(x[row * features + feature]));
      }
      assertThat(value(maxima[row])).isEqualTo(maximum);
      // Each of about log2(n) levels rounds to half an ulp of 2^-8.
      assertThat(Math.abs(value(sums[row]) - sum))
          .isLessThan(0.02 * Math.max(Math.abs(sum), Math.sqrt(features)));
    }
  }

  private static int[] reduce(TataaConfig config, LaneOp op, int rows, int features, int[] x) {
    ReductionKernel kernel = new ReductionKernel(config, op, rows, features);
    Simulator simulator = Simulator.builder(config).build();
    kernel.run(simulator, x);
    return kernel.collect(simulator);
  }

  @ParameterizedTest
  @CsvSource({
    "u280,1,1,1",
    "u280,5,3,2",
    "u280,40,16,4",
    "u280,130,33,3",
    "u280,17,128,5",
    "u280,8,1000,3",
    "tiny,1,1,1",
    "tiny,3,2,1",
    "tiny,9,5,3",
    "tiny,20,8,4"
  })
  void softmaxMeetsItsErrorBounds(String preset, int rows, int features, double sigma) {
    TataaConfig config = TataaConfig.preset(preset);
    int[] x = gaussian(rows * 1000L + features, rows * features, sigma);
    SoftmaxKernel kernel = new SoftmaxKernel(config, rows, features);
    Simulator simulator = Simulator.builder(config).build();
    kernel.run(simulator, x);
    int[] actual = kernel.collect(simulator);
    double worst = 0;
    double total = 0;
    int counted = 0;
    for (int row = 0; row < rows; row++) {
      double[] p = new double[features];
      double sum = 0;
      for (int i = 0; i < features; i++) {
        p[i] = Math.exp(value(x[row * features + i]));
        sum += p[i];
      }
      for (int i = 0; i < features; i++) {
        double expected = p[i] / sum;
        double error = Math.abs(value(actual[row * features + i]) - expected) / expected;
        assertThat(error).isNotNaN();
        if (expected > 0.1 / features) {
          worst = Math.max(worst, error);
          total += error;
          counted++;
        }
      }
    }
    // functions.md: 3-4 % at most and 0.7-1 % in the mean for p > 0.1/N.
    assertThat(worst).as("largest relative error").isLessThan(0.04);
    assertThat(total / counted).as("mean relative error").isLessThan(0.01);
  }

  @Test
  void softmaxNeedsTheExtendedProfile() {
    TataaConfig config = TataaConfig.tiny();
    TataaConfig published = config.withProfiles(config.profiles().withIsa(IsaProfile.PUBLISHED));
    assertThatThrownBy(() -> new SoftmaxKernel(published, 1, 1))
        .hasMessageContaining("needs ISA profile EXTENDED");
  }
}
