package org.tataa.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.TimeUnit;

/** Whether a person sits at input and output, and how wide the screen is. */
final class Terminals {
  /** No table is readable in less. */
  private static final int NARROWEST = 40;

  private Terminals() {}

  /** Whether standard input and output are a terminal. */
  @SuppressWarnings("SystemConsoleNull") // Asked below.
  static boolean isInteractive() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      // From Java 22 on there may be a console without a terminal.
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (IllegalAccessException | InvocationTargetException e) {
      return false;
    }
  }

  // Asked once: a terminal answers through another program.
  private static final class Width {
    private static final int COLUMNS = ask();

    private static int ask() {
      if (!isInteractive()) {
        return Integer.MAX_VALUE;
      }
      String columns = System.getenv("COLUMNS");
      return width(columns != null ? columns : sizeOfTerminal().replaceFirst(".* ", ""));
    }

    // Rows and columns; nothing where there is no such program.
    private static String sizeOfTerminal() {
      try {
        Process process =
            new ProcessBuilder("stty", "size")
                .redirectInput(new File("/dev/tty"))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(1, TimeUnit.SECONDS)) {
          process.destroy();
          return "";
        }
        return new String(process.getInputStream().readAllBytes(), US_ASCII).strip();
      } catch (IOException e) {
        return "";
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return "";
      }
    }
  }

  /** Columns of the terminal; without one as many as you like. */
  static int width() {
    return Width.COLUMNS;
  }

  /** A number of columns that somebody gives; nothing sensible means no limit. */
  static int width(String columns) {
    try {
      int width = Integer.parseInt(columns.strip());
      return width < NARROWEST ? Integer.MAX_VALUE : width;
    } catch (NumberFormatException e) {
      return Integer.MAX_VALUE;
    }
  }
}
