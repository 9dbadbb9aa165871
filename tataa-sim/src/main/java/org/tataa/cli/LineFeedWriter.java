package org.tataa.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;

/** Ends lines with a line feed, whatever ends them on the system: carriage returns are left out. */
final class LineFeedWriter extends FilterWriter {
  LineFeedWriter(Writer out) {
    super(out);
  }

  @Override
  public void write(int character) throws IOException {
    if (character != '\r') {
      out.write(character);
    }
  }

  @Override
  public void write(char[] characters, int from, int count) throws IOException {
    int start = from;
    for (int i = from; i < from + count; i++) {
      if (characters[i] == '\r') {
        out.write(characters, start, i - start);
        start = i + 1;
      }
    }
    out.write(characters, start, from + count - start);
  }

  @Override
  public void write(String text, int from, int count) throws IOException {
    write(text.substring(from, from + count).toCharArray(), 0, count);
  }
}
