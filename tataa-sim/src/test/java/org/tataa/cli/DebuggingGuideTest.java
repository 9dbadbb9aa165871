package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sessions in docs/debugging.md are what the debugger answers. */
class DebuggingGuideTest {
  private static final String START = "$ tataa debug ";
  private static final String PROMPT = "tataa> ";

  @TempDir Path directory;

  private record Session(String arguments, List<String> commands, String answers) {}

  private static List<Session> sessions() throws IOException {
    List<Session> sessions = new ArrayList<>();
    for (String block : Files.readString(Path.of("..", "docs", "debugging.md")).split("```\\R")) {
      if (block.startsWith(START)) {
        List<String> lines = block.lines().toList();
        List<String> commands = new ArrayList<>();
        StringBuilder answers = new StringBuilder();
        for (String line : lines.subList(1, lines.size())) {
          if (line.startsWith(PROMPT)) {
            commands.add(line.substring(PROMPT.length()));
          } else {
            answers.append(line).append(System.lineSeparator());
          }
        }
        sessions.add(
            new Session(lines.get(0).substring(START.length()), commands, answers.toString()));
      }
    }
    return sessions;
  }

  @Test
  void sessionsAreRepeated() throws IOException {
    assertThat(sessions()).hasSize(2);
    for (Session session : sessions()) {
      Path script = directory.resolve("script");
      Files.write(script, session.commands());
      List<String> arguments = new ArrayList<>(List.of("debug", "-x", script.toString()));
      for (String argument : session.arguments().split(" ")) {
        arguments.add(argument.replaceFirst("^docs/", "../docs/"));
      }
      StringWriter out = new StringWriter();
      StringWriter err = new StringWriter();
      int code =
          Main.run(
              new PrintWriter(out, true),
              new PrintWriter(err, true),
              arguments.toArray(String[]::new));
      assertThat(code).as(err.toString() + out).isZero();
      assertThat(out).hasToString(session.answers());
    }
  }
}
