package org.tataa.isa;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * A word of a recorded program with the text its recording gave it.
 *
 * @param program p1..p7
 * @param index instruction index; the others are NOPs
 */
record GoldenWords(String program, int index, long word, String text) {
  static List<GoldenWords> all() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    GoldenWords.class.getResourceAsStream("golden_words.csv"), "golden_words.csv"),
                StandardCharsets.UTF_8))) {
      return reader
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split(",", -1))
          .map(
              f ->
                  new GoldenWords(
                      f[0], Integer.parseInt(f[1]), Long.parseUnsignedLong(f[2], 16), f[3]))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One of the programs, NOPs filled in. */
  static long[] program(String name) {
    List<GoldenWords> lines = all().stream().filter(w -> w.program().equals(name)).toList();
    long[] words = new long[lines.get(lines.size() - 1).index() + 1];
    lines.forEach(line -> words[line.index()] = line.word());
    return words;
  }
}
