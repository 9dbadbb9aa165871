package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Opens pages in headless Chromium. */
final class Chromium {
  private Chromium() {}

  /**
   * What Chromium writes; it must not complain.
   *
   * @param directory for temporary files
   */
  static String show(Path directory, Path page, String... options)
      throws IOException, InterruptedException {
    Path shown = directory.resolve("shown");
    Path log = directory.resolve("log");
    List<String> command =
        new ArrayList<>(
            List.of(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--enable-logging=stderr",
                "--virtual-time-budget=5000"));
    command.addAll(List.of(options));
    command.add(page.toUri().toString());
    Process browser =
        new ProcessBuilder(command)
            .redirectOutput(shown.toFile())
            .redirectError(log.toFile())
            .start();
    assertThat(browser.waitFor()).isZero();
    assertThat(Files.readString(log)).doesNotContain("CONSOLE");
    return Files.readString(shown);
  }
}
