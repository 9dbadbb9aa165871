package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher finds its jar and the JVM, and asks for the Vector API where there is one. */
class LauncherTest {
  @TempDir Path directory;

  private Path home;
  private Path script;

  @BeforeEach
  void install() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")));
    home = Files.createDirectories(directory.resolve("java home"));
    Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
    // Says what it was called with, a line for each word.
    Files.writeString(
        java,
        "#!/bin/sh\nif [ \"$1\" = --list-modules ]; then echo jdk.incubator.vector@17; exit; fi\n"
            + "for word in \"$@\"; do echo \"$word\"; done\nexit 3\n");
    java.toFile().setExecutable(true);
    script = Files.createDirectories(directory.resolve("tools here")).resolve("tataa");
    Files.copy(Path.of("src/main/launcher/tataa"), script);
    script.toFile().setExecutable(true);
  }

  private List<String> start(Path command, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(command.toString()));
    words.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().keySet().removeAll(List.of("JAVA_HOME", "TATAA_OPTS"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    // The JVM's exit code is the launcher's.
    assertThat(process.waitFor()).as(out).isEqualTo(3);
    return out.lines().toList();
  }

  private Map<String, String> withModules(String modules) throws IOException {
    Files.writeString(
        home.resolve("release"), "JAVA_VERSION=\"17\"\nMODULES=\"" + modules + "\"\n");
    return Map.of("JAVA_HOME", home.toString());
  }

  @Test
  void asksForTheVectorApiWhereThereIsOne() throws Exception {
    String jar = script.resolveSibling("tataa.jar").toString();
    assertThat(start(script, withModules("java.base jdk.incubator.vector"), "run", "a b"))
        .containsExactly("--add-modules", "jdk.incubator.vector", "-jar", jar, "run", "a b");
    assertThat(start(script, withModules("java.base java.sql"), "run", ""))
        .containsExactly("-jar", jar, "run", "");
  }

  @Test
  void asksTheJvmIfItsHomeDoesNotSay() throws Exception {
    String path = home.resolve("bin") + ":" + System.getenv("PATH");
    assertThat(start(script, Map.of("PATH", path, "TATAA_OPTS", "-Xmx3g -Dx=y"), "info"))
        .startsWith("--add-modules", "jdk.incubator.vector", "-Xmx3g", "-Dx=y", "-jar")
        .endsWith("info");
  }

  @Test
  void findsItsJarThroughLinks() throws Exception {
    Path link = directory.resolve("link");
    Files.createSymbolicLink(link, Path.of("tools here", "tataa"));
    List<String> words = start(link, withModules("java.base"), "info");
    Path jar = Path.of(words.get(words.indexOf("-jar") + 1));
    assertThat(jar.toString()).endsWith("tools here/tataa.jar");
  }
}
