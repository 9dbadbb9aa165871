package org.tataa.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Chapters of the King James Bible, a verse per line, as {@code bible} of the Debian package {@code
 * bible-kjv} prints them: {@code Ge1:1 In the beginning ...}.
 *
 * @param learnt chapters to learn from
 * @param unseen every 25th chapter, for tests
 */
record Verses(List<String> learnt, List<String> unseen) {
  private static final Pattern VERSE = Pattern.compile("(\\d?\\p{L}+\\d+):\\d+ (.*)");
  private static final int EVERY = 25;
  private static final int FIRST = 12;
  private static final int SAMPLED = 400;

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, or a line is no verse
   */
  static Verses read(Path file) throws IOException {
    List<String> chapters = new ArrayList<>();
    StringBuilder verses = new StringBuilder();
    String last = "";
    for (String line : Files.readAllLines(file)) {
      Matcher verse = VERSE.matcher(line);
      if (!verse.matches()) {
        throw new IOException(file + ": no verse: " + line);
      }
      if (!verse.group(1).equals(last) && verses.length() > 0) {
        chapters.add(verses.append('\n').toString());
        verses.setLength(0);
      }
      last = verse.group(1);
      verses.append(verse.group(2).strip()).append('\n');
    }
    chapters.add(verses.append('\n').toString());
    List<String> learnt = new ArrayList<>();
    List<String> unseen = new ArrayList<>();
    for (int i = 0; i < chapters.size(); i++) {
      (i % EVERY == FIRST ? unseen : learnt).add(chapters.get(i));
    }
    return new Verses(learnt, unseen);
  }

  /** A few chapters of those to learn from. */
  List<String> samples() {
    return IntStream.range(0, learnt.size())
        .filter(i -> i % SAMPLED == 0)
        .mapToObj(learnt::get)
        .toList();
  }
}
