package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is printed and written does not depend on the language, the time zone, the ends of lines and
 * the character set of the system, nor on the number of threads.
 */
class EnvironmentsTest {
  private static final Map<String, List<String>> ENVIRONMENTS = new LinkedHashMap<>();

  static {
    ENVIRONMENTS.put("plain", List.of("-Duser.language=en", "-Duser.country=US"));
    ENVIRONMENTS.put(
        "Turkish",
        List.of(
            "-Duser.language=tr",
            "-Duser.country=TR",
            "-Duser.timezone=Pacific/Kiritimati",
            "-Dline.separator=\r\n",
            "-Dfile.encoding=ISO-8859-1"));
    ENVIRONMENTS.put(
        "Arabic",
        List.of(
            "-Duser.language=ar",
            "-Duser.country=EG",
            "-Duser.timezone=Asia/Kathmandu",
            "-Dfile.encoding=US-ASCII"));
    ENVIRONMENTS.put(
        "German",
        List.of(
            "-Duser.language=de",
            "-Duser.country=DE",
            "-Dline.separator=\r\n",
            "-Dfile.encoding=UTF-16"));
  }

  private static final String PROGRAM =
      """
      .repeat 9 as i
      LOAD.M X, tile=0, depth=8, addr=0, bytes=64
      LOAD.M Y, tile=0, depth=8, addr=64, bytes=64
      MATMUL x=0, y=0, depth=8, clear, drain
      STORE.M int8, words=8, addr=0x600, bytes=64
      .end
      HALT
      """;

  @TempDir private Path directory;

  // Everything a command leaves: what it prints, its exit code, every file.
  private Map<String, String> result(
      String environment, int threads, List<String> arguments, String number)
      throws IOException, InterruptedException {
    Path folder = Files.createDirectory(directory.resolve(environment + "-" + number));
    Files.writeString(folder.resolve("program.s"), PROGRAM);
    List<String> all = new ArrayList<>(arguments);
    if (arguments.get(0).equals("run")) {
      all.addAll(List.of("--threads", Integer.toString(threads)));
    }
    List<String> options = new ArrayList<>(ENVIRONMENTS.getOrDefault(environment, List.of()));
    options.add("-Xmx1g");
    ChildJvm.Result result = ChildJvm.run(folder, options, all.toArray(String[]::new));
    Map<String, String> left = new TreeMap<>();
    left.put("exit code", Integer.toString(result.code()));
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] content = Files.readAllBytes(file);
        left.put(
            folder.relativize(file).toString(),
            withoutHostTimes(new String(content, java.nio.charset.StandardCharsets.ISO_8859_1)));
      }
    }
    return left;
  }

  // How long the host took, and with how many threads, is not a result.
  private static String withoutHostTimes(String text) {
    return text.replaceAll("simulated in [^\n]*", "simulated in ...")
        .replaceAll("(compiled|done|executed) in [0-9.]+ s", "$1 in ... s")
        .replaceAll(
            "\"(wallSeconds|hostSeconds|simulationSeconds|coreCyclesPerSecond|macsPerSecond|seconds|threads)\""
                + "( ?): ?[^\n]*",
            "\"$1\": ...");
  }

  // Every command in the first environment and in one of the others, in turns.
  private void check(List<String> environments, List<List<String>> commands)
      throws IOException, InterruptedException {
    for (int i = 0; i < commands.size(); i++) {
      Map<String, String> expected = null;
      int threads = 1;
      String other = environments.get(1 + i % (environments.size() - 1));
      for (String environment : List.of(environments.get(0), other)) {
        Map<String, String> found =
            result(environment, threads, commands.get(i), Integer.toString(i));
        if (expected == null) {
          expected = found;
          assertThat(found).as("%s", commands.get(i)).containsEntry("exit code", "0");
        }
        assertThat(found).as("%s, %s", commands.get(i), environment).isEqualTo(expected);
        threads = 3 - threads;
      }
    }
  }

  @Test
  void aProgram() throws IOException, InterruptedException {
    check(
        List.of("plain", "Turkish"),
        List.of(
            List.of(
                "trace",
                "program.s",
                "--preset",
                "tiny",
                "--vcd",
                "waves.vcd",
                "--timeline",
                "timeline.json")));
  }

  @Test
  @Tag("heavy")
  void commandsThatWriteEverything() throws IOException, InterruptedException {
    check(
        List.copyOf(ENVIRONMENTS.keySet()),
        List.of(
            List.of("exec", "program.s", "--preset", "tiny", "--snapshot", "run.snapshot"),
            List.of("run", "matmul", "-m", "40", "-n", "30", "-k", "50", "--json"),
            List.of(
                "run",
                "deit-tiny-2",
                "--report",
                "report.html",
                "--csv",
                "steps.csv",
                "--timeline",
                "timeline.json",
                "--energy",
                "asic-45nm",
                "--layers"),
            List.of("run", "deit-tiny-2", "--json"),
            List.of("compile", "deit-tiny-2", "-o", "programs"),
            List.of("calibrate", "deit-tiny-2", "-o", "calibration.json"),
            List.of("functions", "--markdown", "functions.md"),
            List.of("whatif", "deit-tiny-2", "--only", "queue-8", "--csv", "machines.csv")));
  }
}
