package org.tataa.debug;

import java.util.List;

/** A pattern with {@code *} for anything, in time that grows with its length times the text's. */
final class Glob {
  private final List<String> forms;

  /**
   * A pattern that also describes everything below what it names: {@code a} also {@code a.b[0]}.
   */
  Glob(String pattern) {
    forms = List.of(pattern, pattern + ".*", pattern + "[*");
  }

  /** Whether it describes the name. */
  boolean matches(String name) {
    return forms.stream().anyMatch(form -> isWhole(form, name));
  }

  // Goes on greedily; after a mismatch the last star takes one character more.
  private static boolean isWhole(String pattern, String text) {
    int at = 0;
    int star = -1;
    int afterStar = 0;
    int i = 0;
    while (i < text.length()) {
      if (at < pattern.length() && pattern.charAt(at) == '*') {
        star = at++;
        afterStar = i;
      } else if (at < pattern.length() && pattern.charAt(at) == text.charAt(i)) {
        at++;
        i++;
      } else if (star >= 0) {
        at = star + 1;
        i = ++afterStar;
      } else {
        return false;
      }
    }
    while (at < pattern.length() && pattern.charAt(at) == '*') {
      at++;
    }
    return at == pattern.length();
  }
}
