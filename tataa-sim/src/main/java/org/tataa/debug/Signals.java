package org.tataa.debug;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.array.PeView;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.memory.ExternalMemory;
import org.tataa.numeric.Bfloat16;
import org.tataa.observe.ArrayMode;
import org.tataa.observe.StallCause;

/**
 * The registers of a core by name.
 *
 * <p>{@code pc}, {@code mode}, {@code stall}, {@code waited}, {@code scale.mantissa}, {@code
 * scale.shift}, {@code constant[i]}; per DMPU {@code dmpuD.pe[row][column].F} with F one of
 * activation, hi, lo, productHi, productLo, sumHi, sumLo, p, the bfloat16 lanes {@code
 * dmpuD.a[slot][column]} and {@code b}, and {@code dmpuD.words} in its dual-mode buffer. {@code
 * cycle}, {@code rfx[tile][word][row]}, {@code x[address]} and {@code yz[address]} can be read but
 * are no signals of a waveform. {@code pe[row][column].F} may be written without its DMPU.
 */
public final class Signals {
  private final TataaConfig config;
  private final Map<String, Signal> signals = new LinkedHashMap<>();

  /** The registers of a core of some configuration. */
  public Signals(TataaConfig config) {
    this.config = config;
    add("pc", 16, Signal.Kind.UNSIGNED, core -> core.controller().pc());
    add("mode", 3, Signal.Kind.MODE, core -> core.mode().ordinal());
    add("stall", 6, Signal.Kind.STALL, Signals::stall);
    add("waited", 32, Signal.Kind.UNSIGNED, core -> core.controller().stallCycles());
    add("scale.mantissa", 16, Signal.Kind.SIGNED, core -> core.storeUnit().scaleMantissa());
    add("scale.shift", 5, Signal.Kind.UNSIGNED, core -> core.storeUnit().scaleRightShift());
    for (int i = 0; i < config.buffers().constants(); i++) {
      int index = i;
      add(
          "constant[" + i + "]",
          16,
          Signal.Kind.BF16,
          core -> core.controller().constant(index) & 0xffff);
    }
    int rows = config.geometry().rows() / config.geometry().dmpus();
    for (int dmpu = 0; dmpu < config.geometry().dmpus(); dmpu++) {
      for (int row = dmpu * rows; row < (dmpu + 1) * rows; row++) {
        for (int column = 0; column < config.geometry().columns(); column++) {
          processingElement(dmpu, row, column);
        }
      }
      int number = dmpu;
      add(
          "dmpu" + dmpu + ".words",
          6,
          Signal.Kind.UNSIGNED,
          core -> core.dualModeBuffer().occupancy(number));
      for (int bank = 0; bank < 2; bank++) {
        for (int slot = 0; slot < config.buffers().vectorSlots(); slot++) {
          lanes(dmpu, bank, slot);
        }
      }
    }
  }

  private static long stall(TataaCore core) {
    StallCause cause = core.controller().isEnded() ? null : core.controller().stall();
    return cause == null ? 0 : cause.ordinal() + 1;
  }

  private void add(String path, int width, Signal.Kind kind, Signal.Reader reader) {
    signals.put(path, new Signal(path, width, kind, reader));
  }

  /** A register of a PE. */
  private interface Field {
    long of(PeView view);
  }

  private void processingElement(int dmpu, int row, int column) {
    String path = "dmpu" + dmpu + ".pe[" + row + "][" + column + "].";
    field(path + "activation", 9, row, column, PeView::activation);
    field(path + "hi", 9, row, column, PeView::operandHi);
    field(path + "lo", 9, row, column, PeView::operandLo);
    field(path + "productHi", 17, row, column, PeView::productHi);
    field(path + "productLo", 17, row, column, PeView::productLo);
    field(path + "sumHi", 48, row, column, PeView::sumHi);
    field(path + "sumLo", 48, row, column, PeView::sumLo);
    field(path + "p", 48, row, column, PeView::register48);
  }

  private void field(String path, int width, int row, int column, Field field) {
    add(path, width, Signal.Kind.SIGNED, core -> field.of(core.pe(row, column)));
  }

  private void lanes(int dmpu, int bank, int slot) {
    int columns = config.geometry().columns();
    for (int column = 0; column < columns; column++) {
      int lane = dmpu * columns + column;
      add(
          "dmpu" + dmpu + (bank == 0 ? ".a[" : ".b[") + slot + "][" + column + "]",
          16,
          Signal.Kind.BF16,
          core -> lane(core, bank, slot, lane));
    }
  }

  private static long lane(TataaCore core, int bank, int slot, int lane) {
    int[] lanes = new int[core.config().geometry().lanes()];
    core.registerFileY().readLanes(bank, slot, lanes);
    return lanes[lane] & 0xffff;
  }

  /** All signals in order. */
  public List<Signal> all() {
    return List.copyOf(signals.values());
  }

  /**
   * Signals whose path matches a pattern with {@code *} for anything; a pattern also matches
   * everything below it.
   *
   * @throws IllegalArgumentException if nothing matches
   */
  public List<Signal> matching(String pattern) {
    StringBuilder regex = new StringBuilder();
    for (String part : pattern.split("\\*", -1)) {
      regex.append(regex.length() == 0 ? "" : ".*").append(java.util.regex.Pattern.quote(part));
    }
    List<Signal> found = new ArrayList<>();
    for (Signal signal : signals.values()) {
      if (signal.path().matches(regex + "([.\\[].*)?")) {
        found.add(signal);
      }
    }
    if (found.isEmpty()) {
      throw new IllegalArgumentException("no register matches `" + pattern + "`, " + hint());
    }
    return found;
  }

  private String hint() {
    return "expected names as pc, mode, stall, constant[0], dmpu0.pe[0][0].p, dmpu0.a[0][0],"
        + " dmpu0.words";
  }

  /**
   * Reads a value by name.
   *
   * @throws IllegalArgumentException if there is none of this name, or an index is out of range
   */
  public long read(TataaCore core, String name) {
    Signal signal = find(name);
    if (signal != null) {
      return signal.read(core);
    }
    if (name.equals("cycle")) {
      return core.cycle();
    }
    int[] index = indices(name);
    if (name.startsWith("rfx[") && index.length == 3) {
      check(name, index[0], 2);
      check(name, index[1], config.buffers().tileDepth());
      check(name, index[2], config.geometry().rows());
      return core.registerFileX().operand(index[0], index[1], index[2]);
    }
    boolean isX = name.startsWith("x[");
    if ((isX || name.startsWith("yz[")) && index.length == 1) {
      ExternalMemory.Space space = isX ? ExternalMemory.Space.X : ExternalMemory.Space.YZ;
      if (!core.memory().contains(space, index[0], 1)) {
        throw new IllegalArgumentException(name + " is outside the memory");
      }
      return core.memory().read(space, index[0], 1)[0];
    }
    throw new IllegalArgumentException("no register `" + name + "`, " + hint());
  }

  private static void check(String name, int index, int size) {
    if (index >= size) {
      throw new IllegalArgumentException(name + ": index " + index + ", expected below " + size);
    }
  }

  private @Nullable Signal find(String name) {
    Signal signal = signals.get(name);
    int[] index = indices(name);
    if (signal == null && name.startsWith("pe[") && index.length == 2) {
      int rows = config.geometry().rows() / config.geometry().dmpus();
      signal = signals.get("dmpu" + index[0] / rows + "." + name);
    }
    return signal;
  }

  // Numbers in brackets; none if one is malformed.
  private static int[] indices(String name) {
    java.util.regex.Matcher matcher =
        java.util.regex.Pattern.compile("\\[(\\d{1,9})]").matcher(name);
    return matcher.results().mapToInt(result -> Integer.parseInt(result.group(1))).toArray();
  }

  /** A value as a hardware engineer reads it. */
  public String show(TataaCore core, String name) {
    long value = read(core, name);
    Signal signal = find(name);
    if (signal == null) {
      return Long.toString(value);
    }
    return switch (signal.kind()) {
      case UNSIGNED -> Long.toString(value);
      case SIGNED ->
          String.format(
              Locale.ROOT,
              "0x%0" + (signal.width() + 3) / 4 + "x %d",
              value & (-1L >>> (64 - signal.width())),
              value);
      case BF16 -> Bfloat16.format((int) value);
      case MODE -> ArrayMode.values()[(int) value].name();
      case STALL -> value == 0 ? "none" : StallCause.values()[(int) value - 1].name();
    };
  }

  /**
   * Value of a word in a condition: a number, hexadecimal with 0x, or the name of a mode or stall.
   *
   * @throws IllegalArgumentException if it is none of these
   */
  public long constant(String name, String word) {
    Signal signal = find(name);
    if (signal != null && signal.kind() == Signal.Kind.MODE) {
      return enumValue(ArrayMode.values(), word);
    }
    if (signal != null && signal.kind() == Signal.Kind.STALL) {
      return word.equalsIgnoreCase("none") ? 0 : enumValue(StallCause.values(), word) + 1;
    }
    try {
      return Long.decode(word);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("`" + word + "` is no number");
    }
  }

  private static long enumValue(Enum<?>[] values, String word) {
    for (Enum<?> value : values) {
      if (value.name().equalsIgnoreCase(word)) {
        return value.ordinal();
      }
    }
    throw new IllegalArgumentException(
        "`" + word + "` is none of " + java.util.Arrays.toString(values));
  }
}
