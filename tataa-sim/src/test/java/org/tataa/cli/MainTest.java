package org.tataa.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tataa.config.TataaConfig;
import org.tataa.sim.Engine;

/** Exit codes and messages of the command line. */
class MainTest {
  @TempDir Path directory;

  private record Result(int code, String out, String err) {}

  private static Result tataa(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    return new Result(code, out.toString(), err.toString());
  }

  private static String[] withJson(String[] arguments) {
    String[] more = Arrays.copyOf(arguments, arguments.length + 1);
    more[arguments.length] = "--json";
    return more;
  }

  private String file(String name, String text) throws IOException {
    Path path = directory.resolve(name);
    Files.writeString(path, text);
    return path.toString();
  }

  private static void assertBadInput(Result result, String message) {
    assertThat(result.err()).contains(message).doesNotContain("\tat ");
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.out()).isEmpty();
  }

  @Test
  void helpAndUsage() {
    assertThat(tataa("--help").out()).contains("conformance", "Exit codes:", "bad input");
    for (String command : new String[] {"run", "exec", "asm", "disasm", "info", "conformance"}) {
      Result help = tataa(command, "--help");
      assertThat(help.code()).isZero();
      assertThat(help.out()).contains("Usage: tataa " + command);
    }
    Result wrong = tataa("info", "--cores", "many");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("Invalid value for option '--cores'");
    assertThat(tataa("fly").code()).isEqualTo(2);
    assertThat(tataa("completion", "bash").out()).contains("complete ");
  }

  @Test
  void infoShowsPeaks() throws IOException {
    JsonNode info = new ObjectMapper().readTree(tataa("info", "--json").out());
    assertThat(info.get("peakInt8Gops").asDouble()).isEqualTo(3686.4);
    assertThat(info.get("machine").get("accumulator").asText()).isEqualTo("PACKED_FULL");
    assertBadInput(tataa("info", "--preset", "big"), "preset=big is unknown");
    assertBadInput(
        tataa("info", "--arithmetic", "released_rtl", "--accumulator", "int32"),
        "needs accumulator=PACKED_INT16");
  }

  @Test
  void examplesRun() {
    for (String example : new String[] {"block", "add", "mixed"}) {
      String program = Path.of("..", "docs", "examples", example + ".s").toString();
      assertThat(tataa("exec", program, "--preset", "tiny").err()).isEmpty();
      assertThat(tataa("exec", program, "--preset", "tiny").code()).isZero();
    }
  }

  @Test
  void resultPath() throws IOException {
    String program = file("slots.s", "V.MUL A0, B0 -> DMB\nSTORE.S vectors, words=2 -> B1\nHALT\n");
    Result result = tataa("exec", program, "--preset", "tiny", "--result-path");
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("result path (study)");
    assertBadInput(tataa("exec", program, "--preset", "tiny"), "unknown mnemonic `STORE.S`");
  }

  // With an empty program in the place of PROGRAM.
  private Result executed(String options) throws IOException {
    return tataa(("exec " + options.replace("PROGRAM", file("halt.s", "HALT\n"))).split(" "));
  }

  /** What differs from the preset is in every report. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --hbm PROGRAM                  | memory of 4 HBM2 pseudo-channels a core
          PROGRAM --hbm                  | memory of 4 HBM2 pseudo-channels a core
          --hbm 2 PROGRAM                | memory of 2 HBM2 pseudo-channels a core
          --hbm=8 --hbm-turns 3 PROGRAM  | memory of 8 HBM2 pseudo-channels a core, one cycle in 3
          --hbm --hbm-shared PROGRAM     | pseudo-channels for all cores of an item
          --hbm --memory-latency 64 PROGRAM | schedules for a memory latency of 64 cycles
          --memory-latency 64 PROGRAM    | , memory latency 64 cycles
          --shared-yz-port PROGRAM       | , shared YZ port
          --vector-load-beats 4 PROGRAM  | , vector loads of 4 beats a cycle (study)
          """)
  void memoryOptions(String options, String expected) throws IOException {
    Result result = executed(options);
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).contains(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --hbm=PROGRAM          | is not an int
          --hbm 3 PROGRAM        | channels=3 is no power of 2
          --hbm -1 PROGRAM       | channels=-1 is outside [1, 32]
          --hbm --channels PROGRAM | Unknown option: --channels
          --hbm-turns 2 PROGRAM  | --hbm-shared and --hbm-turns need --hbm
          --memory-latency 7 PROGRAM | latencyCycles=7 is outside [8, 65536]
          """)
  void wrongMemoryOptions(String options, String expected) throws IOException {
    Result result = executed(options);
    assertThat(result.code()).isNotZero();
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains(expected);
  }

  /** A process that is told to stop while it writes leaves nothing behind. */
  @Test
  void interruptedRunsLeaveNoFile() throws IOException, InterruptedException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      text.append("LOAD.M X, tile=0, depth=2, addr=0x0, bytes=16\n");
      text.append("LOAD.M Y, tile=0, depth=2, addr=0x100, bytes=16\n");
      text.append("MATMUL x=0, y=0, depth=2, clear, drain\n");
      text.append("STORE.M int8, words=8, addr=0x200, bytes=64\n");
    }
    String program = file("long.s", text.append("HALT\n").toString());
    Path out = Files.createDirectory(directory.resolve("out"));
    String classes =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process trace =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classes,
                Main.class.getName(),
                "trace",
                program,
                "--preset",
                "tiny",
                "--trace-scope",
                "*",
                "--vcd",
                out.resolve("waves.vcd").toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    while (trace.isAlive() && out.toFile().list().length == 0) {
      Thread.sleep(5);
    }
    assertThat(out.toFile().list()).containsExactly(".waves.vcd.part");
    trace.destroy();
    assertThat(trace.waitFor()).isNotZero();
    assertThat(out.toFile().list()).isEmpty();
  }

  @Test
  void snapshotsAreSavedResumedAndRefused() throws IOException {
    String source =
        file(
            "block.s",
            "LOAD.M X, tile=0, depth=2, addr=0x0, bytes=16\nLOAD.M Y, tile=0, depth=2, addr=0x100, bytes=16\n"
                + "MATMUL x=0, y=0, depth=2, clear, drain\n"
                + "STORE.M int8, words=8, addr=0x200, bytes=64\nHALT\n");
    Path ones = directory.resolve("ones");
    Files.write(ones, new byte[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
    Path whole = directory.resolve("whole");
    Path resumed = directory.resolve("resumed");
    Path saved = directory.resolve("saved.snapshot");
    String[] start = {
      "exec", source, "--preset", "tiny", "--x-image", ones.toString(), "--dump", whole.toString()
    };
    assertThat(tataa(start).code()).isZero();
    String commands = file("commands", "step 60\nsave " + saved + "\nquit\n");
    Result debug =
        tataa("debug", source, "--preset", "tiny", "--x-image", ones.toString(), "-x", commands);
    assertThat(debug.out()).contains("cycle 60 saved to");
    Result exec = tataa("exec", saved.toString(), "--dump", resumed.toString());
    assertThat(exec.err()).isEmpty();
    assertThat(Files.readAllBytes(resumed)).isEqualTo(Files.readAllBytes(whole));
    Path again = directory.resolve("again.snapshot");
    assertThat(
            tataa("exec", saved.toString(), "--snapshot", again.toString(), "--snapshot-every", "9")
                .code())
        .isZero();
    assertThat(tataa("exec", again.toString()).code()).isZero();
    // What is reported is the whole run, however it was cut.
    JsonNode counted = new ObjectMapper().readTree(tataa(withJson(start)).out()).get("run");
    JsonNode late =
        new ObjectMapper().readTree(tataa("exec", saved.toString(), "--json").out()).get("run");
    assertThat(counted.get("units").get("exec").get("busy").asLong()).isPositive();
    assertThat(late).isEqualTo(counted);
    Path vcd = directory.resolve("late.vcd");
    assertThat(tataa("trace", saved.toString(), "--vcd", vcd.toString()).code()).isZero();
    assertThat(Files.readString(vcd)).contains("#60\n").doesNotContain("#59\n");
    byte[] bad = Files.readAllBytes(saved);
    bad[bad.length / 2]++;
    Files.write(saved, bad);
    assertBadInput(tataa("exec", saved.toString()), "damaged");
    assertBadInput(tataa("exec", source, "--snapshot-every", "0"), "expected at least 1");
  }

  @Test
  void assembleExecuteDumpAndDisassemble() throws IOException {
    String source =
        file(
            "block.s",
            "LOAD.M X, tile=0, depth=2, addr=0x0, bytes=16\nLOAD.M Y, tile=0, depth=2, addr=0x100, bytes=16\n"
                + "MATMUL x=0, y=0, depth=2, clear, drain\n"
                + "STORE.M int8, words=8, addr=0x200, bytes=64\nHALT\n");
    Path binary = directory.resolve("block.bin");
    assertThat(tataa("asm", source, "-o", binary.toString()).code()).isZero();
    assertThat(tataa("disasm", binary.toString()).out())
        .isEqualTo(Files.readString(Path.of(source)));
    Path ones = directory.resolve("ones");
    Files.write(ones, new byte[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
    Path dump = directory.resolve("dump");
    Result run =
        tataa(
            "exec",
            binary.toString(),
            "--preset",
            "tiny",
            "--x-image",
            ones.toString(),
            "--yz-image",
            ones + "@0x100",
            "--dump",
            dump.toString(),
            "--dump-range",
            "0x200:64",
            "--json");
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(Files.readAllBytes(dump)).hasSize(64).containsOnly(2);
    JsonNode json = new ObjectMapper().readTree(run.out());
    assertThat(json.get("run").get("arrayMacs").asLong()).isEqualTo(128);
    assertThat(json.get("run").get("instructions").get("matmul").asInt()).isEqualTo(1);
    try (var files = Files.list(directory)) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.endsWith(".tmp"));
    }
  }

  /** Words no released controller knows are those of `exec --result-path`, if one asks for them. */
  @Test
  void wideWords() throws IOException {
    String text = "LOAD.V A200, addr=0x0, bytes=256\nSTORE.S sums, words=32 -> B4\nHALT\n";
    String source = file("wide.s", text);
    String binary = directory.resolve("wide.bin").toString();
    assertBadInput(tataa("asm", source, "-o", binary), "wide.s:1:8: error: ");
    assertThat(tataa("asm", "--wide", source, "-o", binary).code()).isZero();
    assertThat(tataa("disasm", "--wide", binary).out()).isEqualTo(text);
    assertBadInput(tataa("disasm", binary), "bits 59:54 of LOAD.V must be 0, found 0x6");
  }

  @Test
  void badProgramsAreBadInput() throws IOException {
    String source = file("bad.s", "NOP\n  V.SUB A0, B0 -> A1\nMATMUL x=2, y=0, depth=1\n");
    Result assembly = tataa("asm", source, "-o", directory.resolve("x").toString());
    assertBadInput(assembly, "bad.s:2:3: error: ");
    assertThat(assembly.err()).contains("bad.s:3:10: error: ");
    assertThat(directory.resolve("x")).doesNotExist();
    assertBadInput(tataa("disasm", file("odd", "12345")), "program of 5 bytes ends inside a word");
    assertBadInput(
        tataa("disasm", file("junk", "\377\377\377\377\377\377\377\377")), "instruction 0");
    assertBadInput(tataa("disasm", directory.resolve("none").toString()), "none: no such file");
    assertBadInput(
        tataa("exec", file("far.s", "LOAD.V A0, addr=0xfff00\nLOAD.V A0, addr=0xff000000\n")),
        "instruction 1 `LOAD.V A0, addr=0xff000000, bytes=256`: bytes 0xff000000..0xff0000ff are"
            + " outside the X space");
    assertBadInput(
        tataa(
            "exec",
            "--hazards",
            "trap",
            file("hazard.s", "V.MUL A0, B0 -> A1\nV.MUL A1, B0 -> A2\n")),
        "cycle 1: instruction 1 `V.MUL A1, B0 -> A2`: hazard RESULT_LATENCY");
    assertBadInput(
        tataa("exec", file("d.s", ".repeat 33\nV.MUL A0, B0 -> DMB\n.end\n")), "deadlock");
    assertBadInput(
        tataa("exec", file("h.s", "HALT\n"), "--x-image", file("image", "x") + "@0x1000000"),
        "do not fit the X space");
    assertBadInput(
        tataa("exec", file("h.s", "HALT\n"), "--dump", directory.resolve("no/dump").toString()),
        "its directory does not exist");
  }

  @Test
  void aCycleLimitIsAFailure() throws IOException {
    Result result = tataa("exec", file("long.s", "NOP 1000\nHALT\n"), "--cycle-limit", "100");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("cycle limit 100 reached").doesNotContain("\tat ");
  }

  @Test
  void aModelThatIsNoneIsBadInput() throws IOException {
    assertBadInput(
        tataa("run", file("a.onnx", "this is no model"), "--text", "A cat."),
        "a.onnx: is not an ONNX model");
    assertBadInput(
        tataa("run", file("empty.onnx", ""), "--text", "A cat."),
        "is not an ONNX model: it has no IR version or no graph");
    assertBadInput(
        tataa("run", directory.resolve("no.onnx").toString(), "--text", "A cat."),
        "cannot be read");
  }

  @Test
  void attentionRunsAndChecks() throws IOException {
    Result good = tataa("run", "attention", "--json", "--min-cosine", "0.99");
    assertThat(good.err()).isEmpty();
    assertThat(good.code()).isZero();
    JsonNode json = new ObjectMapper().readTree(good.out());
    assertThat(json.get("steps").size()).isGreaterThan(10);
    assertThat(json.get("wraps").asLong()).isZero();
    Result wrapped =
        tataa("run", "attention", "--accumulator", "packed_int16", "--min-cosine", "0.99");
    assertThat(wrapped.code()).isEqualTo(1);
    assertThat(wrapped.err())
        .contains("check failed: the smallest cosine with float32 is 0.")
        .contains("expected at least 0.99");
    assertThat(wrapped.out()).containsPattern("[1-9][0-9]* read-outs wrapped");
    Result scaled =
        tataa(
            "run",
            "attention",
            "--accumulator",
            "packed_int16",
            "--scale-range",
            "--min-cosine",
            "0.98",
            "--text",
            "A cat sat on the mat.",
            "--layer",
            "3");
    assertThat(scaled.err()).isEmpty();
    assertThat(scaled.out()).contains("layer.3/attention/self", ", 0 read-outs wrapped");
    assertBadInput(
        tataa("run", "attention", "--layer", "6"), "no value begins with `/encoder/layer.6/");
  }

  /** What a command says of a program does not depend on the engine. */
  @Test
  void enginesAreChosen() throws IOException {
    String program = Path.of("..", "docs", "examples", "mixed.s").toString();
    String image = Path.of("..", "docs", "examples", "operands.bin").toString();
    String script = file("script", "until mode == ADD\nstep 7\nstages 0 1\nregisters\nstate\n");
    Path waves = directory.resolve("waves.vcd");
    Set<String> outputs = new HashSet<>();
    for (Engine engine : Engine.values()) {
      String[] common = {
        program, "--preset", "tiny", "--x-image", image, "--engine", engine.name()
      };
      String exec = with("exec", common).out();
      String debug = with("debug", common, "-x", script).out();
      String trace = with("trace", common, "--vcd", waves.toString(), "--trace-scope", "*").out();
      outputs.add(exec + debug + trace + Files.readString(waves));
      assertThat(debug).contains("S1 lane 1  L,R #8 ADD manA=");
    }
    assertThat(outputs).hasSize(1);
    assertThat(tataa("run", "matmul", "-m", "40", "--engine", "REGISTER").out())
        .contains("engine REGISTER");
    for (String command : new String[] {"exec", "debug", "trace"}) {
      assertThat(tataa(command, program, "--engine", "WARP").code()).isEqualTo(2);
    }
    assertThat(DebugCommand.defaultEngine(TataaConfig.tiny())).isEqualTo(Engine.REGISTER);
    assertThat(DebugCommand.defaultEngine(TataaConfig.u280())).isEqualTo(Engine.FAST_FORWARD);
  }

  private static Result with(String command, String[] common, String... more) {
    return tataa(
        Stream.of(Stream.of(command), Stream.of(common), Stream.of(more))
            .flatMap(part -> part)
            .toArray(String[]::new));
  }

  @Test
  void matmulReportsItsRun() throws IOException {
    JsonNode json =
        new ObjectMapper()
            .readTree(tataa("run", "matmul", "-m", "40", "-n", "50", "-k", "60", "--json").out());
    assertThat(json.get("error").get("cosine").asDouble()).isGreaterThan(0.9999);
    assertThat(json.get("run").get("wraps").asLong()).isZero();
    assertThat(json.get("macs").asLong()).isEqualTo(40 * 50 * 60);
    assertThat(json.get("macs").asLong() + json.get("paddedMacs").asLong())
        .isEqualTo(json.get("run").get("arrayMacs").asLong());
    assertBadInput(tataa("run", "matmul", "-m", "0"), "rows=0, columns=384 must be positive");
  }

  /**
   * What leaves the accumulator is wrong and says so; an accumulator that is wide enough is not.
   */
  @Test
  void matmulFailsIfItsResultIsWrong() throws IOException {
    assertThat(tataa("run", "matmul", "--accumulator", "packed_int16").code()).isZero();
    Result wrong = tataa("run", "matmul", "--operands", "extreme", "--json");
    assertThat(wrong.code()).isEqualTo(1);
    JsonNode json = new ObjectMapper().readTree(wrong.out());
    assertThat(json.get("wrongValues").asLong()).isPositive();
    assertThat(json.get("run").get("wraps").asLong()).isPositive();
    assertThat(wrong.err()).contains("check failed: ").contains("do not fit accumulator");
    String[] wide = {"run", "matmul", "--operands", "extreme", "--accumulator", "int32"};
    assertThat(tataa(wide).code()).isZero();
  }

  @Test
  void conformanceOfADirectoryThatIsNone() {
    assertBadInput(
        tataa("conformance", directory.resolve("none").toString()), "is not a directory");
    assertBadInput(tataa("conformance", directory.toString()), "bf16_mul.csv: file is missing");
  }

  private String program() throws IOException {
    return file(
        "mixed.s",
        """
        LOAD.M X, tile=0, depth=8, addr=0, bytes=64
        LOAD.M Y, tile=0, depth=8, addr=64, bytes=64
        MATMUL x=0, y=0, depth=8, clear, drain
        """);
  }

  @Test
  void debuggerFollowsAScript() throws IOException {
    String script =
        file(
            "script",
            "until stall != none # wait\nstep 3\nback 2\nprint pc\nfly\nquit\nstep 1000\n");
    Result result = tataa("debug", program(), "--preset", "tiny", "-x", script);
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out())
        .startsWith("cycle 0  mode INT8  0: LOAD.M")
        .contains("stalled", "pc = ", "error: no command `fly`")
        .doesNotContain("finished");
    assertBadInput(tataa("debug", "missing.s"), "missing.s: no such file");
    assertBadInput(tataa("debug", program(), "--preset", "tiny", "-x", "no"), "no: no such file");
  }

  @Test
  void debuggerReadsStandardInput() throws IOException {
    InputStream before = System.in;
    try {
      System.setIn(new ByteArrayInputStream("step 7\nprint cycle\n".getBytes(UTF_8)));
      Result result = tataa("debug", program(), "--preset", "tiny");
      assertThat(result.code()).isZero();
      assertThat(result.out()).endsWith("cycle = 7" + System.lineSeparator());
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void stateIsTheSameForwardAndBackAcrossModeSwitches() throws IOException {
    String state = "print mode\nstate\n";
    StringBuilder there = new StringBuilder();
    StringBuilder andBack = new StringBuilder();
    for (int cycle = 125; cycle <= 175; cycle += 5) {
      there.append("goto ").append(cycle).append('\n').append(state);
      andBack.insert(0, "goto " + cycle + "\n" + state);
    }
    String script = file("script", there + "run\n" + andBack);
    Path examples = Path.of("..", "docs", "examples");
    String image = examples.resolve("operands.bin").toString();
    String mixed = examples.resolve("mixed.s").toString();
    Result result = tataa("debug", mixed, "--preset", "tiny", "--x-image", image, "-x", script);
    assertThat(result.code()).isZero();
    Map<String, Set<String>> dumps = new HashMap<>();
    String[] parts = result.out().split("(?m)^cycle (?=\\d+ )");
    for (String part : parts) {
      dumps.computeIfAbsent(part.split(" ")[0], key -> new HashSet<>()).add(part);
    }
    // Each cycle twice, but one dump; and the cycles differ.
    assertThat(parts).hasSize(2 + 11 + 1 + 11);
    assertThat(dumps.values()).hasSize(2 + 11 + 1).allSatisfy(all -> assertThat(all).hasSize(1));
    assertThat(result.out()).contains("mode = INT8", "mode = MULTIPLY", "mode = ADD");
  }

  @Test
  void tracesAreWritten() throws IOException {
    Path vcd = directory.resolve("waves.vcd");
    Path timeline = directory.resolve("timeline.json");
    Result result =
        tataa(
            "trace",
            program(),
            "--preset",
            "tiny",
            "--vcd",
            vcd.toString(),
            "--trace-scope",
            "pc,dmpu1.pe*",
            "--timeline",
            timeline.toString());
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(Files.readString(vcd)).contains("$scope module dmpu1", "$var wire 48", "#0\n");
    long cycles = 0;
    long stalls = 0;
    for (JsonNode event : new ObjectMapper().readTree(timeline.toFile()).get("traceEvents")) {
      if (event.path("cat").asText().equals("mode")) {
        cycles += event.get("args").get("cycles").asLong();
      } else if (event.path("cat").asText().equals("stalls")) {
        stalls += event.get("args").get("cycles").asLong();
      }
    }
    JsonNode run =
        new ObjectMapper()
            .readTree(tataa("exec", program(), "--preset", "tiny", "--json").out())
            .get("run");
    assertThat(cycles).isEqualTo(run.get("cycles").asLong());
    assertThat(stalls).isPositive().isLessThan(cycles);
    assertThat(directory.toFile().list()).noneMatch(name -> name.endsWith(".part"));
    assertThat(tataa("trace", program()).code()).isEqualTo(2);
    assertBadInput(
        tataa("trace", program(), "--vcd", vcd.toString(), "--trace-scope", "nothing"),
        "no register matches `nothing`");
    assertBadInput(
        tataa("trace", program(), "--vcd", directory + "/no/waves.vcd"), "cannot be written");
  }
}
