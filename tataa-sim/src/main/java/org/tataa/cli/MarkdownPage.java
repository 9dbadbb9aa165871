package org.tataa.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A page of which several commands write a section each. */
final class MarkdownPage {
  private static final String NEXT = "\n# ";

  private MarkdownPage() {}

  /**
   * Writes a section in place of the one with the same heading, or at the end.
   *
   * @param section begins with its heading, a line of {@code # ...}
   */
  static void write(Path file, String section) {
    String before = Files.isRegularFile(file) ? FileAccess.readText(file) : "";
    String heading = section.substring(0, section.indexOf('\n') + 1);
    int from = before.startsWith(heading) ? 0 : before.indexOf("\n" + heading) + 1;
    boolean isNew = from == 0 && !before.startsWith(heading);
    int next = isNew ? -1 : before.indexOf(NEXT, from + heading.length());
    String above = (isNew ? before : before.substring(0, from)).stripTrailing();
    String below = next < 0 ? "" : "\n" + before.substring(next + 1);
    String text = (above.isEmpty() ? "" : above + "\n\n") + section.stripTrailing() + "\n" + below;
    FileAccess.write(file, text.getBytes(StandardCharsets.UTF_8));
  }
}
