package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.tensor.Scale;

/** The example of the README compiles, runs, and is the one printed there. */
class ReadmeExampleTest {
  private static String example() {
    // README
    TataaConfig config = TataaConfig.u280();
    Int8Matrix a = Int8Matrix.filled(100, 200, 2); // or new Int8Matrix(rows, columns, codes)
    Int8Matrix b = Int8Matrix.filled(200, 50, 3);

    MatrixProduct product = MatrixProduct.of(config, a, b, Scale.of(0.05));
    MatrixProduct.Result c = product.run(); // [100][50], 0.05 * 200 * 2 * 3 = 60

    String line = c.get(0, 0) + " after " + c.run().cycles() + " cycles, " + c.gops() + " GOPS";
    // README
    return line;
  }

  private static String squeeze(String text) {
    return text.replaceAll("\\s+", "");
  }

  @Test
  void theReadmeShowsThisExample() throws IOException {
    Path source = Path.of("src/test/java/org/tataa/compiler/ReadmeExampleTest.java");
    String code = Files.readString(source).split("// README\n")[1];
    String readme = Files.readString(Path.of("../README.md"));
    String shown = readme.split("```java\n")[1].split("```")[0];
    assertThat(squeeze(shown)).isEqualTo(squeeze(code));
    assertThat(example()).startsWith("60.0 after ").endsWith(" GOPS");
  }
}
