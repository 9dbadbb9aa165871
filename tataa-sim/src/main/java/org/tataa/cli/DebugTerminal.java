package org.tataa.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.tataa.debug.DebugShell;

/**
 * The debugger at a terminal: lines can be edited and completed, Ctrl-C stops the command that runs
 * or drops the line that is typed, Ctrl-D ends. Apart, because the library may be missing.
 */
final class DebugTerminal {
  private DebugTerminal() {}

  /** Executes what is typed until the user leaves. */
  static void run(DebugShell shell) {
    try (Terminal terminal = TerminalBuilder.terminal()) {
      LineReader reader =
          LineReaderBuilder.builder()
              .terminal(terminal)
              .completer(new StringsCompleter(DebugShell.COMMANDS))
              .build();
      terminal.handle(Terminal.Signal.INT, signal -> shell.interrupt());
      boolean goesOn = true;
      while (goesOn) {
        try {
          goesOn = shell.execute(reader.readLine("tataa> "));
          terminal.flush();
        } catch (UserInterruptException e) {
          // The line is dropped.
        }
      }
    } catch (EndOfFileException e) {
      // The user has left.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
