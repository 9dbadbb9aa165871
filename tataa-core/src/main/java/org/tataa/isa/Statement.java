package org.tataa.isa;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A source text as a tree: labels, lines and repeat blocks. */
sealed interface Statement {
  /** Deepest nesting of repeat blocks. */
  int MAX_NESTING = 16;

  /** Characters of the longest line. */
  int MAX_LINE = 1 << 16;

  /** Most tokens of a text, ends of lines among them; ends texts that would fill the memory. */
  int MAX_TOKENS = 1 << 24;

  /** Source line, 1-based. */
  int line();

  /** A label; {@code repeated} if it stands inside a repeat block. */
  record Label(int line, Token name, boolean repeated) implements Statement {}

  /** An instruction or a .const directive: the tokens up to and with the END token. */
  record Line(int line, List<Token> tokens) implements Statement {}

  /** A repeat block with the tokens of its {@code .repeat} line. */
  record Repeat(int line, List<Token> tokens, List<Statement> body) implements Statement {}

  /** Reads a text; lines that cannot be read are reported and left out. */
  static List<Statement> read(String source, ErrorList errors) {
    List<Statement> top = new ArrayList<>();
    Deque<Repeat> open = new ArrayDeque<>();
    int line = 0;
    int count = 0;
    for (String text : source.split("\r\n|\r|\n", -1)) {
      line++;
      try {
        if (text.length() > MAX_LINE) {
          throw errors.fatal(
              line, 1, "line of " + text.length() + " characters, expected at most " + MAX_LINE);
        }
        List<Token> tokens = Token.split(text);
        count += tokens.size();
        if (count > MAX_TOKENS) {
          throw errors.fatal(
              line, 1, "more than " + MAX_TOKENS + " names, numbers and symbols, expected fewer");
        }
        while (tokens.get(0).kind() == Token.Kind.NAME && tokens.get(1).is(":")) {
          current(top, open).add(new Label(line, tokens.get(0), !open.isEmpty()));
          tokens = tokens.subList(2, tokens.size());
        }
        Token first = tokens.get(0);
        if (first.text().equals(".repeat")) {
          if (open.size() == MAX_NESTING) {
            throw errors.fatal(
                line,
                first.column(),
                "`.repeat` inside "
                    + MAX_NESTING
                    + " others, expected at most "
                    + MAX_NESTING
                    + " levels");
          }
          Repeat repeat = new Repeat(line, tokens, new ArrayList<>());
          current(top, open).add(repeat);
          open.push(repeat);
        } else if (first.text().equals(".end")) {
          if (open.isEmpty()) {
            throw first.error("`.end` without `.repeat`");
          }
          open.pop();
          if (tokens.get(1).kind() != Token.Kind.END) {
            throw tokens.get(1).error("found " + tokens.get(1) + ", expected end of line");
          }
        } else if (first.kind() != Token.Kind.END) {
          current(top, open).add(new Line(line, tokens));
        }
      } catch (Token.SyntaxException e) {
        errors.add(line, e.column(), e.problem());
      }
    }
    for (Repeat repeat : open) {
      errors.add(repeat.line(), repeat.tokens().get(0).column(), "`.repeat` without `.end`");
    }
    return top;
  }

  private static List<Statement> current(List<Statement> top, Deque<Repeat> open) {
    return open.isEmpty() ? top : open.element().body();
  }
}
