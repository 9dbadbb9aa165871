package org.tataa.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Typing errors, completion, quiet, colour and narrow terminals. */
class UsabilityTest {
  private static final char ESCAPE = 0x1b;

  @TempDir Path folder;

  private record Result(int code, String out, String err) {}

  private static Result tataa(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    return new Result(code, out.toString(), err.toString());
  }

  private static void assertUsage(Result result, String message, String command) {
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err().lines())
        .containsExactly("tataa: error: " + message, "Try `" + command + " --help`.");
  }

  @Test
  void typingErrorsAreAnsweredInTwoLines() {
    assertUsage(tataa("rnu"), "Unknown command: rnu; did you mean run?", "tataa");
    assertUsage(tataa("fly-away"), "Unknown command: fly-away", "tataa");
    assertUsage(
        tataa("info", "--presett", "tiny"),
        "Unknown option: --presett; did you mean --preset?",
        "tataa info");
    assertUsage(
        tataa("info", "--corse=2"), "Unknown option: --corse; did you mean --cores?", "tataa info");
    assertUsage(tataa("info", "--xyzzy"), "Unknown option: --xyzzy", "tataa info");
    assertUsage(tataa("info", "more"), "Unexpected argument: more", "tataa info");
    Result value = tataa("info", "--isa", "EXTENDE");
    assertThat(value.err()).contains("but was 'EXTENDE'; did you mean EXTENDED?");
    assertThat(tataa("exec").err()).contains("Missing required parameter: 'PROGRAM'");
  }

  @Test
  void nearestNamesAreThoseOfTypingErrors() {
    List<String> names = List.of("run", "info", "inspect", "sweep", "asm", "disasm");
    assertThat(Nearest.of("ifno", names)).containsExactly("info");
    assertThat(Nearest.of("inspct", names)).containsExactly("inspect");
    assertThat(Nearest.of("Swep", names)).containsExactly("sweep");
    assertThat(Nearest.of("xyzzy", names)).isEmpty();
    assertThat(Nearest.distance("", "abc")).isEqualTo(3);
    assertThat(Nearest.distance("abcd", "acbd")).isEqualTo(1);
    assertThat(Nearest.distance("kitten", "sitting")).isEqualTo(3);
  }

  @Test
  void quietIsAnOptionOfEveryCommand() {
    Result loud = tataa("info", "--preset", "tiny");
    assertThat(tataa("--quiet", "info", "--preset", "tiny")).isEqualTo(loud);
    assertThat(tataa("info", "-q", "--preset", "tiny")).isEqualTo(loud);
    assertThat(tataa("run", "matmul", "--quiet", "--preset", "tiny", "-m", "8").code()).isZero();
    assertThat(tataa("info", "-q", "--cores", "many").err()).contains("'--cores'");
  }

  @Test
  void completionIsPrintedAndInstalled() throws Exception {
    String script = tataa("completion", "bash").out();
    Path data = folder.resolve("data");
    Result bash = tataa("completion", "bash", "--install", "--data-home", data.toString());
    Path file = data.resolve("bash-completion/completions/tataa");
    assertThat(bash.out()).isEqualTo("installed " + file + System.lineSeparator());
    assertThat(file).hasContent(script);
    Result zsh = tataa("completion", "zsh", "--install", "--data-home", data.toString());
    assertThat(zsh.out()).contains("source " + data.resolve("tataa/completion.zsh"));
    assertThat(data.resolve("tataa/completion.zsh")).content().contains("bashcompinit", script);
    assertThat(tataa("completion", "fish").err()).contains("expected one of [BASH, ZSH]");

    assumeTrue(Files.isExecutable(Path.of("/bin/bash")));
    String asked =
        "source '"
            + file
            + "'; complete() { _complete_tataa 2> /dev/null; echo ${COMPREPLY[@]}; };"
            + " COMP_WORDS=(tataa in); COMP_CWORD=1; complete;"
            + " COMP_WORDS=(tataa info --pre); COMP_CWORD=2; complete";
    String answers = output(List.of("/bin/bash", "-c", asked), Map.of());
    assertThat(answers.lines()).containsExactly("info inspect", "--preset");
  }

  @Test
  void wideTablesAreCutIntoParts() {
    List<String> table =
        List.of(
            "kind   cycles  share  of what", "A         100  10.0%  the array", "BCD     90000");
    assertThat(Layout.table(table, 31)).isEqualTo(table);
    assertThat(Layout.table(table, 22))
        .containsExactly(
            "kind   cycles  share",
            "A         100  10.0%",
            "BCD     90000",
            "",
            "kind   of what",
            "A      the array",
            "BCD");
    // A column that is too wide is printed all the same.
    assertThat(Layout.table(table, 5)).hasSize(11).contains("kind   cycles", "BCD     90000");
    assertThat(Layout.table(List.of("one", "two"), 2)).containsExactly("one", "two");
  }

  @Test
  void rowsAreKeptWhereTheyDoNotFit() {
    assertThat(rows(RowTable.WIDEST))
        .containsExactly(
            "cycles  what", "   100  array", "       busy all the time", "    20  lanes");
    assertThat(rows(9))
        .containsExactly(
            "cycles  what",
            "   100  array",
            "    20  lanes",
            "array:",
            "    busy",
            "    all",
            "    the",
            "    time");
  }

  private static List<String> rows(int width) {
    StringWriter text = new StringWriter();
    try (RowTable table = new RowTable(new PrintWriter(text), "cycles  what", width)) {
      table.row("   100  array");
      table.note("array", "busy all the time");
      table.row("    20  lanes");
    }
    return text.toString().lines().toList();
  }

  @Test
  void longLinesAreBrokenBetweenWords() {
    assertThat(Layout.line("one two three four", 30)).containsExactly("one two three four");
    assertThat(Layout.line("one two three four", 10))
        .containsExactly("one two", "    three", "    four");
    assertThat(Layout.line("  cycles of all", 9)).containsExactly("  cycles", "    of", "    all");
    assertThat(Layout.line("averyveryverylongword", 5)).containsExactly("averyveryverylongword");
    assertThat(Terminals.width("80")).isEqualTo(80);
    assertThat(Terminals.width("0")).isEqualTo(Integer.MAX_VALUE);
    assertThat(Terminals.width("wide")).isEqualTo(Integer.MAX_VALUE);
    // Tests have no terminal.
    assertThat(Terminals.width()).isEqualTo(Integer.MAX_VALUE);
  }

  private static String output(List<String> command, Map<String, String> environment)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("NO_COLOR");
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor();
    return out;
  }

  // On a terminal of its own, which util-linux makes.
  private static String onTerminal(Map<String, String> environment, String arguments)
      throws IOException, InterruptedException {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String command = "'%s' -cp '%s' %s %s".formatted(java, path, Main.class.getName(), arguments);
    List<String> words = new ArrayList<>(List.of("script", "-qec", command, "/dev/null"));
    return output(words, environment);
  }

  @Test
  void terminalsHaveColourAndTheirWidthAndProgress() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")));
    Map<String, String> narrow = Map.of("TERM", "xterm", "COLUMNS", "60");
    String functions = onTerminal(narrow, "functions exp");
    assertThat(functions).contains("measuring");
    List<String> table =
        functions.lines().filter(line -> line.startsWith("exp ")).map(String::strip).toList();
    assertThat(table).hasSize(8).allMatch(line -> line.length() <= 60);
    assertThat(onTerminal(narrow, "functions exp --quiet")).doesNotContain("measuring");
    String red = ESCAPE + "[";
    assertThat(onTerminal(narrow, "info --presett")).contains(red, "did you mean --preset?");
    assertThat(onTerminal(Map.of("TERM", "xterm", "NO_COLOR", "1"), "info --presett"))
        .doesNotContain(red)
        .contains("tataa: error: Unknown option");
    // Where there is no terminal there is no colour, whatever is set.
    assertThat(tataa("info", "--presett").err()).doesNotContain(red);
  }
}
