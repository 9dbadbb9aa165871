package org.tataa.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.sim.Engine;

class ConformanceSuiteTest {
  @TempDir Path copy;

  static Path golden() {
    try {
      return Path.of(
              Objects.requireNonNull(ConformanceSuiteTest.class.getResource("/golden/bf16_mul.csv"))
                  .toURI())
          .getParent();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private void copyGolden() throws IOException {
    try (Stream<Path> files = Files.list(golden())) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName().toString()));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void everyLineOfEveryFileMatches(Engine engine) throws IOException {
    ConformanceReport report = ConformanceSuite.run(golden(), engine);
    for (FileResult file : report.files()) {
      assertThat(file.firstMismatches()).as(file.file()).isEmpty();
      try (Stream<String> lines = Files.lines(golden().resolve(file.file()))) {
        long data = lines.filter(line -> !line.isBlank() && !line.startsWith("#")).count() - 1;
        assertThat(file.checked()).as(file.file() + " lines checked").isEqualTo((int) data);
      }
    }
    assertThat(report.files()).hasSize(15);
    assertThat(report.passed()).isTrue();
  }

  /** Corrupts one value of a file; the suite must notice. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bf16_mul.csv|0000,8000,8000|0000,8000,0000",
        "int8_mac.csv|0009,005a|0009,005b",
        "int8_block.csv|0,1,exec_done,57|0,1,exec_done,58",
        "int8_block.csv|0,1,buf_valid_rise,2|0,1,buf_valid_rise,3",
        "fpv_trace.csv|0,16,0,17,3d91|0,16,0,18,3d91",
        "instr_trace_p1_single_block.csv|instr,73,3|instr,74,3",
        "instr_trace_p1_single_block.csv|start=173 done=207|start=173 done=208",
        "instr_trace_p1_single_block.csv|event,165,,exec_done|event,166,,exec_done",
        "instr_trace_p1_single_block.csv|latency_cycles=170|latency_cycles=171",
        "instr_trace_p1_single_block.csv|debug_status=01010105|debug_status=01010106",
        "instr_trace_p1_single_block.csv|mem,,40000,f6|mem,,40000,f7"
      })
  void oneWrongValueIsAMismatch(String file, String from, String to) throws IOException {
    copyGolden();
    Path path = copy.resolve(file);
    String text = Files.readString(path);
    assertThat(text).contains(from);
    Files.writeString(path, text.replaceFirst(Pattern.quote(from), to));
    ConformanceReport report = ConformanceSuite.run(copy, Engine.STEPPING);
    assertThat(report.passed()).isFalse();
    List<String> wrong =
        report.files().stream()
            .filter(result -> result.mismatches() > 0)
            .map(FileResult::file)
            .toList();
    assertThat(wrong).containsExactly(file);
  }

  @Test
  void anEventThatIsMissingInTheFileIsAMismatch() throws IOException {
    copyGolden();
    Path path = copy.resolve("instr_trace_p1_single_block.csv");
    Files.writeString(path, Files.readString(path).replace("event,165,,exec_done,\n", ""));
    ConformanceReport report = ConformanceSuite.run(copy, Engine.STEPPING);
    assertThat(report.mismatches()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bf16_add.csv",
        "quant_i8i8.csv",
        "int8_block_inputs.csv",
        "fpv_trace_inputs.csv",
        "instr_trace_memory_init.csv"
      })
  void aMissingFileIsAnError(String file) throws IOException {
    copyGolden();
    Files.delete(copy.resolve(file));
    assertThatThrownBy(() -> ConformanceSuite.run(copy, Engine.STEPPING))
        .isInstanceOf(ConformanceException.class)
        .hasMessageContaining(file + ": file is missing");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bf16_mul.csv|0000,8000,8000|0000,8000|has 2 columns, expected at least 3",
        "bf16_mul.csv|0000,8000,8000|0000,zz,8000|column 2 is `zz`, expected hex digits",
        "instr_trace_p1_single_block.csv|instr,0,0|instruction,0,0|kind is `instruction`",
        "instr_trace_p1_single_block.csv|8400000000000024|8c00000000000024|bits 59:58 of CONFIG"
      })
  void aMalformedLineIsAnErrorThatNamesIt(String file, String from, String to, String message)
      throws IOException {
    copyGolden();
    Path path = copy.resolve(file);
    Files.writeString(path, Files.readString(path).replaceFirst(Pattern.quote(from), to));
    assertThatThrownBy(() -> ConformanceSuite.run(copy, Engine.STEPPING))
        .isInstanceOf(ConformanceException.class)
        .hasMessageContaining(file)
        .hasMessageContaining(message);
  }
}
