package org.tataa.debug;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.tataa.control.Controller;
import org.tataa.core.TataaCore;
import org.tataa.isa.Disassembler;
import org.tataa.isa.Program;

/** Writes the state of a run as lines of text. */
final class Printer {
  private static final int MOST_SHOWN = 64;

  private final Timeline timeline;
  private final Signals signals;
  private final PrintWriter out;

  Printer(Timeline timeline, Signals signals, PrintWriter out) {
    this.timeline = timeline;
    this.signals = signals;
    this.out = out;
  }

  /** One line: where the run is. */
  void status() {
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
  }

  /** Number and text of an instruction. */
  String instruction(int index) {
    Program program = timeline.core().controller().program();
    return index + ": " + Disassembler.format(program.instruction(index));
  }

  /** Instructions around the one that is accepted next. */
  void list(long around) {
    Controller controller = timeline.core().controller();
    int size = controller.program().size();
    int from = (int) Math.max(0, controller.pc() - Math.min(around, size));
    int to = (int) Math.min(size - 1L, controller.pc() + Math.min(around, size));
    for (int i = from; i <= to; i++) {
      out.println((i == controller.pc() ? "-> " : "   ") + instruction(i));
    }
    if (controller.pc() >= size) {
      out.println("-> end");
    }
  }

  /** A register, a region of an array, or a group of registers by the beginning of their names. */
  void print(String name) {
    lines(name).forEach(out::println);
  }

  /**
   * What {@link #print} prints.
   *
   * @throws IllegalArgumentException if there is no such register
   */
  List<String> lines(String name) {
    Region region = new Region(name);
    TataaCore core = timeline.core();
    List<String> lines = new ArrayList<>();
    if (region.isRange()) {
      for (Region.Line line : region.lines()) {
        StringBuilder text = new StringBuilder(line.label()).append(" =");
        line.names().forEach(one -> text.append(' ').append(signals.brief(core, one)));
        lines.add(text.toString());
      }
      return cut(lines);
    }
    try {
      return List.of(name + " = " + signals.show(core, name));
    } catch (IllegalArgumentException e) {
      return cut(group(name, e));
    }
  }

  private List<String> group(String name, IllegalArgumentException unknown) {
    TataaCore core = timeline.core();
    List<String> lines = new ArrayList<>();
    for (Signal signal : signals.all(name)) {
      lines.add(signal.path() + " = " + signals.show(core, signal.path()));
    }
    if (lines.isEmpty()) {
      lines.addAll(registers(name));
    }
    if (lines.isEmpty()) {
      throw unknown;
    }
    return lines;
  }

  /**
   * Registers of the scan chain whose name matches, or all; those of 0 in arrays and PEs left out.
   */
  List<String> registers(String pattern) {
    StringBuilder regex = new StringBuilder();
    for (String part : pattern.split("\\*", -1)) {
      regex.append(regex.length() == 0 ? "" : ".*").append(Pattern.quote(part));
    }
    Pattern compiled = Pattern.compile(pattern.isEmpty() ? ".*" : regex + "([.\\[].*)?");
    List<String> lines = new ArrayList<>();
    for (Map.Entry<String, Long> register : RegisterList.of(timeline.core()).entrySet()) {
      String name = register.getKey();
      boolean isElement = (name.endsWith("]") || name.contains(".pe[")) && !pattern.contains("[");
      if (compiled.matcher(name).matches() && !(isElement && register.getValue() == 0)) {
        lines.add(name + " = " + register.getValue());
      }
    }
    return lines;
  }

  /** Prints at most so many lines as a screen has. */
  void printCut(List<String> lines) {
    cut(lines).forEach(out::println);
  }

  private static List<String> cut(List<String> lines) {
    if (lines.size() <= MOST_SHOWN) {
      return lines;
    }
    List<String> shown = new ArrayList<>(lines.subList(0, MOST_SHOWN));
    shown.add("... " + (lines.size() - MOST_SHOWN) + " more");
    return shown;
  }

  /** Every named register that is not zero, and hashes of all registers and of the memory. */
  void state() {
    TataaCore core = timeline.core();
    out.println("cycle = " + core.cycle());
    for (Signal signal : signals.all()) {
      if (signal.read(core) != 0) {
        out.println(signal.path() + " = " + signals.show(core, signal.path()));
      }
    }
    out.println("register hash = " + Integer.toHexString(RegisterList.of(core).hashCode()));
    out.println("memory hash = " + Integer.toHexString(core.memory().contentHash()));
  }
}
