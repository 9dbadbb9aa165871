package org.tataa.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.tataa.sim.Engine;

/**
 * Checks a directory of golden files, every line of every file it knows (golden README).
 *
 * <p>All files of {@code bf16_*}, {@code int8_*}, {@code quant_*} and {@code fpv_*} must be there,
 * and at least one {@code instr_trace_p*.csv} with {@code instr_trace_memory_init.csv}.
 */
public final class ConformanceSuite {
  private ConformanceSuite() {}

  /**
   * Runs all checks.
   *
   * @param directory directory of golden files
   * @param engine what runs the programs; observed, fast-forward steps
   * @return one result per file
   * @throws ConformanceException if a file is missing or malformed
   */
  public static ConformanceReport run(Path directory, Engine engine) {
    if (!Files.isDirectory(directory)) {
      throw new ConformanceException(directory + ": is not a directory");
    }
    List<FileResult> results = new ArrayList<>();
    results.add(ArithmeticCheck.multiply(read(directory, "bf16_mul.csv")));
    results.add(ArithmeticCheck.add(read(directory, "bf16_add.csv")));
    results.add(ArithmeticCheck.mac(read(directory, "int8_mac.csv")));
    results.add(ArithmeticCheck.accToInt8(read(directory, "quant_i8i8.csv")));
    results.add(ArithmeticCheck.accToBf16(read(directory, "quant_i8f16.csv")));
    results.add(ArithmeticCheck.bf16ToInt8(read(directory, "quant_f16i8.csv")));
    results.add(
        BlockCheck.check(
            read(directory, "int8_block_inputs.csv"), read(directory, "int8_block.csv"), engine));
    results.add(
        VectorCheck.check(
            read(directory, "fpv_trace_inputs.csv"), read(directory, "fpv_trace.csv"), engine));
    GoldenTable memoryInit = read(directory, "instr_trace_memory_init.csv");
    for (Path trace : traces(directory)) {
      results.add(TraceCheck.check(memoryInit, GoldenTable.read(trace), engine));
    }
    return new ConformanceReport(results);
  }

  private static GoldenTable read(Path directory, String name) {
    return GoldenTable.read(directory.resolve(name));
  }

  private static List<Path> traces(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> traces =
          files
              .filter(file -> String.valueOf(file.getFileName()).matches("instr_trace_p.*\\.csv"))
              .sorted()
              .toList();
      if (traces.isEmpty()) {
        throw new ConformanceException(directory + ": has no instr_trace_p*.csv");
      }
      return traces;
    } catch (IOException e) {
      throw new ConformanceException(directory + ": cannot be listed: " + e, e);
    }
  }
}
