package org.tataa.compiler;

import java.util.Locale;

/** A number that may be left to the compiler, as a user writes it. */
final class NumberChoice {
  private NumberChoice() {}

  /**
   * Reads {@code auto}, {@code off} or a number.
   *
   * @param what is chosen, for errors
   * @param units what is counted, for errors
   * @return 0 for auto, 1 for off
   * @throws IllegalArgumentException if it is none of them
   */
  static int parse(String what, String units, String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "auto" -> 0;
      case "off" -> 1;
      default -> {
        if (!text.matches("[1-9][0-9]{0,3}")) {
          throw new IllegalArgumentException(
              what + " `" + text + "`, expected auto, off or a number of " + units);
        }
        yield Integer.parseInt(text);
      }
    };
  }

  /** The number as {@link #parse} reads it. */
  static String text(int number) {
    return number == 0 ? "auto" : number == 1 ? "off" : Integer.toString(number);
  }

  /**
   * Checks.
   *
   * @throws IllegalArgumentException if the number is negative
   */
  static void check(String units, int number) {
    if (number < 0) {
      throw new IllegalArgumentException(units + "=" + number + ", expected 0 or more");
    }
  }
}
