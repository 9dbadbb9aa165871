package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Headless Chromium opens the page of a sweep; it shows the fronts of the JSON. */
@Tag("viewers")
class SweepViewerTest {
  @TempDir Path directory;

  @Test
  void chromiumShowsTheFronts() throws IOException, InterruptedException {
    Path spec = directory.resolve("sweep.yaml");
    Files.writeString(
        spec,
        "models: [deit-tiny-2, decoder-tiny-2]\n"
            + "grid: {cores: [2, 8], overlappedDrain: [false, true], dmbDepth: [4, 64]}\n");
    Path page = directory.resolve("sweep.html");
    String rows = directory.resolve("rows.csv").toString();
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.run(
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            "sweep",
            spec.toString(),
            "-o",
            rows,
            "--report",
            page.toString(),
            "--json");
    assertThat(code).as(err.toString()).isZero();
    assertThat(Files.readString(page)).doesNotContainPattern("(src|href)=|url\\(|@import|fetch\\(");
    String shown =
        Chromium.page(directory, page, "--dump-dom", "--blink-settings=preferredColorScheme=1");
    assertThat(shown).contains("data-ready=\"true\"").contains("16 rows").contains("too small");
    // Two charts of each of two models.
    assertThat(shown.split("<canvas", -1)).hasSize(5);
    JsonNode fronts = new ObjectMapper().readTree(out.toString()).get("pareto");
    assertThat(fronts.size()).isEqualTo(2);
    int m = 0;
    for (JsonNode front : fronts) {
      int from = shown.indexOf("<table id=\"front" + m++ + "\"");
      String table = shown.substring(from, shown.indexOf("</table>", from));
      assertThat(table.split("<tr", -1)).hasSize(2 + front.size());
      for (JsonNode row : front) {
        assertThat(table).contains(">" + row.get("digest").asText() + "</td>");
      }
    }
    assertThat(
            Chromium.page(directory, page, "--dump-dom", "--blink-settings=preferredColorScheme=0"))
        .contains("data-ready=\"true\"");
    Path paper = directory.resolve("sweep.pdf");
    Chromium.page(directory, page, "--print-to-pdf=" + paper);
    assertThat(Files.size(paper)).isGreaterThan(20_000);
  }
}
