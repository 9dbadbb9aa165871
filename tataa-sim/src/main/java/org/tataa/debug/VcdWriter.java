package org.tataa.debug;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import org.tataa.core.TataaCore;

/**
 * Writes a Value Change Dump (IEEE 1364) of signals, one sample per cycle. A time unit is a clock
 * cycle, shown as a nanosecond. Brackets become underscores, because viewers read them as bit
 * ranges.
 */
public final class VcdWriter {
  private static final int FIRST_CODE = 33;
  private static final int CODES = 94;

  private final Appendable out;
  private final List<Signal> signals;
  private final long[] last;
  private boolean isFirst = true;

  /**
   * Writes the header.
   *
   * @param signals what to record, those of a scope next to each other
   * @throws UncheckedIOException if it cannot be written
   */
  public VcdWriter(Appendable out, String design, List<Signal> signals) {
    this.out = out;
    this.signals = List.copyOf(signals);
    last = new long[signals.size()];
    write("$comment one time unit is a clock cycle $end\n$timescale 1 ns $end\n");
    write("$scope module " + design + " $end\n");
    String[] open = {};
    for (int i = 0; i < signals.size(); i++) {
      String[] parts = name(signals.get(i).path()).split("\\.", -1);
      int common = 0;
      while (common < open.length
          && common < parts.length - 1
          && open[common].equals(parts[common])) {
        common++;
      }
      close(open.length - common);
      for (int j = common; j < parts.length - 1; j++) {
        write("$scope module " + parts[j] + " $end\n");
      }
      open = Arrays.copyOf(parts, parts.length - 1);
      write(
          "$var wire "
              + signals.get(i).width()
              + ' '
              + code(i)
              + ' '
              + parts[parts.length - 1]
              + " $end\n");
    }
    close(open.length + 1);
    write("$enddefinitions $end\n");
  }

  private void close(int scopes) {
    for (int i = 0; i < scopes; i++) {
      write("$upscope $end\n");
    }
  }

  private void write(String text) {
    try {
      out.append(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Name of a signal in the file, scopes separated by dots. */
  public static String name(String path) {
    return path.replace("][", "_").replace("[", "_").replace("]", "");
  }

  private static String code(int number) {
    StringBuilder code = new StringBuilder();
    for (int rest = number; code.length() == 0 || rest > 0; rest /= CODES) {
      code.append((char) (FIRST_CODE + rest % CODES));
    }
    return code.toString();
  }

  /** Records the state after the cycles done. */
  public void sample(TataaCore core) {
    boolean isTimed = false;
    for (int i = 0; i < last.length; i++) {
      Signal signal = signals.get(i);
      long value = signal.read(core) & (-1L >>> (64 - signal.width()));
      if (isFirst || value != last[i]) {
        if (!isTimed) {
          write("#" + core.cycle() + "\n");
          isTimed = true;
        }
        last[i] = value;
        write("b" + Long.toBinaryString(value) + " " + code(i) + "\n");
      }
    }
    isFirst = false;
  }

  /** Ends the file at a cycle, so that viewers show the last values. */
  public void finish(long cycle) {
    write("#" + (cycle + 1) + "\n");
  }
}
