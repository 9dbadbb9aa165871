package org.tataa.config;

/** Argument checks of the configuration records; every message reads {@code name=value}. */
final class Checks {
  private Checks() {}

  static void range(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + "=" + value + " is outside [" + min + ", " + max + "]");
    }
  }

  static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
