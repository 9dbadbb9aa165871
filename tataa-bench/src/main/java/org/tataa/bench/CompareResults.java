package org.tataa.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares two files of JMH results and says what changed beyond noise: where the confidence
 * intervals of both scores have nothing in common.
 *
 * <pre>
 * java -cp tataa-bench/target/benchmarks.jar org.tataa.bench.CompareResults OLD.json NEW.json
 * </pre>
 *
 * <p>With {@code --fail} the exit code is 1 if something is slower.
 */
public final class CompareResults {
  /** What became of a score. */
  enum Verdict {
    /** Better beyond noise. */
    FASTER,
    /** Worse beyond noise. */
    SLOWER,
    /** The intervals overlap. */
    SAME,
    /** A single measurement has no interval. */
    UNKNOWN,
    /** Only in the new file. */
    ADDED,
    /** Only in the old file. */
    GONE
  }

  private CompareResults() {}

  /** Compares the files that are named. */
  public static void main(String[] arguments) {
    System.exit(run(arguments, System.out, System.err));
  }

  /** Compares and prints; returns an exit code: 0, 1 if something is slower, 2, 3 for bad files. */
  static int run(String[] arguments, PrintStream out, PrintStream err) {
    List<String> words = new ArrayList<>(Arrays.asList(arguments));
    boolean isStrict = words.remove("--fail");
    if (words.size() != 2) {
      err.println("usage: CompareResults [--fail] OLD.json NEW.json");
      return 2;
    }
    try {
      Results before = Results.read(Path.of(words.get(0)));
      Results after = Results.read(Path.of(words.get(1)));
      return print(before, after, out) > 0 && isStrict ? 1 : 0;
    } catch (IOException | IllegalArgumentException e) {
      err.println("error: " + e.getMessage());
      return 3;
    }
  }

  /** What became of a score. */
  static Verdict verdict(Results.Score before, Results.Score after) {
    if (!before.hasInterval() || !after.hasInterval()) {
      return Verdict.UNKNOWN;
    }
    if (before.low() <= after.high() && after.low() <= before.high()) {
      return Verdict.SAME;
    }
    return after.value() < before.value() == before.isTime() ? Verdict.FASTER : Verdict.SLOWER;
  }

  // Returns how many are slower.
  private static int print(Results before, Results after, PrintStream out) {
    if (!before.jvm().equals(after.jvm())) {
      out.println("different JVMs: " + before.jvm() + " and " + after.jvm());
    }
    Set<String> names = new LinkedHashSet<>(before.scores().keySet());
    names.addAll(after.scores().keySet());
    int[] counts = new int[Verdict.values().length];
    out.printf("%-8s %8s %22s %22s  %-8s %s%n", "", "speed", "old", "new", "unit", "benchmark");
    for (String name : names) {
      Results.Score old = before.scores().get(name);
      Results.Score now = after.scores().get(name);
      Verdict verdict =
          old == null ? Verdict.ADDED : now == null ? Verdict.GONE : verdict(old, now);
      counts[verdict.ordinal()]++;
      String speed = "";
      if (old != null && now != null) {
        double ratio = old.isTime() ? old.value() / now.value() : now.value() / old.value();
        speed = String.format(Locale.ROOT, "%.2fx", ratio);
      }
      out.printf(
          "%-8s %8s %22s %22s  %-8s %s%n",
          verdict.name().toLowerCase(Locale.ROOT),
          speed,
          text(old),
          text(now),
          old != null ? old.unit() : now != null ? now.unit() : "",
          name);
    }
    int faster = counts[Verdict.FASTER.ordinal()];
    int slower = counts[Verdict.SLOWER.ordinal()];
    out.printf(
        "%d faster, %d slower, %d not told apart from noise%n",
        faster, slower, counts[Verdict.SAME.ordinal()] + counts[Verdict.UNKNOWN.ordinal()]);
    return slower;
  }

  private static String text(Results.@Nullable Score score) {
    if (score == null) {
      return "";
    }
    return score.hasInterval()
        ? String.format(Locale.ROOT, "%.4g +- %.2g", score.value(), score.error())
        : String.format(Locale.ROOT, "%.4g", score.value());
  }
}
