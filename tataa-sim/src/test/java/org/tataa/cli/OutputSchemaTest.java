package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tataa.sim.Engine;

/** What is printed with {@code --json}, and the timelines, are what docs/schemas says. */
class OutputSchemaTest {
  private static final Path SCHEMAS = Path.of("..", "docs", "schemas");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path directory;

  private static JsonNode json(String... arguments) throws IOException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    assertThat(code).as(err.toString()).isZero();
    return MAPPER.readTree(out.toString());
  }

  private static JsonSchema schema(String file, String definition) throws IOException {
    String text = Files.readString(SCHEMAS.resolve(file));
    if (!definition.isEmpty()) {
      text = text.replaceFirst("\\{", "{ \"\\$ref\": \"#/\\$defs/" + definition + "\",");
    }
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(text);
  }

  static void check(String definition, JsonNode output) throws IOException {
    assertThat(schema("output.schema.json", definition).validate(output)).as(definition).isEmpty();
  }

  private String program() throws IOException {
    Path file = directory.resolve("block.s");
    Files.writeString(
        file,
        "LOAD.M X, tile=0, depth=2, addr=0x0, bytes=16\n"
            + "LOAD.M Y, tile=0, depth=2, addr=0x100, bytes=16\n"
            + "MATMUL x=0, y=0, depth=2, clear, drain\n"
            + "STORE.M int8, words=8, addr=0x200, bytes=64\nHALT\n");
    return file.toString();
  }

  @Test
  void programsAndTables() throws IOException {
    check("info", json("info", "--json"));
    check("inspect", json("inspect", "deit-tiny-2", "--json"));
    check("exec", json("exec", program(), "--preset", "tiny", "--json"));
    for (Engine engine : Engine.values()) {
      check("matmul", json("run", "matmul", "--engine", engine.name(), "--json"));
    }
    check("model", json("run", "attention", "--json"));
    check("functions", json("functions", "--json"));
    check("conformance", json("conformance", "src/test/resources/golden", "--json"));
  }

  @Test
  void aSchemaRefusesOtherThings() throws IOException {
    JsonNode info = json("info", "--json");
    assertThat(schema("output.schema.json", "exec").validate(info)).isNotEmpty();
    ((ObjectNode) info).put("rows", "many");
    assertThat(schema("output.schema.json", "info").validate(info)).isNotEmpty();
    assertThat(schema("timeline.schema.json", "").validate(info)).isNotEmpty();
  }

  @Test
  void everyValueIsExplained() throws IOException {
    for (String file : new String[] {"output.schema.json", "timeline.schema.json"}) {
      assertExplained(file, MAPPER.readTree(SCHEMAS.resolve(file).toFile()));
    }
  }

  private static void assertExplained(String where, JsonNode schema) {
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      JsonNode value = property.getValue();
      boolean isSimple = value.has("type") && !value.get("type").asText().equals("object");
      assertThat(!isSimple || !value.path("description").asText().isBlank())
          .as(where + "/" + property.getKey())
          .isTrue();
    }
    for (Map.Entry<String, JsonNode> part : schema.properties()) {
      assertExplained(where + "/" + part.getKey(), part.getValue());
    }
    for (JsonNode part : schema.isArray() ? schema : MAPPER.createArrayNode()) {
      assertExplained(where, part);
    }
  }

  @Test
  void models() throws IOException {
    String model = "deit-tiny-2";
    String ranges = directory.resolve("ranges.json").toString();
    check("calibrate", json("calibrate", model, "-o", ranges, "--json"));
    String compiled = directory.resolve("compiled").toString();
    check("compile", json("compile", model, "-o", compiled, "--json", "--calibration", ranges));
    check("model", json("run", model, "--json", "--calibration", ranges));
    check("model", json("run", model, "--json", "--explain", "--calibration", ranges));
    JsonNode spent =
        json("run", model, "--json", "--no-compare", "--energy", "fpga", "--calibration", ranges);
    check("model", spent);
    double units = 0;
    for (JsonNode unit : spent.get("energy").get("units")) {
      units += unit.get("joules").asDouble();
    }
    assertThat(spent.get("energy").get("total").get("joules").asDouble())
        .isCloseTo(units, Percentage.withPercentage(1e-6));
  }

  /** Rows of the study of schedules, and the page with them. */
  @Test
  void schedules() throws IOException {
    Path page = directory.resolve("schedules.md");
    String[] arguments = {"schedules", "deit-tiny-2", "--batch", "9", "--energy", "asic-45nm"};
    List<String> command = new ArrayList<>(List.of(arguments));
    command.addAll(List.of("--markdown", page.toString(), "--json"));
    JsonNode rows = json(command.toArray(String[]::new));
    check("schedules", rows);
    JsonNode row = rows.get("schedules").get(0);
    assertThat(row.get("energy").get("joulesPerItem").asDouble()).isPositive();
    assertThat(row.get("batch").asInt()).isEqualTo(9);
    // Nine items on eight cores take twice as long as one.
    assertThat(row.get("deviceCycles").asLong()).isEqualTo(2 * row.get("itemCycles").asLong());
    assertThat(row.get("boundCycles").asLong()).isLessThan(row.get("itemCycles").asLong());
    assertThat(Files.readString(page))
        .contains("Made by `tataa schedules deit-tiny-2 --batch 9 --markdown docs/schedules.md`")
        .contains("| deit-tiny-2 | 9 |")
        .contains(
            "- deit-tiny-2: " + row.get("largestLoss").asText() + "; lost of all cycles (array): ");
  }

  /** Machines beside each other; one of them is too small. */
  @Test
  void whatIf() throws IOException {
    Path csv = directory.resolve("whatif.csv");
    String[] arguments = {
      "whatif",
      "deit-tiny-2",
      "--batch",
      "8",
      "--only",
      "pipelined-mode,cores-4",
      "--csv",
      csv.toString(),
      "--json"
    };
    JsonNode view = json(arguments);
    check("whatif", view);
    assertThat(view.get("rows")).hasSize(3);
    assertThat(view.get("rows").get(2).get("speedup").asDouble()).isEqualTo(0.5);
    assertThat(Files.readAllLines(csv)).hasSize(4);
    StringWriter err = new StringWriter();
    String[] wrong = {"whatif", "deit-tiny-2", "--only", "more-of-everything"};
    assertThat(Main.run(new PrintWriter(err), new PrintWriter(err, true), wrong)).isEqualTo(3);
    assertThat(err.toString()).contains("no change more-of-everything, expected one of overlapped");
  }

  /** A sweep over one machine and one that cannot be. */
  @Test
  void sweep() throws IOException {
    Path file = directory.resolve("sweep.yaml");
    Files.writeString(file, "models: [deit-tiny-2]\ngrid: {cores: [8, 0]}\n");
    Path rows = directory.resolve("rows.csv");
    String[] command = {"sweep", file.toString(), "-o", rows.toString(), "--json"};
    JsonNode first = json(command);
    check("sweep", first);
    assertThat(first.get("computed").asInt()).isEqualTo(2);
    assertThat(first.get("refused").asInt()).isEqualTo(1);
    assertThat(first.get("pareto").get("deit-tiny-2")).hasSize(1);
    byte[] bytes = Files.readAllBytes(rows);
    assertThat(json(command).get("computed").asInt()).isZero();
    assertThat(Files.readAllBytes(rows)).isEqualTo(bytes);
    StringWriter text = new StringWriter();
    String[] plain = Arrays.copyOf(command, command.length - 1);
    assertThat(Main.run(new PrintWriter(text), new PrintWriter(text, true), plain)).isZero();
    assertThat(text.toString())
        .contains("2 rows, 0 simulated now, 1 refused")
        .contains("deit-tiny-2: Pareto front in time, energy (an estimate) and DSPs")
        .containsPattern("  4096  [0-9a-f]{16}  nothing");
    Files.writeString(file, "models: [deit-tiny-2]\ngrid: {coers: [8, 0]}\n");
    StringWriter err = new StringWriter();
    assertThat(Main.run(new PrintWriter(err), new PrintWriter(err, true), command)).isEqualTo(3);
    assertThat(err.toString()).contains("sweep.yaml: configuration: no key coers");
  }

  /** The paper's page, for a small model. */
  @Test
  void reproduce() throws IOException {
    Path page = directory.resolve("paper.md");
    Path html = directory.resolve("paper.html");
    List<String> command = new ArrayList<>(List.of("reproduce", "deit-tiny-2", "--depths", "256"));
    command.addAll(List.of("--no-accuracy", "--json", "--markdown", page.toString()));
    command.addAll(List.of("--report", html.toString()));
    JsonNode view = json(command.toArray(String[]::new));
    check("reproduce", view);
    double shares = 0;
    for (JsonNode part : view.get("models").get(0).get("parts")) {
      shares += part.get("share").asDouble();
    }
    assertThat(shares).isCloseTo(1, Offset.offset(1e-9));
    JsonNode nearest = view.get("figures").get(0);
    assertThat(nearest.get("difference").asDouble())
        .isEqualTo(nearest.get("simulated").asDouble() / 2935.2 - 1);
    assertThat(view.get("rates").findValuesAsText("rate"))
        .anyMatch(rate -> nearest.get("workload").asText().startsWith(rate + ", batch 16"));
    assertThat(view.get("depths").get(0).get("gops").asDouble())
        .isLessThan(view.get("depths").get(0).get("periodGops").asDouble());
    assertThat(Files.readString(page))
        .contains("Made by `tataa reproduce deit-tiny-2 --depths 256 --no-accuracy")
        .contains("| 32 | 169.5 | 73.6 % |")
        .doesNotContain("NaN");
    assertThat(Files.readString(html))
        .doesNotContainPattern("(src|href)=|url\\(|@import|fetch\\(")
        .contains("\"depths\":[{\"depth\":256,");
  }

  /** A prompt and a token of a decoder, with the beats their memory needs. */
  @Test
  void decoders() throws IOException {
    Path page = directory.resolve("decoders.md");
    JsonNode rows = json("schedules", "decoder-tiny-2", "--markdown", page.toString(), "--json");
    check("schedules", rows);
    assertThat(rows.get("schedules")).hasSize(2);
    JsonNode token = rows.get("schedules").get(1);
    assertThat(token.get("variant").asText()).isEqualTo("a token after 127");
    assertThat(token.get("memoryBeats").asLong()).isLessThan(token.get("itemCycles").asLong());
    assertThat(Files.readString(page)).contains("## Decoders and their memory");
    JsonNode made =
        json("generate", "decoder-tiny-2", "--tokens", "2", "--partition", "off", "--json");
    check("generate", made);
    assertThat(made.get("tokens")).hasSize(2);
    assertThat(made.get("prompt")).hasSize(16);
    assertThat(made.get("steps").get(1).get("position").asInt()).isEqualTo(16);
  }

  /** Slices of a model's steps add up to the cycles that are reported. */
  @Test
  void timelineOfAModel() throws IOException {
    Path file = directory.resolve("layers.json");
    JsonNode run =
        json(
            "run",
            "all-MiniLM-L6-v2",
            "--text",
            "A cat sat on the mat.",
            "--text",
            "Rain.",
            "--timeline",
            file.toString(),
            "--json");
    check("model", run);
    JsonNode timeline = MAPPER.readTree(file.toFile());
    assertThat(schema("timeline.schema.json", "").validate(timeline)).isEmpty();
    Map<String, Long> cycles = sums(timeline);
    long coreCycles = run.get("total").get("coreCycles").asLong();
    assertThat(coreCycles).isPositive();
    assertThat(cycles.get("steps")).isEqualTo(coreCycles);
    assertThat(cycles.get("items")).isEqualTo(coreCycles);
    assertThat(cycles.get("layers")).isEqualTo(coreCycles);
    run.get("units")
        .properties()
        .forEach(
            unit -> {
              String track = unit.getKey().replace('_', ' ') + " by step";
              Map<String, Long> expected = new HashMap<>();
              expected.put("busy", unit.getValue().get("busy").asLong());
              expected.put("idle", unit.getValue().get("idle").asLong());
              unit.getValue()
                  .get("stalled")
                  .properties()
                  .forEach(
                      cause ->
                          expected.put(
                              cause.getKey().toUpperCase(Locale.ROOT), cause.getValue().asLong()));
              expected.values().removeIf(value -> value == 0);
              assertThat(sums(timeline, track)).as(track).isEqualTo(expected);
            });
    long layers = 0;
    for (JsonNode layer : run.get("layers")) {
      layers += layer.get("coreCycles").asLong();
    }
    assertThat(layers).isEqualTo(coreCycles);
    assertNoOverlap(timeline);
  }

  /** An item on several cores has tracks on each of them. */
  @Test
  void timelineOfAnItemOnTwoCores() throws IOException {
    for (boolean units : new boolean[] {false, true}) {
      Path file = directory.resolve("split" + units + ".json");
      List<String> options =
          new ArrayList<>(List.of("run", "deit-tiny-2", "--no-compare", "--partition", "2"));
      options.addAll(List.of("--timeline", file.toString(), "--json"));
      if (units) {
        options.addAll(List.of("--timeline-units", "--from", "0", "--to", "60000"));
      }
      JsonNode run = json(options.toArray(String[]::new));
      check("model", run);
      JsonNode item = run.get("items").get(0);
      assertThat(item.get("cores").asInt()).isEqualTo(2);
      assertThat(item.get("coreCycles").asLong()).isEqualTo(2 * item.get("cycles").asLong());
      JsonNode timeline = MAPPER.readTree(file.toFile());
      assertThat(schema("timeline.schema.json", "").validate(timeline)).isEmpty();
      assertNoOverlap(timeline);
      Map<String, Long> cycles = sums(timeline);
      long shown = units ? 2 * 60_001 : item.get("coreCycles").asLong();
      for (String track : new String[] {"items", "steps", "layers", "exec by step"}) {
        assertThat(cycles.get(track)).as(track).isEqualTo(shown);
      }
      if (units) {
        assertThat(cycles.get("barrier")).isPositive();
        assertThat(cycles.get("mode")).isLessThanOrEqualTo(shown);
      }
    }
  }

  /** A window of what every unit did; nothing outside it. */
  @Test
  void windowOfTheUnitsOfAModel() throws IOException {
    Path file = directory.resolve("window.json");
    String[] options = {
      "run",
      "deit-tiny-2",
      "--no-compare",
      "--partition",
      "off",
      "--timeline",
      file.toString(),
      "--timeline-units",
      "--from",
      "20000",
      "--to",
      "29999",
      "--sample-every",
      "100",
      "--json"
    };
    assertThat(json(options).get("total").get("coreCycles").asLong()).isGreaterThan(30_000);
    JsonNode timeline = MAPPER.readTree(file.toFile());
    assertThat(schema("timeline.schema.json", "").validate(timeline)).isEmpty();
    Map<String, Long> cycles = sums(timeline);
    for (String track : new String[] {"items", "steps", "layers", "mode", "exec by step"}) {
      assertThat(cycles.get(track)).as(track).isEqualTo(10_000);
    }
    assertThat(cycles.get("stalls")).isBetween(1L, 10_000L);
    assertThat(cycles).containsKeys("load x", "load y", "store");
    assertNoOverlap(timeline);
    int samples = 0;
    for (JsonNode event : timeline.get("traceEvents")) {
      if (event.get("ph").asText().equals("C")) {
        assertThat(event.get("ts").asDouble()).isBetween(20.0, 30.0);
        samples += event.get("name").asText().equals("dmb0 words") ? 1 : 0;
      }
    }
    assertThat(samples).isBetween(20, 200);
  }

  // The viewer draws slices of a track one after the other.
  private static void assertNoOverlap(JsonNode timeline) {
    Map<String, TreeMap<Long, Long>> tracks = new HashMap<>();
    for (JsonNode event : timeline.get("traceEvents")) {
      if (event.get("ph").asText().equals("X")) {
        JsonNode arguments = event.get("args");
        tracks
            .computeIfAbsent(event.get("pid") + "/" + event.get("tid"), key -> new TreeMap<>())
            .put(arguments.get("cycle").asLong(), arguments.get("cycles").asLong());
      }
    }
    tracks.forEach(
        (track, slices) -> {
          long free = 0;
          for (Map.Entry<Long, Long> slice : slices.entrySet()) {
            assertThat(slice.getKey()).as(track).isGreaterThanOrEqualTo(free);
            free = slice.getKey() + slice.getValue();
          }
        });
  }

  private static Map<String, Long> sums(JsonNode timeline, String track) {
    Map<String, Long> sums = new HashMap<>();
    for (JsonNode event : timeline.get("traceEvents")) {
      if (event.path("cat").asText().equals(track)) {
        sums.merge(event.get("name").asText(), event.get("args").get("cycles").asLong(), Long::sum);
      }
    }
    return sums;
  }

  /** Slices of a program's stalls and modes add up to the counters. */
  @Test
  void timelineOfAProgram() throws IOException {
    Path file = directory.resolve("units.json");
    StringWriter out = new StringWriter();
    String[] trace = {"trace", program(), "--preset", "tiny", "--timeline", file.toString()};
    assertThat(Main.run(new PrintWriter(out, true), new PrintWriter(out, true), trace)).isZero();
    JsonNode timeline = MAPPER.readTree(file.toFile());
    assertThat(schema("timeline.schema.json", "").validate(timeline)).isEmpty();
    JsonNode run = json("exec", program(), "--preset", "tiny", "--json").get("run");
    long stalled = 0;
    for (JsonNode cause : run.get("units").get("controller").get("stalled")) {
      stalled += cause.asLong();
    }
    assertThat(stalled).isPositive();
    assertThat(sums(timeline).get("stalls")).isEqualTo(stalled);
    assertThat(sums(timeline).get("mode")).isEqualTo(run.get("cycles").asLong());
    assertThat(timeline.toString()).contains("\"array busy %\"", "\"dmb0 words\"");
  }

  private static Map<String, Long> sums(JsonNode timeline) {
    Map<String, Long> sums = new HashMap<>();
    for (JsonNode event : timeline.get("traceEvents")) {
      if (event.get("ph").asText().equals("X")) {
        long cycles = event.get("args").get("cycles").asLong();
        sums.merge(event.get("cat").asText(), cycles, Long::sum);
      }
    }
    return sums;
  }
}
