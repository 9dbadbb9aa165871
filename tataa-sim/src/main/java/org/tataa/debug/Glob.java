package org.tataa.debug;

/** A pattern with {@code *} for anything, in time that grows with its length times the text's. */
final class Glob {
  private Glob() {}

  /** Whether a pattern describes a text, or something above it: {@code a} also {@code a.b[0]}. */
  static boolean matches(String pattern, String path) {
    return isWhole(pattern, path) || isWhole(pattern + ".*", path) || isWhole(pattern + "[*", path);
  }

  // Goes on greedily; after a mismatch the last star takes one character more.
  private static boolean isWhole(String pattern, String text) {
    int at = 0;
    int star = -1;
    int afterStar = 0;
    for (int i = 0; i < text.length(); ) {
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
