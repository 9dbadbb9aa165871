package org.tataa.compiler;

import java.util.Locale;

/**
 * When sums go to vector slots instead of memory, on machines with a result path; without the pass
 * {@code forward-sums}, never.
 */
public enum Forwarding {
  /** Where that takes fewer cycles. */
  FASTER,
  /** Wherever it can be done, to see what it costs. */
  ALWAYS;

  /** {@code faster} or {@code always}, as {@link #parse} reads it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads {@code faster} or {@code always}.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  public static Forwarding parse(String text) {
    for (Forwarding known : values()) {
      if (known.text().equals(text)) {
        return known;
      }
    }
    throw new IllegalArgumentException("forward-sums=" + text + ", expected one of faster, always");
  }
}
