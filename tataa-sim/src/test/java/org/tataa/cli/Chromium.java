package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Opens pages in headless Chromium. */
public final class Chromium {
  private Chromium() {}

  /**
   * What Chromium writes; it must not complain.
   *
   * @param directory for temporary files, its profile among them
   * @param url of the page
   */
  public static String show(Path directory, String url, String... options)
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
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--user-data-dir=" + directory.resolve("user"),
                "--enable-logging=stderr"));
    command.addAll(List.of(options));
    command.add(url);
    Process browser =
        new ProcessBuilder(command)
            .redirectOutput(shown.toFile())
            .redirectError(log.toFile())
            .start();
    assertThat(browser.waitFor()).isZero();
    assertThat(Files.readString(log)).doesNotContain("CONSOLE");
    return Files.readString(shown);
  }

  /** As {@link #show}, of a file. */
  static String page(Path directory, Path page, String... options)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--virtual-time-budget=5000");
    return show(directory, page.toUri().toString(), all.toArray(String[]::new));
  }
}
