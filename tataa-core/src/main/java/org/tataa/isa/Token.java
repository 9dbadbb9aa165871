package org.tataa.isa;

import java.util.ArrayList;
import java.util.List;

/**
 * One word of an assembly line.
 *
 * @param kind what it is
 * @param text as written
 * @param column 1-based
 */
record Token(Kind kind, String text, int column) {
  enum Kind {
    /** Letters, digits, dots and underscores, starting with no digit. */
    NAME,
    /** A number, starting with a digit. */
    NUMBER,
    /** One of the symbols. */
    SYMBOL,
    /** End of the line. */
    END
  }

  /** A line that cannot be read at a column. */
  static final class SyntaxException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int column;
    private final String problem;

    SyntaxException(int column, String problem) {
      super(problem, null, false, false);
      this.column = column;
      this.problem = problem;
    }

    String problem() {
      return problem;
    }

    int column() {
      return column;
    }
  }

  private static final String[] SYMBOLS = {
    "->", "<<", ">>", ",", "=", ":", "(", ")", "+", "-", "*", "/", "%"
  };

  /** The words of a line up to a comment, closed by an END token. */
  static List<Token> split(String line) {
    List<Token> tokens = new ArrayList<>();
    int at = 0;
    while (at < line.length() && line.charAt(at) != ';') {
      char c = line.charAt(at);
      if (Character.isWhitespace(c)) {
        at++;
        continue;
      }
      int end = at;
      if (isWord(c)) {
        while (end < line.length() && isWord(line.charAt(end))) {
          end++;
        }
        Kind kind = Character.isDigit(c) ? Kind.NUMBER : Kind.NAME;
        tokens.add(new Token(kind, line.substring(at, end), at + 1));
      } else {
        end = symbolEnd(line, at);
        tokens.add(new Token(Kind.SYMBOL, line.substring(at, end), at + 1));
      }
      at = end;
    }
    tokens.add(new Token(Kind.END, "end of line", at + 1));
    return tokens;
  }

  private static boolean isWord(char c) {
    return c < 128 && (Character.isLetterOrDigit(c) || c == '.' || c == '_');
  }

  private static int symbolEnd(String line, int at) {
    for (String symbol : SYMBOLS) {
      if (line.startsWith(symbol, at)) {
        return at + symbol.length();
      }
    }
    throw new SyntaxException(
        at + 1,
        "unexpected character `"
            + line.substring(at, line.offsetByCodePoints(at, 1))
            + "`, expected a name, a number or one of "
            + String.join(" ", SYMBOLS)
            + " (comments start with ;)");
  }

  /** An error at this token. */
  SyntaxException error(String message) {
    return new SyntaxException(column, message);
  }

  boolean is(String symbol) {
    return kind == Kind.SYMBOL && text.equals(symbol);
  }

  @Override
  public String toString() {
    return kind == Kind.END ? text : "`" + text + "`";
  }
}
