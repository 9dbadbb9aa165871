package org.tataa.cli;

/** Exit codes of the command line. */
final class ExitCode {
  /** Success. */
  static final int OK = 0;

  /** A check failed or a run did not finish. */
  static final int FAILED = 1;

  /** A file, program or model that cannot be used. */
  static final int BAD_INPUT = 3;

  private ExitCode() {}
}
