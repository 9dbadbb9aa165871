package org.tataa.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.tataa.graph.ElementType;
import org.tataa.graph.Evaluator;
import org.tataa.graph.Graph;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.graph.OnnxTypes;

/**
 * Runs the node tests of the ONNX project ({@code onnx/backend/test/data/node} of its repository)
 * through importer and float32 evaluator, with the tolerances of that project. The data is not part
 * of this repository: {@code .ci/onnx-backend-tests FOLDER} names it. Writes {@code
 * target/onnx-backend.md}, a table by operator, and {@code target/onnx-backend.txt}, why a case did
 * not pass.
 */
@EnabledIfSystemProperty(named = "onnx.node.tests", matches = ".+")
class OnnxBackendTest {
  private static final double RELATIVE = 1e-3;
  private static final double ABSOLUTE = 1e-7;

  /** How a case ended. */
  enum Outcome {
    PASSED,
    REFUSED,
    WRONG
  }

  /**
   * A case.
   *
   * @param name its name
   * @param operator operator of its first node
   * @param outcome how it ended
   * @param message why it was refused or is wrong
   */
  record Case(String name, String operator, Outcome outcome, String message) {}

  @Test
  void nothingIsWrong() throws IOException {
    Path data = Path.of(System.getProperty("onnx.node.tests"));
    String prefix = System.getProperty("onnx.node.prefix", "test_");
    List<Case> cases = new ArrayList<>();
    try (Stream<Path> folders = Files.list(data)) {
      folders
          .filter(folder -> folder.getFileName().toString().startsWith(prefix))
          .sorted()
          .forEach(folder -> cases.add(run(folder)));
    }
    List<String> others =
        cases.stream()
            .filter(c -> c.outcome() != Outcome.PASSED)
            .map(c -> c.outcome() + " " + c.name() + ": " + c.message())
            .toList();
    Files.write(Path.of("target", "onnx-backend.txt"), others);
    Files.write(Path.of("target", "onnx-backend.md"), table(cases));
    assertThat(cases).isNotEmpty();
    assertThat(others).noneMatch(line -> line.startsWith("WRONG"));
  }

  private static List<String> table(List<Case> cases) {
    Map<String, int[]> byOperator = new TreeMap<>();
    int[] all = new int[3];
    for (Case c : cases) {
      byOperator.computeIfAbsent(c.operator(), key -> new int[3])[c.outcome().ordinal()]++;
      all[c.outcome().ordinal()]++;
    }
    List<String> lines = new ArrayList<>();
    lines.add("| operator | passed | refused by name | wrong |");
    lines.add("|---|---|---|---|");
    byOperator.forEach((operator, n) -> lines.add(row(operator, n)));
    lines.add(row("**all**", all));
    return lines;
  }

  private static String row(String operator, int[] counts) {
    return "| " + operator + " | " + counts[0] + " | " + counts[1] + " | " + counts[2] + " |";
  }

  private static Case run(Path folder) {
    String name = folder.getFileName().toString();
    String operator = "?";
    try {
      OnnxMl.ModelProto model =
          OnnxMl.ModelProto.parseFrom(Files.readAllBytes(folder.resolve("model.onnx")));
      OnnxMl.NodeProto node = model.getGraph().getNode(0);
      operator = (node.getDomain().isEmpty() ? "" : node.getDomain() + ".") + node.getOpType();
      if (name.endsWith("_expanded") || name.contains("_expanded_")) {
        operator = "(expanded)";
      }
      OnnxImporter.Model read = OnnxImporter.read(folder.resolve("model.onnx"));
      try (Stream<Path> sets = Files.list(folder)) {
        for (Path set : sets.filter(Files::isDirectory).sorted().toList()) {
          String difference = difference(model, read, set);
          if (!difference.isEmpty()) {
            return new Case(name, operator, Outcome.WRONG, difference);
          }
        }
      }
      return new Case(name, operator, Outcome.PASSED, "");
    } catch (ModelFormatException | GraphException e) {
      return new Case(name, operator, Outcome.REFUSED, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      return new Case(name, operator, Outcome.WRONG, e.toString());
    }
  }

  private static String difference(OnnxMl.ModelProto model, OnnxImporter.Model read, Path set)
      throws IOException {
    Map<String, NdTensor> inputs = new TreeMap<>();
    for (int i = 0; i < model.getGraph().getInputCount(); i++) {
      Path file = set.resolve("input_" + i + ".pb");
      if (Files.exists(file) && Files.size(file) > 0) {
        Graph.Input input = read.graph().input(model.getGraph().getInput(i).getName());
        if (input != null) {
          inputs.put(input.name(), tensor(file));
        }
      }
    }
    Map<String, NdTensor> outputs = new Evaluator(read.graph(), read.opset()).run(inputs, null);
    for (int i = 0; i < model.getGraph().getOutputCount(); i++) {
      OnnxMl.ValueInfoProto info = model.getGraph().getOutput(i);
      NdTensor expected = tensor(set.resolve("output_" + i + ".pb"));
      NdTensor actual = outputs.get(info.getName());
      String difference =
          difference(actual, expected, info.getType().getTensorType().getElemType());
      if (!difference.isEmpty()) {
        return info.getName() + ": " + difference;
      }
    }
    return "";
  }

  private static NdTensor tensor(Path file) throws IOException {
    return new TensorReader(file.getFileName().toString(), null)
        .read(OnnxMl.TensorProto.parseFrom(Files.readAllBytes(file)));
  }

  private static String difference(NdTensor actual, NdTensor expected, int type) {
    if (actual == null
        || actual.type() != expected.type()
        || !Arrays.equals(actual.shape(), expected.shape())) {
      return "expected " + expected + ", found " + actual;
    }
    // The evaluator keeps float32 where the file rounds to fewer bits: a step of these is allowed.
    double step =
        switch (OnnxTypes.name(type)) {
          case "FLOAT16" -> 1.0 / 1024;
          case "BFLOAT16" -> 1.0 / 128;
          default -> 0;
        };
    for (int i = 0; i < expected.size(); i++) {
      double a = actual.at(i);
      double e = expected.at(i);
      double limit =
          expected.type() == ElementType.FLOAT
              ? ABSOLUTE + (RELATIVE + step) * Math.abs(e) + (step > 0 ? 6e-8 : 0)
              : 0;
      boolean isSame = a == e || (Double.isNaN(a) && Double.isNaN(e));
      if (!isSame && !(Math.abs(a - e) <= limit)) {
        return "element " + i + ": expected " + e + ", found " + a;
      }
    }
    return "";
  }
}
