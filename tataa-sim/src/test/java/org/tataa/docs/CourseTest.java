package org.tataa.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every chapter of the course is taken again: files are written, commands are executed, and they
 * print what is shown. With {@code -Dcourse.update=true} what they print is written into the
 * chapters where it is something else.
 */
class CourseTest {
  private static final Path COURSE = Path.of("..", "docs", "course");
  private static final boolean IS_UPDATED = Boolean.getBoolean("course.update");

  /** Blocks that take seconds, and those after them in a chapter. */
  private static final String SLOW = "slow";

  @TempDir Path folder;

  static List<Path> chapters() throws IOException {
    try (Stream<Path> files = Files.list(COURSE)) {
      return files.filter(file -> file.toString().endsWith(".md")).sorted().toList();
    }
  }

  static List<Path> slowChapters() throws IOException {
    List<Path> slow = new ArrayList<>();
    for (Path chapter : chapters()) {
      if (Fence.of(chapter).stream().anyMatch(fence -> fence.has(SLOW))) {
        slow.add(chapter);
      }
    }
    return slow;
  }

  @ParameterizedTest
  @MethodSource("chapters")
  void chaptersShowWhatHappens(Path chapter) throws IOException, InterruptedException {
    take(chapter, false);
  }

  @Tag("heavy")
  @ParameterizedTest
  @MethodSource("slowChapters")
  void slowChaptersShowWhatHappens(Path chapter) throws IOException, InterruptedException {
    take(chapter, true);
  }

  private void take(Path chapter, boolean isWhole) throws IOException, InterruptedException {
    Console console = new Console(folder);
    List<String> lines = new ArrayList<>(Files.readAllLines(chapter));
    int shift = 0;
    for (Fence fence : Fence.of(chapter)) {
      if (fence.has(SLOW) && !isWhole) {
        return;
      }
      switch (fence.language()) {
        case "console" -> {
          List<String> taken = repeat(console, fence);
          if (IS_UPDATED && !taken.equals(fence.text())) {
            lines.subList(fence.first() + 1 + shift, fence.last() + shift).clear();
            lines.addAll(fence.first() + 1 + shift, taken);
            shift += taken.size() - fence.text().size();
            Files.write(chapter, lines);
          }
        }
        case "asm", "java" -> {
          String file = fence.words().get(1);
          if (file.startsWith("work/")) {
            console.write(file, fence.content());
          } else {
            assertExcerpt(fence, Files.readString(Path.of("..").resolve(file)));
          }
        }
        case "sh" -> assertIsInCi(fence);
        case "text" -> {}
        default -> throw new AssertionError(fence + ": nobody repeats " + fence.language());
      }
    }
  }

  private static List<String> repeat(Console console, Fence fence)
      throws IOException, InterruptedException {
    List<String> taken = new ArrayList<>();
    int code = 0;
    for (Transcript.Step step : Transcript.of(fence.text())) {
      Console.Result result = console.run(step);
      code = result.code();
      if (Transcript.matches(step.output(), result.lines())) {
        taken.addAll(step.lines());
      } else if (IS_UPDATED) {
        taken.addAll(Transcript.updated(step, result.lines()));
      } else {
        assertThat(String.join("\n", result.lines()))
            .as("%s: %s", fence, step.command())
            .isEqualTo(String.join("\n", step.output()));
      }
    }
    int expected = 0;
    for (String word : fence.words()) {
      expected = word.startsWith("exit=") ? Integer.parseInt(word.substring(5)) : expected;
    }
    assertThat(code).as("%s: exit code", fence).isEqualTo(expected);
    return taken;
  }

  // Lines of a file of the repository, with `...` where some are left out.
  private static void assertExcerpt(Fence fence, String source) {
    String all = squeeze(source);
    int from = 0;
    for (String part : fence.content().split("(?m)^\\s*(// )?\\.\\.\\.$")) {
      int at = all.indexOf(squeeze(part), from);
      assertThat(at).as("%s: no longer in the file:%n%s", fence, part).isNotNegative();
      from = at + squeeze(part).length();
    }
  }

  private static String squeeze(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }

  // What a test cannot do to itself, as building the project, is done by continuous integration.
  private static void assertIsInCi(Fence fence) throws IOException {
    String ci = Files.readString(Path.of("..", ".ci", "run"));
    for (String line : fence.text()) {
      assertThat(ci).as("%s", fence).contains(line);
    }
  }

  @Test
  void outputsAreCompared() {
    List<String> actual = List.of("a 1", "b 2", "c 3");
    assertThat(Transcript.matches(List.of("a 1", "b 2", "c 3"), actual)).isTrue();
    assertThat(Transcript.matches(List.of("a ...", "...", "... 3"), actual)).isTrue();
    assertThat(Transcript.matches(List.of("a 1", "...", "b 2", "c 3"), actual)).isTrue();
    assertThat(Transcript.matches(List.of("a 1", "b 2"), actual)).isFalse();
    assertThat(Transcript.matches(List.of("a 1", "...", "b 3"), actual)).isFalse();
    assertThat(Transcript.matches(List.of("a ...", "c 3"), actual)).isFalse();
    assertThat(Transcript.matches(List.of(), actual)).isFalse();
  }
}
