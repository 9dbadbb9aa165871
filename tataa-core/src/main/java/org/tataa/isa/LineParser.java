package org.tataa.isa;

import java.util.List;
import java.util.regex.Pattern;
import org.tataa.numeric.Bfloat16;

/** Reads the tokens of one line: symbols, names and constant expressions. */
final class LineParser {
  /** The function that turns a decimal number into a pattern. */
  static final String BF16 = "bf16";

  private static final Pattern DECIMAL =
      Pattern.compile("-?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");
  private static final int MAX_NESTING = 64;

  private final List<Token> tokens;
  private final SymbolTable symbols;
  private int at;
  private int nesting;

  /** A parser at the first of some tokens, the last of which is the END token. */
  LineParser(List<Token> tokens, SymbolTable symbols) {
    this.tokens = tokens;
    this.symbols = symbols;
  }

  Token peek() {
    return tokens.get(at);
  }

  Token next() {
    Token token = tokens.get(at);
    if (token.kind() != Token.Kind.END) {
      at++;
    }
    return token;
  }

  boolean accept(String symbol) {
    if (peek().is(symbol)) {
      at++;
      return true;
    }
    return false;
  }

  void expect(String symbol) {
    if (!accept(symbol)) {
      throw expected("`" + symbol + "`");
    }
  }

  /** The next token, which must be a name. */
  Token name(String what) {
    if (peek().kind() != Token.Kind.NAME) {
      throw expected(what);
    }
    return next();
  }

  void end() {
    if (peek().kind() != Token.Kind.END) {
      throw expected("end of line");
    }
  }

  Token.SyntaxException expected(String what) {
    return peek().error("found " + peek() + ", expected " + what);
  }

  /** An expression whose value must lie in a range. */
  long value(String what, long min, long max) {
    Token first = peek();
    long value;
    try {
      value = shifts();
    } catch (ArithmeticException e) {
      throw first.error(what + " overflows, expected a 64-bit integer");
    }
    if (value < min || value > max) {
      throw first.error(what + " is " + value + ", expected " + min + ".." + max);
    }
    return value;
  }

  int intValue(String what, int min, int max) {
    return (int) value(what, min, max);
  }

  private long shifts() {
    long value = sum();
    while (peek().is("<<") || peek().is(">>")) {
      Token operator = next();
      long distance = sum();
      if (distance < 0 || distance > 63) {
        throw operator.error("shift distance is " + distance + ", expected 0..63");
      }
      if (operator.is(">>")) {
        value >>= distance;
      } else {
        long shifted = value << distance;
        if (shifted >> distance != value) {
          throw new ArithmeticException();
        }
        value = shifted;
      }
    }
    return value;
  }

  private long sum() {
    long value = product();
    while (true) {
      if (accept("+")) {
        value = Math.addExact(value, product());
      } else if (accept("-")) {
        value = Math.subtractExact(value, product());
      } else {
        return value;
      }
    }
  }

  private long product() {
    long value = factor();
    while (peek().is("*") || peek().is("/") || peek().is("%")) {
      Token operator = next();
      long right = factor();
      if (operator.is("*")) {
        value = Math.multiplyExact(value, right);
      } else if (right == 0) {
        throw operator.error("division by zero, expected another divisor");
      } else if (operator.is("%")) {
        value %= right;
      } else {
        value = right == -1 ? Math.negateExact(value) : value / right;
      }
    }
    return value;
  }

  private long factor() {
    Token token = peek();
    if (nesting == MAX_NESTING) {
      throw token.error("expression is too deep, expected at most " + MAX_NESTING + " levels");
    }
    nesting++;
    long value;
    if (accept("-")) {
      value = Math.negateExact(factor());
    } else if (accept("(")) {
      value = shifts();
      expect(")");
    } else if (token.kind() == Token.Kind.NUMBER) {
      next();
      value = number(token);
    } else if (token.kind() == Token.Kind.NAME) {
      next();
      value = token.text().equals(BF16) ? bf16() : symbols.value(token);
    } else {
      throw expected("a number, name or `(`");
    }
    nesting--;
    return value;
  }

  private static long number(Token token) {
    String text = token.text().replace("_", "");
    int radix = text.startsWith("0x") ? 16 : text.startsWith("0b") ? 2 : 10;
    try {
      return Long.parseLong(radix == 10 ? text : text.substring(2), radix);
    } catch (NumberFormatException e) {
      throw token.error(
          "bad number " + token + ", expected decimal, 0x or 0b digits of a 64-bit integer");
    }
  }

  private long bf16() {
    expect("(");
    Token first = peek();
    // A sign or an exponent's sign is a token of its own; nothing may stand between.
    StringBuilder text = new StringBuilder();
    while (peek().kind() != Token.Kind.END
        && !peek().is(")")
        && peek().column() == first.column() + text.length()) {
      text.append(next().text());
    }
    long bits =
        switch (text.toString()) {
          case "inf" -> Bfloat16.POSITIVE_INFINITY;
          case "-inf" -> Bfloat16.NEGATIVE_INFINITY;
          case "nan" -> Bfloat16.NAN;
          default -> decimal(first, text.toString());
        };
    expect(")");
    return bits;
  }

  private static int decimal(Token first, String text) {
    if (!DECIMAL.matcher(text).matches()) {
      throw first.error("bad number `" + text + "`, expected a decimal number, inf, -inf or nan");
    }
    int bits = Bfloat16.fromFloat(Float.parseFloat(text));
    if ((bits & ~Bfloat16.SIGN) == Bfloat16.POSITIVE_INFINITY) {
      throw first.error(text + " is too large for bf16, expected inf or at most 3.3895314e38");
    }
    return bits;
  }
}
