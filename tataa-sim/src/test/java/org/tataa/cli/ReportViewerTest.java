package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Headless Chromium opens the report of the whole encoder; its numbers are those of the JSON. */
@Tag("viewers")
class ReportViewerTest {
  @TempDir Path directory;

  @Test
  void chromiumShowsTheNumbers() throws IOException, InterruptedException {
    Path page = directory.resolve("report.html");
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.run(
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            "run",
            "all-MiniLM-L6-v2",
            "--text",
            "A cat sat on the mat.",
            "--text",
            "</script> & <b>",
            "--text",
            "Hello.",
            "--report",
            page.toString(),
            "--json");
    assertThat(code).as(err.toString()).isZero();
    assertThat(Files.size(page)).isLessThan(3_000_000);
    assertThat(Files.readString(page)).doesNotContainPattern("(src|href)=|url\\(|@import|fetch\\(");
    Path dom = directory.resolve("dom.html");
    Path log = directory.resolve("log");
    Process browser =
        new ProcessBuilder(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--enable-logging=stderr",
                "--virtual-time-budget=5000",
                "--dump-dom",
                page.toUri().toString())
            .redirectOutput(dom.toFile())
            .redirectError(log.toFile())
            .start();
    assertThat(browser.waitFor()).isZero();
    assertThat(Files.readString(log)).doesNotContain("CONSOLE");
    String shown = Files.readString(dom);
    JsonNode view = new ObjectMapper().readTree(out.toString());
    assertThat(shown)
        .contains("data-ready=\"true\"")
        .contains("id=\"deviceCycles\">" + grouped(view.get("deviceCycles")));
    assertThat(shown.split("<canvas", -1)).hasSize(4);
    for (JsonNode kind : view.get("kinds")) {
      assertThat(shown).contains("<td>" + grouped(kind.get("coreCycles")) + "</td>");
    }
    assertThat(shown.split("color-mix", -1)).hasSize(2 + 32 * 16);
    for (String unit : new String[] {"exec", "load_x", "load_y", "store", "output", "controller"}) {
      assertThat(shown).contains("<td>" + unit + "</td>");
    }
    for (JsonNode item : view.get("items")) {
      assertThat(shown).contains("<td>" + grouped(item.get("coreCycles")) + "</td>");
    }
  }

  private static String grouped(JsonNode number) {
    return String.format(Locale.ENGLISH, "%,d", number.asLong());
  }
}
