package org.tataa.cli;

import java.io.PrintWriter;
import java.io.Writer;

/** An error stream for a user who wants errors only: nobody shows progress or notes on it. */
final class QuietWriter extends PrintWriter {
  QuietWriter(Writer err) {
    super(err, true);
  }
}
