package org.tataa.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Which names may have been meant by one that is unknown. */
final class Nearest {
  /** A letter in three may be wrong, but no more than this. */
  private static final int MOST = 3;

  private Nearest() {}

  /** The names that are nearest to a word, as near as typing errors are; mostly one, or none. */
  static List<String> of(String word, Collection<String> names) {
    int least = Math.min(MOST, Math.max(1, word.length() / 3));
    List<String> nearest = new ArrayList<>();
    for (String name : names) {
      int distance = distance(word.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
      if (distance < least) {
        least = distance;
        nearest.clear();
      }
      if (distance == least) {
        nearest.add(name);
      }
    }
    nearest.sort(Comparator.naturalOrder());
    return nearest;
  }

  /** A question for the user, or nothing. */
  static String question(String word, Collection<String> names) {
    List<String> nearest = of(word, names);
    return nearest.isEmpty() ? "" : "; did you mean " + String.join(" or ", nearest) + "?";
  }

  /** Letters to insert, leave out, exchange for another, or swap with the next. */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int other = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(d[i - 1][j - 1] + other, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        boolean isSwapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (isSwapped) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
