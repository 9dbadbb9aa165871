package org.tataa.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Inputs of all kinds from a fuzzer that goes on from those that reach new code. Properties: {@code
 * tataa.fuzz.seconds} for how long, {@code tataa.fuzz.kind} for one kind.
 */
@Tag("heavy")
class CoverageGuidedTest {
  private static final long SECONDS = Long.getLong("tataa.fuzz.seconds", 20);

  @TempDir private Path directory;

  private Path corpus(String chosen) throws IOException {
    Path corpus = Files.createDirectory(directory.resolve("corpus"));
    for (InputKind kind : InputKind.values()) {
      if (!chosen.isEmpty() && !chosen.equals(kind.name())) {
        continue;
      }
      List<byte[]> seeds = kind.seeds();
      for (int i = 0; i < seeds.size(); i++) {
        byte[] seed = seeds.get(i);
        byte[] input = seed;
        if (chosen.isEmpty()) {
          input = new byte[seed.length + 1];
          input[0] = (byte) kind.ordinal();
          System.arraycopy(seed, 0, input, 1, seed.length);
        }
        Files.write(corpus.resolve(kind + "-" + i), input);
      }
    }
    return corpus;
  }

  @Test
  void nothingIsFound() throws IOException, InterruptedException {
    String chosen = System.getProperty(CoverageTarget.KIND, "");
    Path log = directory.resolve("log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx2g",
            "-D" + CoverageTarget.KIND + "=" + chosen,
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + CoverageTarget.class.getName(),
            "--instrumentation_includes=org.tataa.**",
            "-max_total_time=" + SECONDS,
            "-timeout=30",
            "-rss_limit_mb=0",
            "-max_len=65536",
            corpus(chosen).toString()));
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = process.waitFor(SECONDS + 120, TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly();
    }
    String text = new String(Files.readAllBytes(log), StandardCharsets.ISO_8859_1);
    String end = text.substring(Math.max(0, text.length() - 4000));
    assertThat(ended).as(end).isTrue();
    assertThat(process.exitValue()).as(end).isZero();
    Matcher done = Pattern.compile("Done (\\d+) runs in (\\d+) second").matcher(text);
    assertThat(done.find()).as(end).isTrue();
    System.out.println("fuzz, coverage-guided: " + done.group());
    assertThat(Long.parseLong(done.group(1))).isGreaterThan(100);
  }
}
