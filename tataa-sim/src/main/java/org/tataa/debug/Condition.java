package org.tataa.debug;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tataa.core.TataaCore;

/**
 * Comparisons of registers with constants, all of which must hold: {@code pc == 5 && mode == INT8}.
 */
public final class Condition {
  private static final Pattern COMPARISON =
      Pattern.compile("\\s*([\\w.\\[\\]]+)\\s*(==|!=|<=|>=|<|>)\\s*(-?\\w+)\\s*");

  private record Comparison(String name, String operator, long value) {}

  private final Signals signals;
  private final String text;
  private final List<Comparison> comparisons = new ArrayList<>();

  /**
   * Parses a condition.
   *
   * @throws IllegalArgumentException if it cannot be read, or names no register
   */
  public Condition(Signals signals, TataaCore core, String text) {
    this.signals = signals;
    this.text = text;
    for (String part : text.split("&&", -1)) {
      Matcher matcher = COMPARISON.matcher(part);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "`" + part.strip() + "` is no comparison, expected one as pe[3][7].p > 1000");
      }
      String name = matcher.group(1);
      signals.read(core, name);
      comparisons.add(
          new Comparison(name, matcher.group(2), signals.constant(name, matcher.group(3))));
    }
  }

  /** Whether it holds now. */
  public boolean holds(TataaCore core) {
    for (Comparison comparison : comparisons) {
      int order = Long.compare(signals.read(core, comparison.name()), comparison.value());
      boolean holds =
          switch (comparison.operator()) {
            case "==" -> order == 0;
            case "!=" -> order != 0;
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            default -> order >= 0;
          };
      if (!holds) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return text.strip();
  }
}
