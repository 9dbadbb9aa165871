package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tataa.graph.NdTensor;
import org.tataa.task.FileReadings;

/**
 * What is left when the host fails: files are whole or are not there, what was there stays, long
 * work goes on where it was, and the exit code says that something went wrong.
 */
@EnabledOnOs(OS.LINUX)
class FaultsTest {
  private static final String PROGRAM =
      """
      .repeat 200
      LOAD.M X, tile=0, depth=8, addr=0, bytes=64
      LOAD.M Y, tile=0, depth=8, addr=0, bytes=64
      MATMUL x=0, y=0, depth=8, clear, drain
      STORE.M int8, words=8, addr=0x600, bytes=64
      .end
      HALT
      """;

  private static final String SWEEP =
      """
      models: [deit-tiny-2]
      grid:
        cores: [1, 8]
        memoryLatency: [16, 32, 64]
        queueDepth: [2, 4]
      """;

  @TempDir private Path directory;

  private record Result(int code, String err) {}

  private static Result tataa(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    return new Result(code, err.toString());
  }

  private static int command(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  private String write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }

  /** Commands that write the file they are given, and compile no model. */
  private List<String[]> writers(Path target) throws IOException {
    String program = write("program.s", PROGRAM);
    String file = target.toString();
    return List.of(
        new String[] {"asm", program, "-o", file},
        new String[] {"trace", program, "--preset", "tiny", "--vcd", file},
        new String[] {"trace", program, "--preset", "tiny", "--timeline", file},
        new String[] {"exec", program, "--preset", "tiny", "--dump", file},
        new String[] {"exec", program, "--preset", "tiny", "--snapshot", file});
  }

  private List<String[]> writersOfModels(Path target) throws IOException {
    String file = target.toString();
    return List.of(
        new String[] {"calibrate", "deit-tiny-2", "-o", file},
        new String[] {"run", "deit-tiny-2", "--no-compare", "--csv", file},
        new String[] {"run", "deit-tiny-2", "--no-compare", "--report", file},
        new String[] {"compile", "deit-tiny-2", "-o", file + "s"},
        new String[] {"sweep", write("sweep.yaml", "models: [deit-tiny-2]\n"), "-o", file + "s"});
  }

  private interface Check {
    void check(Path folder) throws IOException, InterruptedException;
  }

  // A file system of a few pages, which takes the rights to mount it.
  private void onSmallDisk(Check check) throws IOException, InterruptedException {
    Path disk = Files.createDirectory(directory.resolve("disk"));
    assumeTrue(
        new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("mount").toFile())
                .start()
                .waitFor()
            == 0,
        "mounting is not permitted");
    try {
      check.check(disk);
    } finally {
      assertThat(command("umount", disk.toString())).isZero();
    }
  }

  private static void fill(Path file) throws IOException {
    assertThatThrownBy(() -> Files.write(file, new byte[1 << 20]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("No space left");
  }

  @Test
  void diskFull() throws IOException, InterruptedException {
    onFullDisk(this::writers);
  }

  @Test
  @Tag("heavy")
  void diskFullAfterModels() throws IOException, InterruptedException {
    onFullDisk(this::writersOfModels);
  }

  private interface Commands {
    List<String[]> to(Path target) throws IOException;
  }

  private void onFullDisk(Commands commands) throws IOException, InterruptedException {
    onSmallDisk(
        disk -> {
          Path target = Files.writeString(disk.resolve("target"), "old");
          fill(disk.resolve("full"));
          for (String[] arguments : commands.to(target)) {
            Result result = tataa(arguments);
            String what = Arrays.toString(arguments) + ": " + result.err();
            assertThat(result.code()).as(what).isEqualTo(ExitCode.BAD_INPUT);
            assertThat(result.err())
                .as(what)
                .startsWith("tataa: error: ")
                .contains("No space left")
                .doesNotContain("\tat ");
            assertThat(target).hasContent("old");
            // The journal of a sweep stays, for the next one.
            assertThat(names(disk)).as(what).isSubsetOf("full", "target", "targets.part");
          }
        });
  }

  @Test
  void diskFullWhileReadingsAreKept() throws IOException, InterruptedException {
    onSmallDisk(
        disk -> {
          Map<String, NdTensor> first = Map.of("x", NdTensor.of(new float[] {1}, 1));
          Map<String, NdTensor> second = Map.of("x", NdTensor.of(new float[] {2}, 1));
          new FileReadings(disk).keep("m", "s", List.of(first), List.of(new float[] {1, 2}));
          fill(disk.resolve("full"));
          FileReadings readings = new FileReadings(disk);
          float[] many = new float[4000];
          assertThatThrownBy(() -> readings.keep("m", "s", List.of(second), List.of(many)))
              .isInstanceOf(UncheckedIOException.class)
              .hasMessageContaining("No space left");
          Files.delete(disk.resolve("full"));
          readings.keep("m", "s", List.of(second), List.of(many));
          FileReadings again = new FileReadings(disk);
          assertThat(again.find("m", "s", first)).containsExactly(1, 2);
          assertThat(again.find("m", "s", second)).hasSize(4000);
        });
  }

  @Test
  void readOnlyDirectory() throws IOException, InterruptedException {
    onSmallDisk(
        disk -> {
          Path target = Files.writeString(disk.resolve("target"), "old");
          assertThat(command("mount", "-o", "remount,ro", disk.toString())).isZero();
          List<String[]> commands = new ArrayList<>(writers(target));
          commands.addAll(writersOfModels(target));
          for (String[] arguments : commands) {
            Result result = tataa(arguments);
            String what = Arrays.toString(arguments) + ": " + result.err();
            assertThat(result.code()).as(what).isEqualTo(ExitCode.BAD_INPUT);
            assertThat(result.err())
                .as(what)
                .startsWith("tataa: error: ")
                .containsIgnoringCase("read-only")
                .doesNotContain("\tat ");
            assertThat(names(disk)).containsExactly("target");
          }
        });
  }

  /** What is printed may be lost too. */
  @Test
  void standardOutputFull() throws IOException, InterruptedException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full));
    Path err = directory.resolve("err");
    Process process =
        new ProcessBuilder(ChildJvm.java(List.of(), "org.tataa.cli.Main", "--version"))
            .redirectOutput(full.toFile())
            .redirectError(err.toFile())
            .start();
    assertThat(process.waitFor()).isEqualTo(ExitCode.FAILED);
    assertThat(err)
        .hasContent("tataa: error: the results cannot be written to the standard output");
  }

  @Test
  void outOfMemory() throws IOException, InterruptedException {
    ChildJvm.Result result =
        ChildJvm.run(directory, List.of("-Xmx24m"), "run", "deit-tiny-2", "--no-compare");
    assertThat(result.code()).as(result.err()).isEqualTo(ExitCode.FAILED);
    assertThat(result.err())
        .startsWith("tataa: error: out of memory: Java may use ")
        .contains("-Xmx")
        .doesNotContain("\tat ");
    assertThat(result.out()).isEmpty();
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectories(directory.resolve(name));
  }

  // Kills a command at random moments, until it is quicker than that; how often it was killed.
  private static int killed(Random random, Path folder, int mostMillis, String... arguments)
      throws IOException, InterruptedException {
    int killed = 0;
    for (int i = 0; i < 3; i++) {
      Process process = ChildJvm.start(folder, List.of(), arguments);
      if (process.waitFor(200 + random.nextInt(mostMillis), TimeUnit.MILLISECONDS)) {
        assertThat(process.exitValue()).as(Files.readString(folder.resolve("err"))).isZero();
        return killed;
      }
      process.destroyForcibly().waitFor();
      killed++;
    }
    return killed;
  }

  @Test
  @Tag("heavy")
  void sweepKilledAtRandomMoments() throws IOException, InterruptedException {
    String spec = write("sweep.yaml", SWEEP);
    Path whole = folder("whole");
    assertThat(ChildJvm.run(whole, List.of(), "sweep", spec, "-o", "rows.csv").code()).isZero();
    Path folder = folder("killed");
    int killed = killed(new Random(22), folder, 1500, "sweep", spec, "-o", "rows.csv");
    ChildJvm.Result last = ChildJvm.run(folder, List.of(), "sweep", spec, "-o", "rows.csv");
    assertThat(last.code()).as(last.err()).isZero();
    assertThat(folder.resolve("rows.csv")).hasSameBinaryContentAs(whole.resolve("rows.csv"));
    assertThat(names(folder)).isSubsetOf("rows.csv", "out", "err", ".rows.csv.part");
    assertThat(killed).isPositive();
  }

  @Test
  @Tag("heavy")
  void filesOfKilledCommandsAreWholeOrAbsent() throws IOException, InterruptedException {
    List<String[]> commands =
        List.of(
            new String[] {"calibrate", "deit-tiny-2", "-o", "file"},
            new String[] {"run", "deit-tiny-2", "--no-compare", "--timeline", "file"},
            new String[] {"run", "deit-tiny-2", "--no-compare", "--csv", "file"});
    Random random = new Random(23);
    for (String[] arguments : commands) {
      String what = String.join("-", arguments);
      Path whole = folder(what + "-whole");
      assertThat(ChildJvm.run(whole, List.of(), arguments).code()).isZero();
      Path folder = folder(what);
      for (int i = 0; i < 2; i++) {
        Process process = ChildJvm.start(folder, List.of(), arguments);
        if (!process.waitFor(500 + random.nextInt(2500), TimeUnit.MILLISECONDS)) {
          process.destroyForcibly().waitFor();
        }
        Path file = folder.resolve("file");
        if (Files.exists(file)) {
          assertThat(file).hasSameBinaryContentAs(whole.resolve("file"));
          Files.delete(file);
        }
      }
      assertThat(ChildJvm.run(folder, List.of(), arguments).code()).isZero();
      assertThat(folder.resolve("file")).hasSameBinaryContentAs(whole.resolve("file"));
      assertThat(names(folder)).containsExactly("err", "file", "out");
    }
  }

  @Test
  @Tag("heavy")
  void tasksGoOnWhereTheyWereKilled() throws IOException, InterruptedException {
    String[] arguments = {
      "tasks",
      "--task",
      "perplexity",
      "--items",
      "4",
      "--scheme",
      "default",
      "--draws",
      "50",
      "--json",
      "--readings",
      "readings"
    };
    Path whole = folder("whole");
    ChildJvm.Result expected = ChildJvm.run(whole, List.of(), arguments);
    assertThat(expected.code()).as(expected.err()).isZero();
    Path folder = folder("killed");
    int killed = killed(new Random(24), folder, 1500, arguments);
    ChildJvm.Result last = ChildJvm.run(folder, List.of(), arguments);
    assertThat(last.code()).as(last.err()).isZero();
    assertThat(last.out()).isEqualTo(expected.out());
    assertThat(killed).isPositive();
  }
}
