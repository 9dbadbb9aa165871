package org.tataa.isa;

import java.util.List;
import java.util.Map;
import org.tataa.numeric.Bfloat16;

/** Reads the tokens of one line: symbols, names and constant expressions. */
final class LineParser {
  private final List<Token> tokens;
  private final Map<String, Long> names;
  private final boolean lenient;
  private int at;

  /**
   * A parser at the first token.
   *
   * @param names values of constants, loop variables and labels
   * @param lenient whether unknown names count as 0, as in the pass that only places labels
   */
  LineParser(List<Token> tokens, Map<String, Long> names, boolean lenient) {
    this.tokens = tokens;
    this.names = names;
    this.lenient = lenient;
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

  String name(String what) {
    if (peek().kind() != Token.Kind.NAME) {
      throw expected(what);
    }
    return next().text();
  }

  void end() {
    if (peek().kind() != Token.Kind.END) {
      throw expected("end of line");
    }
  }

  Token.SyntaxException expected(String what) {
    return new Token.SyntaxException(
        peek().column(), "found " + peek() + ", expected " + what);
  }

  static Token.SyntaxException error(Token token, String message) {
    return new Token.SyntaxException(token.column(), message);
  }

  /** An expression whose value must lie in a range. */
  long value(String what, long min, long max) {
    Token first = peek();
    long value = sum();
    if (value < min || value > max) {
      if (lenient) {
        return min;
      }
      throw error(first, what + " is " + value + ", expected " + min + ".." + max);
    }
    return value;
  }

  int intValue(String what, int min, int max) {
    return (int) value(what, min, max);
  }

  private long sum() {
    long value = product();
    while (true) {
      if (accept("+")) {
        value += product();
      } else if (accept("-")) {
        value -= product();
      } else if (accept("<<")) {
        value <<= product();
      } else if (accept(">>")) {
        value >>= product();
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
        value *= right;
      } else if (right == 0) {
        if (!lenient) {
          throw error(operator, "division by zero");
        }
      } else {
        value = operator.is("/") ? value / right : value % right;
      }
    }
    return value;
  }

  private long factor() {
    if (accept("-")) {
      return -factor();
    }
    if (accept("(")) {
      long value = sum();
      expect(")");
      return value;
    }
    Token token = peek();
    if (token.kind() == Token.Kind.NUMBER) {
      next();
      return number(token);
    }
    if (token.kind() == Token.Kind.NAME) {
      next();
      if (token.text().equals("bf16") && peek().is("(")) {
        return bf16();
      }
      Long value = names.get(token.text());
      if (value == null && !lenient) {
        throw error(token, "unknown name " + token + ", expected a constant, variable or label");
      }
      return value == null ? 0 : value;
    }
    throw expected("a number, name or `(`");
  }

  private static long number(Token token) {
    String text = token.text().replace("_", "");
    try {
      if (text.startsWith("0x")) {
        return Long.parseLong(text.substring(2), 16);
      }
      return text.startsWith("0b")
          ? Long.parseLong(text.substring(2), 2)
          : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw error(token, "bad number " + token + ", expected decimal, 0x or 0b digits");
    }
  }

  // bf16(1.5), bf16(-0.25), bf16(1e-5): the exponent's sign is a token of its own.
  private long bf16() {
    expect("(");
    Token first = peek();
    StringBuilder text = new StringBuilder();
    while (!peek().is(")") && peek().kind() != Token.Kind.END) {
      text.append(next().text());
    }
    expect(")");
    try {
      return Bfloat16.fromFloat(Float.parseFloat(text.toString()));
    } catch (NumberFormatException e) {
      throw error(first, "bad number `" + text + "`, expected a float literal");
    }
  }
}
