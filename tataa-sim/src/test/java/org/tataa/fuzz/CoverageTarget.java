package org.tataa.fuzz;

import java.util.Arrays;

/**
 * What the coverage-guided fuzzer calls: inputs of one kind, or of all, told apart by their first
 * byte.
 */
public final class CoverageTarget {
  /** The property that names a kind; not set for all. */
  static final String KIND = "tataa.fuzz.kind";

  private static final InputKind[] KINDS = InputKind.values();
  private static final String CHOSEN = System.getProperty(KIND, "");

  private CoverageTarget() {}

  /**
   * Reads an input.
   *
   * @throws RuntimeException that is not documented: a finding
   */
  public static void fuzzerTestOneInput(byte[] input) {
    if (!CHOSEN.isEmpty()) {
      InputKind.valueOf(CHOSEN).read(input);
    } else if (input.length > 0) {
      KINDS[(input[0] & 255) % KINDS.length].read(Arrays.copyOfRange(input, 1, input.length));
    }
  }
}
