package org.tataa.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A change is one that the confidence intervals of both scores cannot explain. */
class CompareResultsTest {
  @TempDir Path folder;

  private static String run(String method, String mode, double score, String low, String high) {
    return """
        {"benchmark": "org.tataa.bench.SizeBenchmark.%s", "mode": "%s", "threads": 1,
         "vmName": "VM", "vmVersion": "17", "params": {"size": "64"},
         "primaryMetric": {"score": %s, "scoreError": 1, "scoreConfidence": [%s, %s],
                           "scoreUnit": "us/op"}}"""
        .formatted(method, mode, score, low, high);
  }

  private Path file(String name, String... runs) throws IOException {
    return Files.writeString(folder.resolve(name), "[" + String.join(",", runs) + "]");
  }

  private record Printed(int code, String text) {}

  private static Printed compare(Object... arguments) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    String[] words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = arguments[i].toString();
    }
    int code = CompareResults.run(words, stream, stream);
    return new Printed(code, bytes.toString(StandardCharsets.UTF_8));
  }

  @Test
  void changesBeyondNoiseAreTold() throws IOException {
    Path before =
        file(
            "old.json",
            run("a", "avgt", 10, "9", "11"),
            run("b", "avgt", 10, "9", "11"),
            run("c", "thrpt", 10, "9", "11"),
            run("d", "avgt", 10, "9", "11"),
            run("e", "avgt", 10, "\"NaN\"", "\"NaN\""),
            run("f", "avgt", 10, "9", "11"));
    Path after =
        file(
            "new.json",
            run("a", "avgt", 5, "4", "6"),
            run("b", "avgt", 20, "19", "21"),
            run("c", "thrpt", 20, "19", "21"),
            run("d", "avgt", 12, "10.9", "13"),
            run("e", "avgt", 99, "\"NaN\"", "\"NaN\""),
            run("g", "avgt", 10, "9", "11"));
    Printed printed = compare(before, after);
    assertThat(printed.code()).isZero();
    assertThat(printed.text())
        .containsPattern(
            "faster +2.00x +10.00 \\+- 1.0 +5.000 \\+- 1.0  us/op +SizeBenchmark.a avgt size=64")
        .containsPattern("slower +0.50x .*SizeBenchmark.b ")
        .containsPattern("faster +2.00x .*SizeBenchmark.c ")
        .containsPattern("same +0.83x .*SizeBenchmark.d ")
        .containsPattern("unknown +0.10x .*SizeBenchmark.e ")
        .containsPattern("gone .*SizeBenchmark.f ")
        .containsPattern("added .*SizeBenchmark.g ")
        .contains("2 faster, 1 slower, 2 not told apart from noise");
    assertThat(compare("--fail", before, after).code()).isEqualTo(1);
    assertThat(compare("--fail", before, before).code()).isZero();
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    Path results = file("old.json", run("a", "avgt", 10, "9", "11"));
    Path other = Files.writeString(folder.resolve("other.json"), "{\"a\": 1}");
    assertThat(compare(results)).isEqualTo(new Printed(2, compare().text()));
    assertThat(compare(results, other).code()).isEqualTo(3);
    assertThat(compare(results, other).text()).contains("other.json: no results of JMH");
    assertThat(compare(results, folder.resolve("none.json")).code()).isEqualTo(3);
  }
}
