package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ctrl-C during a long run leaves no half-written file, and the file that was there. */
@DisabledOnOs(OS.WINDOWS)
class InterruptedRunTest {
  @TempDir Path directory;

  private String program() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      text.append("LOAD.M X, tile=0, depth=8, addr=0, bytes=64\n")
          .append("LOAD.M Y, tile=0, depth=8, addr=0, bytes=64\n")
          .append("MATMUL x=0, y=0, depth=8, clear, drain\n")
          .append("STORE.M int8, words=8, addr=0x600, bytes=64\n");
    }
    Path file = directory.resolve("long.s");
    Files.writeString(file, text.append("HALT\n"));
    return file.toString();
  }

  private List<String> files(String notIn) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> !name.matches(notIn))
          .toList();
    }
  }

  // A shell without job control starts what is in its background deaf to Ctrl-C.
  private static boolean ignoresInterrupts() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("SigIgn:"))
          .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--vcd", "--timeline"})
  void nothingIsLeft(String option) throws IOException, InterruptedException {
    Path target = directory.resolve("target");
    Files.writeString(target, "old");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "org.tataa.cli.Main",
                "trace",
                program(),
                "--preset",
                "tiny",
                option,
                target.toString()));
    if (option.equals("--vcd")) {
      command.addAll(List.of("--trace-scope", "*"));
    }
    Path log = directory.resolve("log");
    Process run =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    Path part = directory.resolve(".target.part");
    while (run.isAlive() && !(Files.exists(part) && Files.size(part) > 10_000)) {
      Thread.sleep(10);
    }
    assertThat(run.isAlive()).as(Files.readString(log)).isTrue();
    boolean ignored = ignoresInterrupts();
    assertThat(
            new ProcessBuilder("kill", ignored ? "-TERM" : "-INT", Long.toString(run.pid()))
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
    assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(run.exitValue()).isEqualTo(128 + (ignored ? 15 : 2));
    assertThat(files("long\\.s|log|target")).isEmpty();
    assertThat(target).hasContent("old");
    assertThat(log).hasContent("");
  }
}
