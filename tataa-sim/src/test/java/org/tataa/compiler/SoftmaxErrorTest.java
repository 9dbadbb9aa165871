package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.machine.CoreMachine;
import org.tataa.numeric.Bfloat16;
import org.tataa.pipeline.Workloads;
import org.tataa.quant.Calibration;

/** The SoftMax of the compiler on the machine, against {@code double} arithmetic. */
class SoftmaxErrorTest {
  @ParameterizedTest
  @CsvSource({
    "u280,1,2,1",
    "u280,5,3,2",
    "u280,40,16,4",
    "u280,130,33,3",
    "u280,17,128,5",
    "u280,8,1000,3",
    "tiny,3,2,1",
    "tiny,9,5,3",
    "tiny,20,8,4"
  })
  void meetsItsErrorBounds(String preset, int rows, int features, double sigma) {
    Random random = new Random(rows * 1000L + features);
    float[] x = new float[rows * features];
    for (int i = 0; i < x.length; i++) {
      int bits = Bfloat16.fromFloat((float) (sigma * random.nextGaussian()));
      x[i] = Bfloat16.toFloat(bits);
    }
    float[] actual = softmax(TataaConfig.preset(preset), rows, features, x);
    double worst = 0;
    double total = 0;
    int counted = 0;
    for (int row = 0; row < rows; row++) {
      double[] p = new double[features];
      double sum = 0;
      for (int i = 0; i < features; i++) {
        p[i] = Math.exp(x[row * features + i]);
        sum += p[i];
      }
      for (int i = 0; i < features; i++) {
        double expected = p[i] / sum;
        double error = Math.abs(actual[row * features + i] - expected) / expected;
        assertThat(error).isNotNaN();
        if (expected > 0.1 / features) {
          worst = Math.max(worst, error);
          total += error;
          counted++;
        }
      }
    }
    // Sums of rounded exponentials in chains: more than the 3-4 % at most and 0.7-1 % in the mean
    // of
    // a tree of sums (functions.md), for p > 0.1/N.
    assertThat(worst).as("largest relative error").isLessThan(0.065);
    assertThat(total / counted).as("mean relative error").isLessThan(0.015);
  }

  private static float[] softmax(TataaConfig config, int rows, int features, float[] x) {
    Workloads.Workload workload = Workloads.softmax(rows, features);
    Map<String, NdTensor> inputs = Map.of("scores", NdTensor.of(x, rows, features));
    Compiler compiler = new Compiler(config, workload.model(), CompilerOptions.DEFAULT);
    Calibration calibration = compiler.calibrate(List.of(inputs), Set.of(), (done, of) -> {});
    CompiledModel compiled = compiler.compile(inputs, Set.of(), calibration);
    CoreMachine machine = CoreMachine.simulated(compiled.core());
    compiled.load(machine);
    return compiled.run(machine, inputs).outputs().values().iterator().next().floats();
  }
}
