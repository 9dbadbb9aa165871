package org.tataa.debug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tataa.cli.Main;

/** The walks through a PE in docs/debugging.md, repeated in jdb. */
@Timeout(300)
class WalksTest {
  private static final String START = "$ tataa exec ";
  private static final String STOP = "stop in ";
  private static final Pattern HIT = Pattern.compile("ProcessingElement\\.(\\w+)\\(\\)");
  private static final Pattern VALUE = Pattern.compile("(\\w+)=(\\S+)");
  private static final Pattern CONDITION = Pattern.compile("(\\w+) == (\\w+)");

  /**
   * A walk.
   *
   * @param arguments of {@code exec}
   * @param methods where it stops
   * @param condition fields and their values
   * @param steps what is seen at each stop
   */
  private record Walk(
      List<String> arguments, List<String> methods, String condition, List<String> steps) {}

  private static List<Walk> walks() throws IOException {
    List<Walk> walks = new ArrayList<>();
    for (String block : Files.readString(Path.of("..", "docs", "debugging.md")).split("```\\R")) {
      List<String> lines = block.lines().toList();
      if (block.startsWith(START) && lines.get(1).startsWith(STOP)) {
        List<String> arguments = new ArrayList<>(List.of("exec"));
        for (String argument : lines.get(0).substring(START.length()).split(" ")) {
          arguments.add(argument.replaceFirst("^docs/", "../docs/"));
        }
        String[] stop = lines.get(1).substring(STOP.length()).split(" if ");
        walks.add(
            new Walk(
                arguments,
                Arrays.asList(stop[0].split(", ")),
                stop[1],
                lines.subList(2, lines.size())));
      }
    }
    return walks;
  }

  @Test
  void walksAreRepeated() throws IOException {
    assumeTrue(Files.exists(Jdb.program()), "no jdb in this Java");
    assertThat(walks()).hasSize(3);
    for (Walk walk : walks()) {
      assertThat(String.join("\n", seen(walk))).isEqualTo(String.join("\n", walk.steps()));
    }
  }

  // jdb has no conditions: go on until the fields are those asked for.
  private static List<String> seen(Walk walk) throws IOException {
    List<String> seen = new ArrayList<>();
    try (Jdb jdb = new Jdb(Main.class, walk.arguments())) {
      for (String method : walk.methods()) {
        jdb.prepare("stop in org.tataa.array." + method);
      }
      String answer = jdb.execute("run");
      while (seen.size() < walk.steps().size()) {
        Matcher hit = HIT.matcher(answer);
        assertThat(hit.find()).as(answer).isTrue();
        Map<String, String> fields = jdb.fields();
        if (holds(walk.condition(), fields)) {
          StringBuilder line = new StringBuilder();
          line.append("cycle ").append(jdb.cycle()).append(' ').append(hit.group(1)).append(' ');
          Matcher value = VALUE.matcher(walk.steps().get(seen.size()));
          while (value.find()) {
            line.append(' ').append(value.group(1)).append('=').append(fields.get(value.group(1)));
          }
          seen.add(line.toString());
        }
        answer = jdb.execute("cont");
      }
    }
    return seen;
  }

  private static boolean holds(String condition, Map<String, String> fields) {
    Matcher matcher = CONDITION.matcher(condition);
    while (matcher.find()) {
      if (!matcher.group(2).equals(fields.get(matcher.group(1)))) {
        return false;
      }
    }
    return true;
  }
}
