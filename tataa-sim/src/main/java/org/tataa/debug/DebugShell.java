package org.tataa.debug;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tataa.config.ArrayGeometry;
import org.tataa.control.Controller;
import org.tataa.control.SimulationException;
import org.tataa.sim.Snapshot;

/** The commands of the debugger, one line each; answers are lines of text. */
public final class DebugShell {
  /** Names of all commands. */
  public static final List<String> COMMANDS =
      List.of(
          "step",
          "next",
          "back",
          "goto",
          "until",
          "instruction",
          "access",
          "run",
          "print",
          "watch",
          "unwatch",
          "list",
          "units",
          "stages",
          "registers",
          "state",
          "save",
          "help",
          "quit");

  private static final int STAGES = 4;
  private static final long ALL = Long.MAX_VALUE;

  private final Timeline timeline;
  private final Signals signals;
  private final Printer printer;
  private final PrintWriter out;
  private final List<String> watches = new ArrayList<>();
  private int errors;

  /** A shell for a run. */
  public DebugShell(Timeline timeline, Signals signals, PrintWriter out) {
    this.timeline = timeline;
    this.signals = signals;
    this.out = out;
    printer = new Printer(timeline, signals, out);
  }

  /**
   * Executes a line; errors are printed.
   *
   * @return whether to go on
   */
  public boolean execute(String line) {
    String text = line.replaceFirst("(^|\\s)#.*", "").strip();
    if (text.isEmpty()) {
      return true;
    }
    int space = text.indexOf(' ');
    String command = space < 0 ? text : text.substring(0, space);
    String argument = space < 0 ? "" : text.substring(space).strip();
    try {
      return execute(command, argument);
    } catch (IllegalArgumentException | SimulationException e) {
      out.println("error: " + e.getMessage());
      errors++;
      return true;
    }
  }

  // Those that move end with the status line.
  private boolean execute(String command, String argument) {
    switch (command) {
      case "step", "s" -> timeline.step(count(argument));
      case "next", "n" -> next(count(argument));
      case "back", "b" ->
          timeline.moveTo(Math.max(timeline.firstCycle(), timeline.cycle() - count(argument)));
      case "goto", "g" -> timeline.moveTo(number(argument));
      case "until", "u" -> until(argument);
      case "instruction", "i" -> instruction(argument);
      case "access", "a" -> access(argument);
      case "run", "r" -> timeline.step(ALL);
      case "watch", "w" -> watch(argument);
      case "unwatch" -> unwatch(argument);
      case "quit", "q" -> {
        return false;
      }
      default -> {
        show(command, argument);
        return true;
      }
    }
    status();
    return true;
  }

  private void show(String command, String argument) {
    switch (command) {
      case "print", "p" -> print(argument);
      case "list", "l" -> printer.list(argument.isEmpty() ? 5 : count(argument));
      case "units" -> out.print(timeline.core().describe());
      case "stages" -> stages(argument);
      case "registers" -> printer.printCut(registers(argument));
      case "state" -> printer.state();
      case "save" -> save(argument);
      case "help", "h", "?" -> help();
      default ->
          throw new IllegalArgumentException("no command `" + command + "`, `help` lists them");
    }
  }

  private void print(String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException(
          "print what? e.g. pe[0][0].p, dmpu0.a[0], mode, yz[0..15]");
    }
    printer.print(name);
  }

  private void stages(String argument) {
    String[] numbers = argument.split("\\s+", -1);
    if (numbers.length != 2) {
      throw new IllegalArgumentException("stages of which column? e.g. stages 0 3: DMPU, column");
    }
    ArrayGeometry geometry = timeline.core().config().geometry();
    int dmpu = Storage.check(argument, "DMPU", number(numbers[0]), geometry.dmpus());
    int column = Storage.check(argument, "column", number(numbers[1]), geometry.columns());
    for (int stage = 0; stage < STAGES; stage++) {
      out.println(timeline.core().stage(dmpu, column, stage));
    }
  }

  private List<String> registers(String pattern) {
    List<String> lines = printer.registers(pattern);
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("no register matches `" + pattern + "`");
    }
    return lines;
  }

  private static long count(String text) {
    return text.isEmpty() ? 1 : number(text);
  }

  private static long number(String text) {
    try {
      long value = Long.decode(text);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below.
    }
    throw new IllegalArgumentException("`" + text + "` is no count, expected 0 or more");
  }

  // Until other instructions have been accepted.
  private void next(long count) {
    Controller controller = timeline.core().controller();
    for (long i = 0; i < count && !timeline.isFinished(); i++) {
      int pc = controller.pc();
      if (controller.isEnded()) {
        timeline.step(1);
      } else if (!timeline.runUntil(core -> controller.pc() != pc || controller.isEnded(), ALL)) {
        return;
      }
    }
  }

  private void until(String text) {
    Condition condition = new Condition(signals, timeline.core(), text);
    if (!timeline.runUntil(condition::holds, ALL)) {
      notReached(condition.toString());
    }
  }

  private void instruction(String text) {
    long wanted = number(text);
    int size = timeline.core().controller().program().size();
    if (wanted >= size) {
      throw new IllegalArgumentException(
          "instruction " + wanted + ", expected one of 0.." + (size - 1));
    }
    if (!timeline.runUntil(core -> core.controller().pc() == wanted, ALL)) {
      notReached("instruction " + wanted);
    }
  }

  private void access(String text) {
    AccessWatch watch = new AccessWatch(timeline.core(), text);
    timeline.observe(watch);
    try {
      if (timeline.runUntil(core -> watch.found() >= 0, ALL)) {
        out.println(text + ": " + printer.instruction(watch.found()));
      } else {
        notReached("an access to " + text);
      }
    } finally {
      timeline.observe(null);
    }
  }

  private void notReached(String what) {
    out.println(
        timeline.isFinished() ? "the program ended before " + what : "stopped before " + what);
  }

  private void watch(String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("watch what? e.g. pe[0][0].p, dmpu0.words, yz[0..7]");
    }
    printer.lines(name);
    if (!watches.contains(name)) {
      watches.add(name);
    }
  }

  private void unwatch(String name) {
    if (name.isEmpty()) {
      watches.clear();
    } else if (!watches.remove(name)) {
      throw new IllegalArgumentException("`" + name + "` is not watched, watched are " + watches);
    }
  }

  /** One line: where the run is; then what is watched. */
  public void status() {
    printer.status();
    for (String watch : watches) {
      printer.lines(watch).forEach(line -> out.println("  " + line));
    }
  }

  /** Stops the command that is executed; for another thread. */
  public void interrupt() {
    timeline.stop();
  }

  /** Lines that could not be executed. */
  public int errors() {
    return errors;
  }

  private void save(String file) {
    if (file.isEmpty()) {
      throw new IllegalArgumentException("save to which file?");
    }
    try {
      Snapshot.write(timeline.simulator(), Path.of(file));
      out.println("cycle " + timeline.cycle() + " saved to " + file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(
          file + ": cannot be written: its directory does not exist");
    } catch (IOException | InvalidPathException e) {
      throw new IllegalArgumentException(file + ": cannot be written: " + e);
    }
  }

  private void help() {
    out.println(
        """
        step [n]         n cycles (s)              back [n]      n cycles back (b)
        next [n]         n instructions (n)        goto CYCLE    to a cycle, also back (g)
        until COND       to a condition (u): pe[0][3].p > 1000, stall == STORE, pc == 5 && mode == ADD
        instruction N    to where instruction N is next (i)
        access ADDRESS   to a load or store of a byte (a): yz[0x200], x[64]
        run              to the end (r); Ctrl-C stops it
        print NAME       a register, a group or a region (p): mode, pe[0][0], dmpu1.a[3],
                         pe[0..3][0..3].p, rfx[0][2][0..7], yz[0x10..0x2f], yz16[0x400]
        watch NAME       show after every move (w)  unwatch [NAME]
        list [n]         instructions around pc (l) units        what each unit does
        stages DMPU COLUMN  the vector pipeline of a column of PEs, one line a stage
        registers [NAME] of the scan chain: LOAD_X, vector, dmb.lo, counter
        state            every named register that is not zero, and hashes of everything
        save FILE        a snapshot that exec, debug and trace take as a program
        quit             (q)                        help, and # starts a comment""");
  }
}
