package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tataa.isa.Program;
import org.tataa.onnx.OnnxBuilder;

/** Models on the command line: what is printed, and what is said about bad input. */
class ModelCommandTest {
  private static final int TOKENS = 5;
  private static final int FEATURES = 12;

  @TempDir Path directory;
  private String model = "";
  private String input = "";

  private record Result(int code, String out, String err) {}

  private static Result tataa(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    return new Result(code, out.toString(), err.toString());
  }

  private static void assertBadInput(Result result, String... messages) {
    assertThat(result.err()).contains(messages).doesNotContain("\tat ");
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.out()).isEmpty();
  }

  private String write(String name, byte[] bytes) throws IOException {
    Path path = directory.resolve(name);
    Files.write(path, bytes);
    return path.toString();
  }

  private static byte[] npy(String type, int width, int... shape) {
    int size = 1;
    StringBuilder dims = new StringBuilder();
    for (int dim : shape) {
      size *= dim;
      dims.append(dim).append(", ");
    }
    String header =
        "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + dims + "), }\n";
    ByteBuffer bytes =
        ByteBuffer.allocate(10 + header.length() + width * size).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    bytes.putShort((short) header.length());
    bytes.put(header.getBytes(StandardCharsets.ISO_8859_1));
    Random random = new Random(1);
    while (bytes.remaining() >= 4) {
      bytes.putFloat((float) random.nextGaussian());
    }
    return bytes.array();
  }

  @BeforeEach
  void files() throws IOException {
    OnnxBuilder b = new OnnxBuilder(17, 1);
    String x = b.input("x", 1, TOKENS, FEATURES);
    model = write("model.onnx", b.build(b.op("Relu", b.linear(x, FEATURES, 8))));
    input = "x=" + write("x.npy", npy("<f4", 4, 3, TOKENS, FEATURES));
  }

  @Test
  void runsItemsOfAnArray() throws IOException {
    String results = directory.resolve("results.json").toString();
    Result run = tataa("run", model, "--input", input, "--json", "--layers", "--output", results);
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    JsonNode view = new ObjectMapper().readTree(run.out());
    assertThat(view.get("items")).hasSize(3);
    assertThat(view.get("kinds").get("LINEAR").get("macs").asLong())
        .isEqualTo(3L * TOKENS * FEATURES * 8);
    assertThat(view.get("deviceCycles").asLong()).isPositive();
    assertThat(view.get("steps").size()).isGreaterThan(2);
    JsonNode item = new ObjectMapper().readTree(Path.of(results).toFile()).get("items").get(2);
    assertThat(item.elements().next().get("values")).hasSize(TOKENS * 8);
    Result text = tataa("run", model, "--input", input, "--explain", "--min-cosine", "0.99");
    assertThat(text.code()).isZero();
    assertThat(text.out()).contains("results against float32", "LINEAR", "steps of item 0");
    Result strict = tataa("run", model, "--input", input, "--min-cosine", "0.9999999");
    assertThat(strict.code()).isEqualTo(1);
    assertThat(strict.err()).contains("check failed: the smallest cosine");
  }

  @Test
  void engineAndThreadsChangeNothingButTheHost() throws IOException {
    JsonNode[] views = new JsonNode[2];
    String[][] choices = {
      {"--engine", "fast_forward", "--threads", "2"}, {"--engine", "stepping", "--threads", "1"}
    };
    for (int i = 0; i < 2; i++) {
      String[] choice = choices[i];
      Result run =
          tataa(
              "run", model, "--input", input, "--json", choice[0], choice[1], choice[2], choice[3]);
      assertThat(run.err()).isEmpty();
      ObjectNode view = (ObjectNode) new ObjectMapper().readTree(run.out());
      JsonNode host = view.remove("host");
      assertThat(host.get("engine").asText()).isEqualToIgnoringCase(choice[1]);
      assertThat(host.get("threads").asText()).isEqualTo(choice[3]);
      double seconds = host.get("simulationSeconds").asDouble();
      assertThat(host.get("coreCyclesPerSecond").asDouble() * seconds)
          .isCloseTo(
              view.get("total").get("coreCycles").asDouble(), Percentage.withPercentage(0.1));
      assertThat(seconds).isLessThanOrEqualTo(view.remove("wallSeconds").asDouble());
      views[i] = view;
    }
    assertThat(views[0]).isEqualTo(views[1]);
    assertBadInput(
        tataa("run", model, "--input", input, "--threads", "-1"),
        "--threads -1: expected 0 or more");
  }

  /** Everything a result depends on is in the report. */
  @Test
  void choicesOfTheCompilerAreReported() throws IOException {
    String[] command = {
      "run",
      model,
      "--input",
      input,
      "--observer",
      "MIN_MAX",
      "--migration",
      "0.25",
      "--pack",
      "off",
      "--disable-pass",
      "merge-copies",
      "--json"
    };
    JsonNode compiler = new ObjectMapper().readTree(tataa(command).out()).get("compiler");
    assertThat(compiler.get("observer").asText()).isEqualTo("MIN_MAX");
    assertThat(compiler.get("migrationElsewhere").asDouble()).isEqualTo(0.25);
    assertThat(compiler.get("disabledPasses").get(0).asText()).isEqualTo("merge-copies");
    assertThat(compiler.get("packing").asText()).isEqualTo("off");
    assertThat(compiler.get("partitioning").asText()).isEqualTo("auto");
    assertThat(compiler.get("activationCodes").asInt()).isEqualTo(1);
    assertThat(tataa(Arrays.copyOf(command, command.length - 1)).out())
        .contains(
            "compiler: observer=MIN_MAX, migrationAfterNorm=0.25, migrationElsewhere=0.25,"
                + " disabledPasses=[merge-copies], packing=off");
    assertThat(tataa("run", model, "--input", input).out()).doesNotContain("compiler:");
  }

  @Test
  void timelineAndTableAddUpToTheReport() throws IOException {
    Path timeline = directory.resolve("timeline.json");
    Path csv = directory.resolve("steps.csv");
    Result run =
        tataa(
            "run",
            model,
            "--input",
            input,
            "--json",
            "--timeline",
            timeline.toString(),
            "--csv",
            csv.toString());
    assertThat(run.err()).isEmpty();
    JsonNode view = new ObjectMapper().readTree(run.out());
    long cycles = view.get("total").get("coreCycles").asLong();
    long steps = 0;
    for (JsonNode event : new ObjectMapper().readTree(timeline.toFile()).get("traceEvents")) {
      if (event.path("cat").asText().equals("steps")) {
        steps += event.get("args").get("cycles").asLong();
        assertThat(event.get("dur").asDouble())
            .isEqualTo(event.get("args").get("cycles").asLong() / 1000.0);
      }
    }
    assertThat(steps).isEqualTo(cycles);
    long rows = 0;
    List<String> lines = Files.readAllLines(csv);
    assertThat(lines.get(0)).startsWith("item,step,kind,value,core_cycles");
    for (String line : lines.subList(1, lines.size())) {
      rows += Long.parseLong(line.split("\"")[2].split(",")[1]);
    }
    assertThat(rows).isEqualTo(cycles);
  }

  @Test
  void energyIsAnEstimateByAFile() throws IOException {
    String table =
        write("table.json", tataa("energy", "fpga").out().getBytes(StandardCharsets.UTF_8));
    Path csv = directory.resolve("energy.csv");
    String page = directory.resolve("energy.html").toString();
    Result run =
        tataa(
            "run",
            model,
            "--input",
            input,
            "--energy",
            table,
            "--csv",
            csv.toString(),
            "--report",
            page);
    assertThat(run.out())
        .contains("energy, an estimate by table fpga:")
        .containsPattern("register file X +\\S+ +\\S+ +\\S+ +[0-9.]+%");
    assertThat(Files.readString(Path.of(page))).contains("\"kind\":\"estimate\"");
    List<String> lines = Files.readAllLines(csv);
    assertThat(lines.get(0))
        .endsWith(",energy_estimate_joules,energy_low_joules,energy_high_joules");
    double[] sums = new double[3];
    for (String line : lines.subList(1, lines.size())) {
      String[] fields = line.split(",");
      for (int i = 0; i < 3; i++) {
        sums[i] += Double.parseDouble(fields[fields.length - 3 + i]);
      }
    }
    assertThat(sums[1]).isPositive().isLessThan(sums[0]);
    assertThat(sums[2]).isGreaterThan(sums[0]);
    String wrong = write("wrong.json", "{\"rows\": []}".getBytes(StandardCharsets.UTF_8));
    assertBadInput(
        tataa("run", model, "--input", input, "--energy", wrong),
        "wrong.json: energy table `unnamed` has no row for int8Multiply");
    assertBadInput(
        tataa("energy", "nowhere.json"),
        "nowhere.json: no such file, nor one of the tables [asic-45nm, fpga]");
  }

  @Test
  void calibrationIsAFile() throws IOException {
    String file = directory.resolve("calibration.json").toString();
    assertThat(tataa("calibrate", model, "--input", input, "-o", file).code()).isZero();
    assertThat(tataa("run", model, "--input", input, "--calibration", file).code()).isZero();
    String text = Files.readString(Path.of(file));
    String edited = text.replaceFirst("\"samples\" : \\d+", "\"samples\" : 77");
    String given = write("edited.json", edited.getBytes(StandardCharsets.UTF_8));
    String copy = directory.resolve("copy.json").toString();
    assertThat(
            tataa("calibrate", model, "--input", input, "--calibration", given, "-o", copy).code())
        .isZero();
    assertThat(Files.readString(Path.of(copy))).isEqualTo(edited).isNotEqualTo(text);
    assertBadInput(
        tataa(
            "run",
            model,
            "--input",
            input,
            "--calibration",
            write(
                "broken.json",
                text.substring(0, text.length() / 2).getBytes(StandardCharsets.UTF_8))),
        "broken.json:");
    assertBadInput(
        tataa(
            "run",
            model,
            "--input",
            input,
            "--calibration",
            write("empty.json", "{}".getBytes(StandardCharsets.UTF_8))),
        "expected a calibration of version");
    OnnxBuilder b = new OnnxBuilder(17, 1);
    String other =
        write("other.onnx", b.build(b.linear(b.input("y", 1, TOKENS, FEATURES), FEATURES, 8)));
    assertBadInput(
        tataa("run", other, "--input", "y" + input.substring(1), "--calibration", file), "y@2");
    assertBadInput(
        tataa("calibrate", model, "--input", input, "-o", directory + "/no/where.json"),
        "cannot be written");
  }

  @Test
  void compilesToADirectory() throws IOException {
    Path target = directory.resolve("program");
    String[] options = {
      "compile", model, "--input", input, "--partition", "off", "-o", target.toString()
    };
    Result compiled = tataa(options);
    assertThat(compiled.err()).isEmpty();
    assertThat(compiled.code()).isZero();
    JsonNode manifest = new ObjectMapper().readTree(target.resolve("manifest.json").toFile());
    assertThat(manifest.get("symbols").size()).isGreaterThan(2);
    assertThat(Files.size(target.resolve("memory.bin")))
        .isEqualTo(manifest.get("memoryBytes").asLong());
    Map<String, Integer> instructions = new HashMap<>();
    for (JsonNode step : manifest.get("steps")) {
      if (!step.get("program").isNull()) {
        String file = step.get("program").asText();
        int before = instructions.getOrDefault(file, 0);
        assertThat(step.get("firstInstruction").asInt()).isEqualTo(before);
        instructions.put(file, before + step.get("instructions").asInt());
      }
    }
    // All that is done between work of the host is one program.
    assertThat(instructions).hasSize(1);
    for (Map.Entry<String, Integer> program : instructions.entrySet()) {
      byte[] words = Files.readAllBytes(target.resolve(program.getKey()));
      assertThat(Program.fromBytes(words).size()).isEqualTo(program.getValue());
    }
    assertBadInput(
        tataa("compile", model, "--input", input, "-o", target.toString()), "exists already");
    assertThat(directory.toFile().list()).noneMatch(name -> name.startsWith(".program"));
  }

  /** A file for each core that has a share of a step. */
  @Test
  void compilesForSeveralCores() throws IOException {
    OnnxBuilder b = new OnnxBuilder(17, 1);
    String wide =
        write("wide.onnx", b.build(b.linear(b.input("x", 1, TOKENS, FEATURES), FEATURES, 300)));
    Path target = directory.resolve("split");
    String[] options = {
      "compile", wide, "--input", input, "--partition", "2", "-o", target.toString()
    };
    assertThat(tataa(options).code()).isZero();
    JsonNode manifest = new ObjectMapper().readTree(target.resolve("manifest.json").toFile());
    assertThat(manifest.get("cores").asInt()).isEqualTo(2);
    int most = 0;
    // Steps that one core does one after the other are one program.
    Map<JsonNode, Integer> instructions = new HashMap<>();
    for (JsonNode step : manifest.get("steps")) {
      JsonNode files = step.path("programs");
      if (step.has("instructions")) {
        int before = instructions.getOrDefault(files, 0);
        assertThat(step.path("firstInstruction").asInt()).isEqualTo(before);
        instructions.put(files, before + step.path("instructions").asInt());
      }
      most = Math.max(most, files.size());
    }
    assertThat(most).isEqualTo(2);
    for (Map.Entry<JsonNode, Integer> files : instructions.entrySet()) {
      int size = 0;
      for (JsonNode file : files.getKey()) {
        size += Program.fromBytes(Files.readAllBytes(target.resolve(file.asText()))).size();
      }
      assertThat(size).isEqualTo(files.getValue());
    }
    assertBadInput(
        tataa("compile", model, "--input", input, "--partition", "9", "--emit", "tile"),
        "an item on 9 cores, expected at most 8");
    assertBadInput(
        tataa("compile", model, "--input", input, "--partition", "some", "--emit", "tile"),
        "expected auto, off or a number of cores");
  }

  @Test
  void whatTheArrayCannotDoIsDoneByTheHost() throws IOException {
    OnnxBuilder b = new OnnxBuilder(17, 1);
    String x = b.input("x", 1, TOKENS, FEATURES);
    String unsupported =
        write("unsupported.onnx", b.build(b.op("NoSuchOperator", b.linear(x, FEATURES, 8))));
    Result run = tataa("run", unsupported, "--input", input);
    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err()).contains("NoSuchOperator").doesNotContain("\tat ");
    OnnxBuilder d = new OnnxBuilder(17, 1);
    x = d.input("x", 1, TOKENS, FEATURES);
    String a = d.op("Sin", d.linear(x, FEATURES, 8));
    // The base is positive: a fractional power of a negative number is NaN in float32 too.
    String c = d.op("Pow", d.op("Sigmoid", d.linear(x, FEATURES, 8)), d.number(3.5));
    String both = write("both.onnx", d.build(d.op("Add", a, c)));
    // Sin and this power have no form on the array: the host takes them, and the report says so.
    run = tataa("run", both, "--input", input, "--explain");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("HOST");
  }

  @Test
  void everyLevelHasAText() {
    for (String level : new String[] {"graph", "tensor", "tile", "asm"}) {
      Result run = tataa("compile", model, "--input", input, "--emit", level);
      assertThat(run.code()).as(run.err()).isZero();
      String expected =
          switch (level) {
            case "graph" -> "= Linear(";
            case "tensor" -> "= contract(";
            case "tile" -> "product x @";
            default -> "MATMUL";
          };
      assertThat(run.out()).contains(expected);
    }
    assertThat(tataa("compile", model, "--input", input).code()).isEqualTo(2);
  }

  @Test
  void badFilesAndOptions() throws IOException {
    assertThat(tataa("run").code()).isEqualTo(2);
    assertBadInput(tataa("run", "missing.onnx", "--input", input), "missing.onnx");
    assertBadInput(
        tataa(
            "run", write("text.onnx", "hello".getBytes(StandardCharsets.UTF_8)), "--input", input),
        "text.onnx");
    assertBadInput(tataa("run", model), "needs something to run on", "x: FLOAT[1, 5, 12]");
    assertBadInput(tataa("run", model, "--text", "hello"), "--tokenizer");
    assertBadInput(tataa("run", model, "--text", "hello", "--input", input), "cannot be combined");
    assertBadInput(tataa("run", model, "--input", "y" + input.substring(1)), "no input `y`");
    assertBadInput(tataa("run", "deit-s", "--input", input), "has an input of its own");
    assertBadInput(
        tataa("run", model, "--input", input, "--approximation", "Relu=magic"),
        "Relu has no approximation `magic`");
    assertBadInput(tataa("run", model, "--input", input, "--migration", "2"), "expected 0..1");
    assertBadInput(
        tataa(
            "run",
            "all-MiniLM-L6-v2",
            "--text-file",
            write("empty.txt", "\n \n".getBytes(StandardCharsets.UTF_8))),
        "empty.txt: no text");
    Map<String, byte[]> arrays =
        Map.of(
            "no .npy file", "hello, this is text".getBytes(StandardCharsets.UTF_8),
            "the header is truncated", Arrays.copyOf(npy("<f4", 4, 1), 20),
            "big-endian", npy(">f4", 4, 1, TOKENS, FEATURES),
            "values of type f2", npy("<f2", 2, 1, TOKENS, FEATURES),
            "expected x: FLOAT", npy("<f4", 4, 1, TOKENS, FEATURES + 1),
            "bytes of values", Arrays.copyOf(npy("<f4", 4, 1, TOKENS, FEATURES), 150));
    for (Map.Entry<String, byte[]> array : arrays.entrySet()) {
      String file = write("bad.npy", array.getValue());
      assertBadInput(tataa("run", model, "--input", "x=" + file), "bad.npy", array.getKey());
    }
  }

  @Test
  void functionsAreMeasured() throws IOException {
    Path markdown = directory.resolve("functions.md");
    Result table = tataa("functions", "Relu", "--markdown", markdown.toString());
    assertThat(table.out()).contains("Relu", "EXTENDED", "PUBLISHED");
    assertThat(Files.readString(markdown)).contains("| Relu | max |");
    JsonNode view = new ObjectMapper().readTree(tataa("functions", "--json").out());
    assertThat(view.get("functions").findValuesAsText("function")).containsAll(List.of("Gelu"));
    assertBadInput(tataa("functions", "Cosine"), "no function [Cosine]");
  }

  @Test
  void debugsAStepOfAModel() throws IOException {
    Path commands = directory.resolve("commands");
    Files.writeString(commands, "step 700\nback 1\nstep\n");
    Result debug = tataa("debug", "deit-tiny-2", "--step", "4", "-x", commands.toString());
    assertThat(debug.out()).contains("cycle 0  ", "cycle 699  ");
    assertThat(debug.out().indexOf("cycle 700")).isNotEqualTo(debug.out().lastIndexOf("cycle 700"));
    Result none = tataa("debug", "deit-tiny-2", "--step", "nowhere", "-x", commands.toString());
    assertThat(none.code()).isEqualTo(3);
    assertThat(none.err()).contains("no step `nowhere` with a program, expected 0..");
  }

  @Test
  void decodersWithRandomWeights() {
    Result result =
        tataa("run", "decoder-tiny-2", "--tokens", "9", "--blocks", "1", "--partition", "off");
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).startsWith("decoder-tiny-2, 1 items").doesNotContain("blocks.1");
    assertBadInput(tataa("run", "llama-7b", "--tokens", "0"), "--tokens 0, expected 1 to 2048");
    assertBadInput(tataa("run", "llama-7b", "--blocks", "33"), "--blocks 33, expected 1 to 32");
    assertBadInput(tataa("run", "deit-s", "--tokens", "3"), "for decoders with random weights");
    assertBadInput(tataa("run", "llama-7b", "--text", "a"), "has an input of its own");
    assertBadInput(tataa("run", "llama-7b", "--part", "blocks.1"), "is run layer by layer");
    assertBadInput(
        tataa(
            "run",
            "decoder-tiny-2",
            "--layered",
            "--report",
            directory.resolve("a.html").toString()),
        "is run layer by layer: no --report");
    assertBadInput(
        tataa("run", "decoder-tiny-2", "--layered", "--partition", "9"),
        "on 9 cores, expected at most 8");
  }

  @Test
  void aDecoderLayerByLayer() throws IOException {
    Path csv = directory.resolve("steps.csv");
    Path timeline = directory.resolve("timeline.json");
    String[] options = {"run", "decoder-tiny-2", "--tokens", "9", "--partition", "off", "--json"};
    JsonNode whole = new ObjectMapper().readTree(tataa(options).out());
    String[] more = Arrays.copyOf(options, options.length + 5);
    System.arraycopy(
        new String[] {"--layered", "--csv", csv.toString(), "--timeline", timeline.toString()},
        0,
        more,
        options.length,
        5);
    Result result = tataa(more);
    assertThat(result.err()).isEmpty();
    JsonNode layered = new ObjectMapper().readTree(result.out());
    assertThat(layered.get("parts").findValuesAsText("name"))
        .containsExactly("embedding", "layer 0", "layer 1", "head");
    long cycles = 0;
    for (JsonNode part : layered.get("parts")) {
      cycles += part.get("cycles").asLong();
      assertThat(part.get("cosine").asDouble()).isGreaterThan(0.999);
    }
    assertThat(layered.get("deviceCycles").asLong())
        .isEqualTo(cycles)
        .isGreaterThan(whole.get("deviceCycles").asLong());
    assertThat(layered.get("items").get(0).findValues("cosine MatMul_116"))
        .isEqualTo(whole.get("items").get(0).findValues("cosine MatMul_116"));
    assertThat(csv).isNotEmptyFile();
    assertThat(timeline).isNotEmptyFile();
    assertThat(tataa("run", "decoder-tiny-2", "--layered", "--tokens", "9").out())
        .contains("part           cycles  host s  cosine of its result")
        .contains("layer 1 ");
    assertBadInput(tataa("run", "deit-s", "--layered"), "for decoders with random weights");
  }

  @Test
  void aModelThatIsTooLargeAsAWholeSaysWhatItNeeds() {
    assertBadInput(
        tataa("calibrate", "llama-7b", "-o", "/dev/null"),
        "llama-7b as a whole needs about 74 GiB of memory",
        "-Xmx74g");
    Result inspected = tataa("inspect", "llama-7b");
    assertThat(inspected.err()).isEmpty();
    assertThat(inspected.out()).contains("32 Sigmoid");
  }
}
