package org.tataa.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.tataa.pipeline.PackagedEncoder;
import org.tataa.pipeline.TrainedModels;
import org.tataa.pipeline.Workloads;

/** Names of models, and those that a wrong one may have meant. */
final class ModelNames {
  private static final int MOST_SUGGESTIONS = 3;

  private ModelNames() {}

  /** All names: encoders in artifacts, trained models, then workloads with random weights. */
  static List<String> all() {
    List<String> names = new ArrayList<>(PackagedEncoder.names());
    names.addAll(TrainedModels.names());
    names.addAll(Workloads.names());
    return names;
  }

  /**
   * Refuses what is neither a name nor a file, unless it looks like a file.
   *
   * @throws InputException with the nearest names
   */
  static void check(String nameOrFile) {
    boolean isFile = nameOrFile.endsWith(".onnx") || Files.exists(Path.of(nameOrFile));
    if (isFile || all().contains(nameOrFile)) {
      return;
    }
    List<String> nearest = nearest(nameOrFile);
    throw new InputException(
        "there is no model or file `"
            + nameOrFile
            + "`; "
            + (nearest.isEmpty()
                ? "expected an ONNX file or one of " + String.join(", ", all())
                : "did you mean " + String.join(" or ", nearest) + "?"));
  }

  /** Names that are at most half wrong, the nearest first; at most three. */
  static List<String> nearest(String wrong) {
    String typed = wrong.toLowerCase(Locale.ROOT);
    return all().stream()
        .filter(name -> distance(typed, name) <= Math.max(typed.length(), 2) / 2.0)
        .sorted(Comparator.comparingDouble(name -> distance(typed, name)))
        .limit(MOST_SUGGESTIONS)
        .toList();
  }

  // Edits between two names (Levenshtein). Characters that only follow cost little: names are cut
  // short more often than they are misspelled.
  private static double distance(String typed, String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    double[] row = new double[lower.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= typed.length(); i++) {
      double diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        double replaced = diagonal + (typed.charAt(i - 1) == lower.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    double best = Double.MAX_VALUE;
    for (int j = 0; j < row.length; j++) {
      best = Math.min(best, row[j] + 0.05 * (lower.length() - j));
    }
    return best;
  }
}
