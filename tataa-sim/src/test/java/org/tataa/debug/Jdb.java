package org.tataa.debug;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The command line debugger of the running JDK, one command at a time. */
final class Jdb implements AutoCloseable {
  private static final Pattern PROMPT = Pattern.compile("(main\\[\\d+] |application exited\\s*)$");
  private static final Pattern FIELD = Pattern.compile("(?m)^ {4}(\\w+): \"?(.*?)\"?$");
  private static final Pattern FRAME =
      Pattern.compile("\\[(\\d+)] org\\.tataa\\.core\\.TataaCore\\.tick ");

  private final Process process;
  private final PrintWriter in;
  private final Reader out;

  /** Starts a main class, which waits. */
  Jdb(Class<?> main, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(program().toString());
    command.add("-classpath");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(arguments);
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    in = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    InputStream stream = process.getInputStream();
    out = new InputStreamReader(stream, StandardCharsets.UTF_8);
  }

  /** Where it is. */
  static Path program() {
    Path bin = Path.of(System.getProperty("java.home"), "bin");
    Path windows = bin.resolve("jdb.exe");
    return Files.exists(windows) ? windows : bin.resolve("jdb");
  }

  /** Executes a command that leads to the next prompt of the stopped program, or to its end. */
  String execute(String command) throws IOException {
    in.println(command);
    StringBuilder answer = new StringBuilder();
    while (!PROMPT.matcher(answer).find()) {
      int next = out.read();
      if (next < 0) {
        return answer.toString();
      }
      answer.append((char) next);
    }
    return answer.toString();
  }

  /** Executes a command before the program runs, which has no prompt of its own. */
  void prepare(String command) {
    in.println(command);
  }

  /** The fields of the object whose method is executed, and an argument. */
  Map<String, String> fields() throws IOException {
    Map<String, String> fields = new HashMap<>();
    Matcher matcher = FIELD.matcher(execute("dump this"));
    while (matcher.find()) {
      fields.put(matcher.group(1), matcher.group(2).strip());
    }
    return fields;
  }

  /** The cycle that the core evaluates. */
  String cycle() throws IOException {
    Matcher matcher = FRAME.matcher(execute("where"));
    if (!matcher.find()) {
      throw new IOException("no core on the stack");
    }
    int up = Integer.parseInt(matcher.group(1)) - 1;
    execute("up " + up);
    String answer = execute("print cycle");
    execute("down " + up);
    return answer.replaceFirst("(?s).*cycle = (\\d+).*", "$1");
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
