package org.tataa.debug;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tataa.core.TataaCore;
import org.tataa.sim.Simulator;

/** Reads a Value Change Dump and compares every signal in every cycle with a second run. */
final class VcdCheck {
  private VcdCheck() {}

  /** Checks a dump that begins with the first cycle of a run. */
  static void check(String vcd, List<Signal> signals, Simulator second) {
    Map<String, String> codeOf = new HashMap<>();
    Map<String, Integer> widthOf = new HashMap<>();
    List<String> scope = new ArrayList<>();
    Map<String, String> values = new HashMap<>();
    long sampled = -1;
    boolean isHeader = true;
    for (String line : vcd.split("\n")) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "$scope" -> scope.add(words[2]);
        case "$upscope" -> scope.remove(scope.size() - 1);
        case "$var" -> {
          String name = String.join(".", scope) + "." + words[4];
          assertThat(codeOf.put(name, words[3])).as(name).isNull();
          widthOf.put(name, Integer.parseInt(words[2]));
        }
        case "$enddefinitions" -> isHeader = false;
        default -> {
          if (!isHeader && line.startsWith("#")) {
            long until = Long.parseLong(line.substring(1));
            for (; sampled >= 0 && sampled < until; sampled++) {
              compare(second.core(0), signals, codeOf, widthOf, values);
              second.step();
            }
            sampled = until;
          } else if (!isHeader && line.startsWith("b")) {
            values.put(words[1], words[0].substring(1));
          } else if (!isHeader && !line.isBlank() && !line.startsWith("$")) {
            values.put(line.substring(1), line.substring(0, 1));
          }
        }
      }
    }
    assertThat(scope).isEmpty();
    assertThat(codeOf).hasSize(signals.size());
    assertThat(second.isFinished()).isTrue();
  }

  private static void compare(
      TataaCore core,
      List<Signal> signals,
      Map<String, String> codeOf,
      Map<String, Integer> widthOf,
      Map<String, String> values) {
    for (Signal signal : signals) {
      String name = "core0." + VcdWriter.name(signal.path());
      long mask = -1L >>> (64 - signal.width());
      long recorded = Long.parseLong(values.get(codeOf.get(name)), 2);
      if (recorded != (signal.read(core) & mask) || widthOf.get(name) != signal.width()) {
        assertThat(recorded)
            .as("%s in cycle %d", name, core.cycle())
            .isEqualTo(signal.read(core) & mask);
      }
    }
  }
}
