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
import java.util.Map;
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
    String shown =
        Chromium.page(directory, page, "--dump-dom", "--blink-settings=preferredColorScheme=1");
    JsonNode view = new ObjectMapper().readTree(out.toString());
    assertThat(shown)
        .contains("data-ready=\"true\"")
        .contains("id=\"deviceCycles\">" + grouped(view.get("deviceCycles")));
    assertThat(shown.split("<canvas", -1)).hasSize(5);
    assertNumbers(shown, view);
    assertSameData(Files.readString(page), view);
    // Dark, and on paper: no errors either, and what is folded away is printed.
    assertThat(
            Chromium.page(directory, page, "--dump-dom", "--blink-settings=preferredColorScheme=0"))
        .contains("data-ready=\"true\"");
    Path paper = directory.resolve("report.pdf");
    Chromium.page(directory, page, "--print-to-pdf=" + paper);
    assertThat(Files.size(paper)).isGreaterThan(100_000);
  }

  private static void assertNumbers(String shown, JsonNode view) {
    String kinds = table(shown, "kinds");
    for (Map.Entry<String, JsonNode> kind : view.get("kinds").properties()) {
      assertThat(kinds)
          .contains(
              row(kind.getKey(), kind.getValue().get("steps"), kind.getValue().get("coreCycles")));
    }
    String units = table(shown, "units");
    for (Map.Entry<String, JsonNode> unit : view.get("units").properties()) {
      JsonNode cycles = unit.getValue();
      assertThat(units).contains(row(unit.getKey(), cycles.get("busy"), cycles.get("idle")));
      for (Map.Entry<String, JsonNode> cause : cycles.get("stalled").properties()) {
        assertThat(units).contains(cause.getKey() + " " + grouped(cause.getValue()));
      }
    }
    String layers = table(shown, "layers");
    assertThat(view.get("layers").size()).isGreaterThan(6);
    for (JsonNode layer : view.get("layers")) {
      assertThat(layers).contains(row(layer.get("name").asText(), layer.get("coreCycles")));
      assertThat(layers)
          .contains("<td>" + grouped(layer.get("wraps")) + "</td><td>")
          .contains("<td>" + grouped(layer.get("saturations")) + "</td><td>");
    }
    String items = table(shown, "items");
    for (JsonNode item : view.get("items")) {
      double cosine = item.get("cosine sentence_embedding").asDouble();
      assertThat(items)
          .contains(
              "<td>"
                  + item.get("cores")
                  + "</td><td>"
                  + grouped(item.get("cycles"))
                  + "</td><td>"
                  + String.format(Locale.ENGLISH, "%.5f", cosine)
                  + "</td>");
    }
    assertThat(table(shown, "activity").split("color-mix", -1)).hasSize(1 + 32 * 16);
    for (String table :
        new String[] {
          "points",
          "utilisation",
          "compared",
          "worst",
          "wraps",
          "steps",
          "functions",
          "lost",
          "scheduleSteps"
        }) {
      assertThat(table(shown, table).split("<tr", -1)).as(table).hasSizeGreaterThan(3);
    }
    assertThat(shown).contains(">Largest loss: " + view.get("largestLoss").get("text").asText());
    assertDrawn(shown);
  }

  // A layer in the middle: its steps, and a line for every unit.
  private static void assertDrawn(String shown) {
    assertThat(shown).contains("Schedule of layer /encoder/layer.3");
    int from = shown.indexOf("<svg id=\"schedule\"");
    String drawing = shown.substring(from, shown.indexOf("</svg>", from));
    assertThat(drawing.length()).isBetween(5_000, 200_000);
    assertThat(drawing)
        .contains("array int8", "vector lanes", "X loads", "Y loads", "stores", "host");
    assertThat(drawing.split("<path", -1)).hasSize(1 + 5);
    assertThat(drawing.split("<title", -1)).hasSizeGreaterThan(20);
  }

  private static String table(String shown, String id) {
    int from = shown.indexOf("<table id=\"" + id + "\"");
    assertThat(from).as(id).isPositive();
    String table = shown.substring(from, shown.indexOf("</table>", from));
    assertThat(table).contains("<caption>", "scope=\"col\"", "scope=\"row\"");
    return table;
  }

  private static String row(String name, JsonNode... numbers) {
    StringBuilder row = new StringBuilder("<th scope=\"row\">" + name + "</th>");
    for (JsonNode number : numbers) {
      row.append("<td>").append(grouped(number)).append("</td>");
    }
    return row.toString();
  }

  // The page carries everything that was printed, and more.
  private static void assertSameData(String page, JsonNode view) throws IOException {
    String start = "<script id=\"data\" type=\"application/json\">";
    int from = page.indexOf(start) + start.length();
    JsonNode data =
        new ObjectMapper().readTree(page.substring(from, page.indexOf("</script>", from)));
    for (Map.Entry<String, JsonNode> value : view.properties()) {
      assertThat(data.get(value.getKey())).as(value.getKey()).isEqualTo(value.getValue());
    }
  }

  private static String grouped(JsonNode number) {
    return String.format(Locale.ENGLISH, "%,d", number.asLong());
  }
}
