package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The models in the jar by name: an image gets a label, a text goes on. */
class TrainedModelsCommandTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Path SHIRT = DOCS.resolve("examples").resolve("shirt.png");

  @TempDir Path directory;

  private record Result(int code, String out, String err) {}

  private static Result tataa(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    return new Result(code, out.toString(), err.toString());
  }

  @Test
  void anImageGetsALabel() {
    Result result = tataa("run", "vit-fashion", "--image", SHIRT.toString(), "--partition", "off");
    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .containsPattern("\n   0  0\\.\\d+ +\\d+  shirt\\.png: Shirt, \\d+\\.\\d %");
    assertThat(result.code()).isZero();
  }

  @Test
  void imagesOfAFolderAsJson() throws IOException {
    Files.copy(SHIRT, directory.resolve("b.png"));
    Files.copy(SHIRT, directory.resolve("a.png"));
    Result result =
        tataa(
            "run",
            "vit-fashion",
            "--image",
            directory.toString(),
            "--json",
            "--no-compare",
            "--partition",
            "off",
            "--pack",
            "off");
    assertThat(result.err()).isEmpty();
    JsonNode view = new ObjectMapper().readTree(result.out());
    String schema = Files.readString(DOCS.resolve("schemas").resolve("output.schema.json"));
    schema = schema.replaceFirst("\\{", "{ \"\\$ref\": \"#/\\$defs/model\",");
    assertThat(
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(schema)
                .validate(view))
        .isEmpty();
    assertThat(view.get("items")).hasSize(2);
    JsonNode first = view.get("items").get(0);
    assertThat(first.get("image").asText()).isEqualTo("a.png");
    assertThat(first.get("label").asText()).isEqualTo("Shirt");
    double sum = 0;
    for (JsonNode share : first.get("shares")) {
      sum += share.asDouble();
    }
    assertThat(sum).isBetween(0.999, 1.001);
    assertThat(first.get("shares").fieldNames().next()).isEqualTo("Shirt");
  }

  @ParameterizedTest
  @CsvSource({
    "vit-fashion,--image,nowhere.png,nowhere.png: no such file",
    "vit-fashion,--text,hello,images and texts",
    "vit-fashion,--card,nowhere.json,nowhere.json: no such file",
    "deit-tiny-2,--image,nowhere.png,has an input of its own",
    "all-MiniLM-L6-v2,--image,nowhere.png,needs --card",
    "gpt-small,--text,hello,tataa generate gpt-small"
  })
  void whatIsWrongIsNamed(String model, String option, String value, String message) {
    Result result = tataa("run", model, option, value);
    assertThat(result.err()).contains(message).doesNotContain("\tat ");
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.out()).isEmpty();
  }

  @Test
  void aTextGoesOn() {
    Result result =
        tataa(
            "generate",
            "gpt-small",
            "--text",
            "In the beginning",
            "--tokens",
            "8",
            "--partition",
            "off");
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).containsPattern("(?s)^[ \n]?\\p{L}.*\nprompt +1 ");
    Result wrong = tataa("generate", "vit-fashion", "--ids", "1");
    assertThat(wrong.err()).contains("vit-fashion: no input of token ids").doesNotContain("\tat ");
    assertThat(wrong.code()).isEqualTo(3);
  }

  @Test
  void theyAreInspected() {
    assertThat(tataa("inspect", "vit-fashion").out()).contains("LayerNormalization");
    assertThat(tataa("inspect", "gpt-small").out()).contains("past_key_values.0.key");
  }
}
