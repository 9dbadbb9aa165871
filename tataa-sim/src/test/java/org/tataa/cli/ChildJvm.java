package org.tataa.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The command line in a virtual machine of its own. */
public final class ChildJvm {
  private static final int MOST_SECONDS = 120;

  /** How it ended, and what it printed. */
  record Result(int code, String out, String err) {}

  private ChildJvm() {}

  /** {@code java OPTIONS ARGUMENTS} with the classes of this test. */
  public static List<String> java(List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-cp");
    command.add(classPath());
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  // That of the executable jar as far as it matters: it is without JNA, which finds other
  // libraries.
  private static String classPath() {
    String all =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Arrays.stream(all.split(File.pathSeparator))
        .filter(entry -> !entry.replaceAll(".*[/\\\\]", "").startsWith("jna-"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Starts {@code tataa ARGUMENTS} in a directory, whose files out and err it prints to. */
  static Process start(Path directory, List<String> options, String... arguments)
      throws IOException {
    List<String> command = java(options, "org.tataa.cli.Main");
    command.addAll(Arrays.asList(arguments));
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectOutput(directory.resolve("out").toFile())
        .redirectError(directory.resolve("err").toFile())
        .start();
  }

  /** Runs {@code tataa ARGUMENTS} in a directory to its end. */
  static Result run(Path directory, List<String> options, String... arguments)
      throws IOException, InterruptedException {
    Process process = start(directory, options, arguments);
    if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(String.join(" ", arguments) + " does not end");
    }
    return new Result(
        process.exitValue(), read(directory.resolve("out")), read(directory.resolve("err")));
  }

  private static String read(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }
}
