package org.tataa.debug;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tataa.core.TataaCore;

/**
 * Comparisons of registers with constants: {@code pc == 5 && mode == INT8}. {@code &&} binds
 * stronger than {@code ||}.
 */
public final class Condition {
  private static final Pattern COMPARISON =
      Pattern.compile(
          "\\s*([\\w.\\[\\]]+)\\s*(==|!=|<=|>=|<|>)\\s*([-+]?[\\w.]+(?:[eE]-\\w+)?)\\s*");

  private record Comparison(String name, String operator, double value) {}

  private final Signals signals;
  private final String text;
  private final List<List<Comparison>> alternatives = new ArrayList<>();

  /**
   * Parses a condition.
   *
   * @throws IllegalArgumentException if it cannot be read, or names no register
   */
  public Condition(Signals signals, TataaCore core, String text) {
    this.signals = signals;
    this.text = text;
    for (String alternative : text.split("\\|\\|", -1)) {
      alternatives.add(comparisons(core, alternative));
    }
  }

  private List<Comparison> comparisons(TataaCore core, String alternative) {
    List<Comparison> comparisons = new ArrayList<>();
    for (String part : alternative.split("&&", -1)) {
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
    return comparisons;
  }

  /** Whether it holds now. */
  public boolean holds(TataaCore core) {
    for (List<Comparison> comparisons : alternatives) {
      if (holds(core, comparisons)) {
        return true;
      }
    }
    return false;
  }

  private boolean holds(TataaCore core, List<Comparison> comparisons) {
    for (Comparison comparison : comparisons) {
      double value = signals.quantity(core, comparison.name());
      double wanted = comparison.value();
      // NaN is different from everything.
      boolean holds =
          switch (comparison.operator()) {
            case "==" -> value == wanted;
            case "!=" -> value != wanted;
            case "<" -> value < wanted;
            case "<=" -> value <= wanted;
            case ">" -> value > wanted;
            default -> value >= wanted;
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
