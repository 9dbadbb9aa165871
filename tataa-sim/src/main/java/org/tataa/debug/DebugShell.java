package org.tataa.debug;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tataa.control.Controller;
import org.tataa.control.SimulationException;
import org.tataa.core.TataaCore;
import org.tataa.isa.Disassembler;
import org.tataa.isa.Program;
import org.tataa.sim.Snapshot;

/** The commands of the debugger, one line each; answers are lines of text. */
public final class DebugShell {
  private static final long ALL = Long.MAX_VALUE;
  private static final int MOST_SHOWN = 64;

  private final Timeline timeline;
  private final Signals signals;
  private final PrintWriter out;
  private final List<String> watches = new ArrayList<>();

  /** A shell for a run. */
  public DebugShell(Timeline timeline, Signals signals, PrintWriter out) {
    this.timeline = timeline;
    this.signals = signals;
    this.out = out;
  }

  /**
   * Executes a line; errors are printed.
   *
   * @return whether to go on
   */
  public boolean execute(String line) {
    String text = line.replaceFirst("#.*", "").strip();
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
      return true;
    }
  }

  private boolean execute(String command, String argument) {
    switch (command) {
      case "step", "s" -> timeline.step(count(argument));
      case "next", "n" -> next(count(argument));
      case "back", "b" ->
          timeline.moveTo(Math.max(timeline.firstCycle(), timeline.cycle() - count(argument)));
      case "goto", "g" -> timeline.moveTo(number(argument));
      case "until", "u" -> until(argument);
      case "run", "r" -> timeline.step(ALL);
      case "print", "p" -> {
        print(argument);
        return true;
      }
      case "watch", "w" -> {
        signals.read(timeline.core(), argument);
        watches.add(argument);
      }
      case "unwatch" -> watches.remove(argument);
      case "list", "l" -> {
        list(argument.isEmpty() ? 5 : count(argument));
        return true;
      }
      case "units", "i" -> {
        out.print(timeline.core().describe());
        return true;
      }
      case "state" -> {
        state();
        return true;
      }
      case "save" -> {
        save(argument);
        return true;
      }
      case "help", "h", "?" -> {
        help();
        return true;
      }
      case "quit", "q" -> {
        return false;
      }
      default ->
          throw new IllegalArgumentException("no command `" + command + "`, `help` lists them");
    }
    status();
    return true;
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
      while (!timeline.isFinished() && controller.pc() == pc && !controller.isEnded()) {
        timeline.step(1);
      }
      if (controller.isEnded()) {
        timeline.step(1);
      }
    }
  }

  private void until(String text) {
    Condition condition = new Condition(signals, timeline.core(), text);
    if (!timeline.runUntil(condition, ALL)) {
      out.println("the program ended before " + condition);
    }
  }

  /** One line: where the run is. */
  public void status() {
    TataaCore core = timeline.core();
    Controller controller = core.controller();
    StringBuilder text = new StringBuilder();
    text.append("cycle ").append(core.cycle()).append("  mode ").append(core.mode());
    if (timeline.isFinished()) {
      text.append("  finished");
    } else if (controller.isEnded()) {
      text.append("  all accepted, units still work");
    } else {
      text.append("  ").append(instruction(controller.pc()));
      if (controller.stall() != null) {
        text.append(
            String.format(
                Locale.ROOT,
                "  stalled %d: %s",
                controller.stallCycles(),
                signals.show(core, "stall")));
      }
    }
    out.println(text);
    for (String watch : watches) {
      out.println("  " + watch + " = " + signals.show(core, watch));
    }
  }

  private String instruction(int index) {
    Program program = timeline.core().controller().program();
    return index + ": " + Disassembler.format(program.instruction(index));
  }

  private void print(String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("print what? e.g. pe[0][0].p, dmpu0.a[0], mode, yz[16]");
    }
    TataaCore core = timeline.core();
    try {
      out.println(name + " = " + signals.show(core, name));
      return;
    } catch (IllegalArgumentException e) {
      if (name.startsWith("x[") || name.startsWith("yz[") || name.startsWith("rfx[")) {
        throw e;
      }
    }
    int dmpuRows = core.config().geometry().rows() / core.config().geometry().dmpus();
    String pattern = name;
    java.util.regex.Matcher pe = java.util.regex.Pattern.compile("pe\\[(\\d+)].*").matcher(name);
    if (pe.matches()) {
      pattern = "dmpu" + Integer.parseInt(pe.group(1)) / dmpuRows + "." + name;
    }
    List<Signal> found = signals.matching(pattern);
    for (Signal signal : found.subList(0, Math.min(MOST_SHOWN, found.size()))) {
      out.println(signal.path() + " = " + signals.show(core, signal.path()));
    }
    if (found.size() > MOST_SHOWN) {
      out.println("... " + (found.size() - MOST_SHOWN) + " more");
    }
  }

  private void list(long around) {
    Controller controller = timeline.core().controller();
    int from = (int) Math.max(0, controller.pc() - around);
    int to = (int) Math.min(controller.program().size() - 1L, controller.pc() + around);
    for (int i = from; i <= to; i++) {
      out.println((i == controller.pc() ? "-> " : "   ") + instruction(i));
    }
  }

  // Every register that is not zero, and a hash of the memory.
  private void state() {
    TataaCore core = timeline.core();
    out.println("cycle = " + core.cycle());
    for (Signal signal : signals.all()) {
      if (signal.read(core) != 0) {
        out.println(signal.path() + " = " + signals.show(core, signal.path()));
      }
    }
    out.println("memory hash = " + Integer.toHexString(core.memory().contentHash()));
  }

  private void save(String file) {
    if (file.isEmpty()) {
      throw new IllegalArgumentException("save to which file?");
    }
    try {
      Snapshot.write(timeline.simulator(), Path.of(file));
      out.println("cycle " + timeline.cycle() + " saved to " + file);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + ": cannot be written: " + e);
    }
  }

  private void help() {
    out.println(
        """
        step [n]        n cycles (s)            back [n]     n cycles back (b)
        next [n]        n instructions (n)      goto CYCLE   to a cycle, also back (g)
        until COND      to a condition (u): pe[3][7].p > 1000, stall == STORE_BUSY, pc == 5 && mode == ADD
        run             to the end (r)          state        every register that is not zero
        print NAME      a register, a group or memory (p): mode, pe[0][0], dmpu1.a[3], yz[0x10]
        watch NAME      show after every move (w)            unwatch NAME
        list [n]        instructions around pc (l)           units   what each unit does (i)
        save FILE       a snapshot that exec, debug and trace take as a program
        quit            (q)                     # starts a comment""");
  }
}
