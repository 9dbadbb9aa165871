package org.tataa.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What JMH wrote with {@code -rf json}.
 *
 * @param jvm the JVM it ran on
 * @param scores by benchmark, mode and parameters
 */
record Results(String jvm, Map<String, Score> scores) {
  /**
   * A score and how far it can be trusted.
   *
   * @param value mean of the measurements
   * @param low lower end of its confidence interval (99.9 %)
   * @param high upper end; as the lower not a number if there was one measurement only
   * @param unit as "ms/op"
   * @param isTime whether less is better
   */
  record Score(double value, double low, double high, String unit, boolean isTime) {
    /** Whether it is known how much scores vary. */
    boolean hasInterval() {
      return low <= high;
    }

    /** Half of the interval. */
    double error() {
      return (high - low) / 2;
    }
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if JMH did not write it
   */
  static Results read(Path file) throws IOException {
    JsonNode root = new ObjectMapper().readTree(file.toFile());
    if (!root.isArray() || root.isEmpty()) {
      throw new IllegalArgumentException(file + ": no results of JMH");
    }
    Map<String, Score> scores = new LinkedHashMap<>();
    for (JsonNode run : root) {
      JsonNode metric = run.path("primaryMetric");
      JsonNode interval = metric.path("scoreConfidence");
      if (!metric.has("score") || interval.size() != 2) {
        throw new IllegalArgumentException(file + ": no results of JMH");
      }
      Score score =
          new Score(
              // JMH writes "NaN" as text.
              number(metric.get("score")),
              number(interval.get(0)),
              number(interval.get(1)),
              metric.path("scoreUnit").asText(),
              !run.path("mode").asText().equals("thrpt"));
      scores.put(name(run), score);
    }
    JsonNode first = root.get(0);
    return new Results(
        first.path("vmName").asText() + " " + first.path("vmVersion").asText(), scores);
  }

  private static double number(JsonNode value) {
    return value.isNumber() ? value.asDouble() : Double.NaN;
  }

  // Without the package; as "SizeBenchmark.product avgt size=64".
  private static String name(JsonNode run) {
    String full = run.path("benchmark").asText();
    int method = full.lastIndexOf('.');
    String name = full.substring(full.lastIndexOf('.', method - 1) + 1);
    Map<String, String> parameters = new TreeMap<>();
    run.path("params").properties().forEach(p -> parameters.put(p.getKey(), p.getValue().asText()));
    StringBuilder text = new StringBuilder(name).append(' ').append(run.path("mode").asText());
    parameters.forEach((key, value) -> text.append(' ').append(key).append('=').append(value));
    int threads = run.path("threads").asInt(1);
    return threads == 1 ? text.toString() : text + " t=" + threads;
  }
}
