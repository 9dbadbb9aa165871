package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tataa.onnx.OnnxBuilder;

/** What {@code tataa inspect} says. */
class InspectCommandTest {
  @TempDir Path directory;

  private static String run(String... args) {
    StringWriter out = new StringWriter();
    assertThat(Main.run(new PrintWriter(out, true), new PrintWriter(out, true), args))
        .as(out.toString())
        .isZero();
    return out.toString();
  }

  private Path file() throws Exception {
    OnnxBuilder b = new OnnxBuilder(11, 1);
    String x = b.input("x", 2, 3);
    String y = b.op("com.microsoft.Gelu", b.op("Frobnicate", Map.of(), x));
    Path file = directory.resolve("model.onnx");
    Files.write(file, b.build(b.op("Add", y, b.weight(0, 1, 3))));
    return file;
  }

  @Test
  void aFile() throws Exception {
    JsonNode view = new ObjectMapper().readTree(run("inspect", file().toString(), "--json"));
    assertThat(view.path("opsets").path("ai.onnx").asInt()).isEqualTo(11);
    assertThat(view.path("opsets").path("com.microsoft").asInt()).isEqualTo(1);
    assertThat(view.path("inputs").path(0).path("dims").path(1).asText()).isEqualTo("3");
    assertThat(view.path("operators").path("com.microsoft.Gelu").asInt()).isEqualTo(1);
    assertThat(view.path("weights").path("FLOAT").path("bytes").asInt()).isEqualTo(12);
    assertThat(view.path("unsupportedOperators").toString()).isEqualTo("[\"Frobnicate\"]");
  }

  @Test
  void text() throws Exception {
    assertThat(run("inspect", file().toString()))
        .contains("input       x: FLOAT [2, 3]")
        .contains("1 Add")
        .contains("unsupported Frobnicate");
  }

  @Test
  void builtInModels() {
    assertThat(run("inspect", "deit-tiny-2")).contains("image", "LayerNormalization");
    assertThat(run("inspect", "all-MiniLM-L6-v2")).contains("input_ids", "open");
  }
}
