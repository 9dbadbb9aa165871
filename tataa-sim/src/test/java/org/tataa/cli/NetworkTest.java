package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nobody is asked anything over a network, and native code is loaded only by what needs it. Where
 * it is permitted, in a namespace without a network.
 */
@EnabledOnOs(OS.LINUX)
class NetworkTest {
  @TempDir private Path directory;

  @Test
  @Tag("heavy")
  void nobodyIsAsked() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    if (canUnshare()) {
      command.addAll(List.of("unshare", "-r", "-n"));
    }
    command.addAll(ChildJvm.java(List.of(), NetworkWatch.class.getName()));
    Process process =
        new ProcessBuilder(command).redirectError(directory.resolve("err").toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    assertThat(out.lines())
        .containsExactly(
            "without text: [], []",
            "with text: [], [libtokenizers]",
            "control: [http://127.0.0.2/]");
  }

  private boolean canUnshare() throws InterruptedException {
    try {
      return new ProcessBuilder("unshare", "-r", "-n", "true")
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("unshare").toFile())
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
