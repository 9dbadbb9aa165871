package org.tataa.docs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.tataa.cli.Main;

/**
 * Executes the commands a guide shows, as if from the top of the repository with the reader's files
 * in {@code work}. The command line runs in this JVM, and so does Java that is compiled from a
 * file; everything else is given to a shell, in a folder that has {@code work} and nothing else.
 */
final class Console {
  private static final Path TOP = Path.of("..");
  private static final String WORK = "work";
  private static final String JAVA = "java -cp tataa-sim/target/tataa.jar ";
  private static final Pattern FILE =
      Pattern.compile("(?<![\\w./-])(docs|tataa-core|tataa-sim|" + WORK + ")/");

  private final Path folder;

  /** A console whose files are in a folder. */
  Console(Path folder) throws IOException {
    this.folder = folder.toRealPath();
    Files.createDirectories(this.folder.resolve(WORK));
  }

  /**
   * What a command left.
   *
   * @param code its exit code
   * @param lines what it printed, errors among it
   */
  record Result(int code, List<String> lines) {}

  /** Writes a file of the reader's. */
  void write(String name, String content) throws IOException {
    if (!name.startsWith(WORK + "/")) {
      throw new IllegalArgumentException(name + ": expected a file in " + WORK);
    }
    Files.writeString(folder.resolve(name), content);
  }

  /** Executes a command. */
  Result run(Transcript.Step step) throws IOException, InterruptedException {
    if (step.command().startsWith("tataa ")) {
      return tataa(step);
    }
    return step.command().startsWith(JAVA)
        ? java(step.command().substring(JAVA.length()))
        : shell(step.command());
  }

  private String real(String word) {
    return FILE.matcher(word)
        .replaceAll(
            found -> (found.group(1).equals(WORK) ? folder : TOP).resolve(found.group(1)) + "/");
  }

  private Result result(int code, String output) {
    String shown = output.replace(folder + "/", "").replace(TOP + "/", "");
    return new Result(code, shown.lines().toList());
  }

  private Result tataa(Transcript.Step step) throws IOException {
    List<String> words = Transcript.words(step.command());
    List<String> arguments = new ArrayList<>();
    for (String word : words.subList(1, words.size())) {
      arguments.add(real(word));
    }
    if (!step.typed().isEmpty()) {
      Path script = folder.resolve("typed");
      Files.write(script, step.typed());
      arguments.addAll(List.of("-x", script.toString()));
    }
    StringWriter output = new StringWriter();
    PrintWriter printer = new PrintWriter(output, true);
    int code = Main.run(printer, printer, arguments.toArray(String[]::new));
    return result(code, output.toString());
  }

  private Result shell(String command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("/bin/sh", "-c", command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return result(process.waitFor(), output);
  }

  // What `java FILE.java` does, without another JVM.
  private Result java(String command) throws IOException {
    List<String> words = Transcript.words(command).stream().map(this::real).toList();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    Path source = Path.of(words.get(0));
    Path classes = Files.createDirectories(folder.resolve("classes"));
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    String[] options = {
      "-proc:none", "-cp", path, "-d", classes.toString(), source.toString(),
    };
    if (compiler.run(null, output, output, options) != 0) {
      return result(1, output.toString(StandardCharsets.UTF_8));
    }
    String name = String.valueOf(source.getFileName()).replace(".java", "");
    PrintStream before = System.out;
    try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
      System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
      loader
          .loadClass(name)
          .getMethod("main", String[].class)
          .invoke(null, (Object) words.subList(1, words.size()).toArray(String[]::new));
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(source + " failed", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(source + " has no main method that can be called", e);
    } finally {
      System.setOut(before);
    }
    return result(0, output.toString(StandardCharsets.UTF_8));
  }
}
