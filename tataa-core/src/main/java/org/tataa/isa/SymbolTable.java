package org.tataa.isa;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Values of constants, loop variables and labels. A name has one meaning: nothing hides anything,
 * so that what the first pass resolves the second resolves to the same value.
 */
final class SymbolTable {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.]*");

  /** A name whose definition was already reported as an error; no second error is due. */
  static final class UndefinedByError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UndefinedByError() {
      super("", null, false, false);
    }
  }

  private final String whatIsKnown;
  private final Map<String, Long> values = new HashMap<>();
  private final Set<String> broken;
  private final List<String> order = new ArrayList<>();

  private SymbolTable(String whatIsKnown, Set<String> broken) {
    this.whatIsKnown = whatIsKnown;
    this.broken = broken;
  }

  /** The table of the first pass, which meets labels on its way. */
  static SymbolTable forPlacing() {
    return new SymbolTable("a constant, variable or label defined above", new HashSet<>());
  }

  /** The table of the second pass, which knows all labels. */
  SymbolTable withLabels(Map<String, Integer> labels) {
    SymbolTable table = new SymbolTable("a constant, variable or label", broken);
    labels.forEach((name, index) -> table.values.put(name, (long) index));
    return table;
  }

  /** Whether a text can be a name. */
  static boolean isName(String text) {
    return NAME.matcher(text).matches() && !text.equals(LineParser.BF16);
  }

  /** Gives a name its value. */
  void define(Token name, long value) {
    if (!isName(name.text())) {
      throw name.error(
          "found "
              + name
              + ", expected a name: letters, digits, dots and underscores, but not "
              + LineParser.BF16);
    }
    if (values.putIfAbsent(name.text(), value) != null) {
      throw name.error(name + " is already defined, expected a new name");
    }
    order.add(name.text());
  }

  /** Notes that the definition of a name failed. */
  void defineBroken(Token name) {
    broken.add(name.text());
  }

  /** The value of a name. */
  long value(Token name) {
    Long value = values.get(name.text());
    if (value != null) {
      return value;
    }
    if (broken.contains(name.text())) {
      throw new UndefinedByError();
    }
    throw name.error("unknown name " + name + ", expected " + whatIsKnown);
  }

  /** The current scope, for {@link #close}. */
  int open() {
    return order.size();
  }

  /** Forgets what was defined since a scope was opened. */
  void close(int scope) {
    while (order.size() > scope) {
      values.remove(order.remove(order.size() - 1));
    }
  }
}
