package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The walks of docs/debugging.md as run configurations of three IDEs: the same, and they run. */
class RunConfigurationsTest {
  private static final Path PROJECT = Path.of("..");
  private static final Pattern INTELLIJ =
      Pattern.compile(
          "(?s)name=\"(Walk.*?)\".*MAIN_CLASS_NAME\" value=\"(.*?)\".*PROGRAM_PARAMETERS\" value=\"(.*?)\"");
  private static final Pattern ECLIPSE =
      Pattern.compile("(?s)MAIN_TYPE\" value=\"(.*?)\".*PROGRAM_ARGUMENTS\" value=\"(.*?)\"");

  @Test
  void walksOfAllIdesRun() throws IOException {
    Map<String, String> walks = intelliJ();
    assertThat(walks).hasSize(3);
    assertThat(eclipse()).isEqualTo(walks);
    assertThat(visualStudioCode()).isEqualTo(walks);
    for (String arguments : walks.values()) {
      assertThat(arguments).startsWith("org.tataa.cli.Main exec ").endsWith("--engine REGISTER");
      StringWriter out = new StringWriter();
      int code =
          Main.run(
              new PrintWriter(out, true),
              new PrintWriter(out, true),
              arguments.replace(" docs/", " ../docs/").substring(19).split(" "));
      assertThat(code).as(arguments + out).isZero();
    }
  }

  private static Map<String, String> intelliJ() throws IOException {
    Map<String, String> walks = new TreeMap<>();
    for (Path file : files(".run", "Walk")) {
      Matcher matcher = INTELLIJ.matcher(Files.readString(file));
      assertThat(matcher.find()).as(file.toString()).isTrue();
      walks.put(matcher.group(1), matcher.group(2) + " " + matcher.group(3));
    }
    return walks;
  }

  private static Map<String, String> eclipse() throws IOException {
    Map<String, String> walks = new TreeMap<>();
    for (Path file : files(".eclipse", "Walk")) {
      Matcher matcher = ECLIPSE.matcher(Files.readString(file));
      assertThat(matcher.find()).as(file.toString()).isTrue();
      String name = String.valueOf(file.getFileName()).replace(".launch", "");
      walks.put(name.replace("Walk", "Walk:"), matcher.group(1) + " " + matcher.group(2));
    }
    return walks;
  }

  private static Map<String, String> visualStudioCode() throws IOException {
    Map<String, String> walks = new TreeMap<>();
    JsonNode launch = new ObjectMapper().readTree(PROJECT.resolve(".vscode/launch.json").toFile());
    for (JsonNode one : launch.get("configurations")) {
      walks.put(
          one.get("name").asText(), one.get("mainClass").asText() + " " + one.get("args").asText());
    }
    return walks;
  }

  private static Iterable<Path> files(String directory, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(PROJECT.resolve(directory))) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).startsWith(prefix))
          .sorted()
          .toList();
    }
  }
}
