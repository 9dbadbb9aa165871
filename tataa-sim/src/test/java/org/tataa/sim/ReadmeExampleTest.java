package org.tataa.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.isa.StoreMode;
import org.tataa.kernel.MatMulKernel;
import org.tataa.kernel.Scale;

/** The example of the README compiles, runs, and is the one printed there. */
class ReadmeExampleTest {
  private static String example() {
    // README
    TataaConfig config = TataaConfig.u280();
    byte[] a = new byte[100 * 200]; // int8, [100][200]
    byte[] b = new byte[200 * 50]; // int8, [200][50]
    java.util.Arrays.fill(a, (byte) 2);
    java.util.Arrays.fill(b, (byte) 3);

    MatMulKernel kernel =
        new MatMulKernel(config, 100, 50, 200, StoreMode.ACC_TO_INT8, Scale.of(0.05), new int[0]);
    Simulator simulator = Simulator.builder(config).build();
    RunResult result = kernel.run(simulator, a, b);
    int[] c = kernel.collect(simulator); // [100][50], 0.05 * 200 * 2 * 3 = 60

    String line = c[0] + " after " + result.cycles() + " cycles, " + result.gops() + " GOPS";
    // README
    return line;
  }

  private static String squeeze(String text) {
    return text.replaceAll("\\s+", "");
  }

  @Test
  void theReadmeShowsThisExample() throws IOException {
    Path source = Path.of("src/test/java/org/tataa/sim/ReadmeExampleTest.java");
    String code = Files.readString(source).split("// README\n")[1];
    String readme = Files.readString(Path.of("../README.md"));
    String shown = readme.split("```java\n")[1].split("```")[0];
    assertThat(squeeze(shown)).isEqualTo(squeeze(code));
    assertThat(example()).startsWith("60 after ").endsWith(" GOPS");
  }
}
