package org.tataa.debug;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tataa.array.PeView;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.numeric.Bfloat16;
import org.tataa.observe.ArrayMode;
import org.tataa.observe.StallCause;

/**
 * The registers of a core by name.
 *
 * <p>{@code pc}, {@code mode}, {@code stall}, {@code waited}, {@code scale.mantissa}, {@code
 * scale.shift}, {@code constant[i]}; per DMPU {@code dmpuD.pe[row][column].F} with row 0..3 and F a
 * register of {@link org.tataa.array.ProcessingElement} or {@code p}, all of P; the bfloat16 lanes
 * {@code dmpuD.a[slot][column]} and {@code b}, and {@code dmpuD.words} in its dual-mode buffer.
 * {@code cycle}, operand tiles and memory ({@code rfx}, {@code rfy}, {@code x}, {@code yz}, {@code
 * x16}, {@code yz16}) can be read but are no signals of a waveform. In {@code pe[row][column].F},
 * without a DMPU, rows count through the core.
 */
public final class Signals {
  private static final Pattern ROW = Pattern.compile("pe\\[(\\d{1,9})]");
  private static final Pattern PE =
      Pattern.compile("(dmpu\\d+\\.)?pe\\[(\\d{1,9})]\\[(\\d{1,9})]\\.\\w+");
  private static final Pattern LANE =
      Pattern.compile("dmpu(\\d{1,9})\\.[ab]\\[(\\d{1,9})]\\[(\\d{1,9})]");

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
    for (int dmpu = 0; dmpu < config.geometry().dmpus(); dmpu++) {
      for (int row = 0; row < ArrayGeometry.ROWS_PER_DMPU; row++) {
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
    Pe pe = new Pe("dmpu" + dmpu + ".pe[" + row + "][" + column + "].", dmpu, row, column);
    add(pe, "l", 17, PeView::l);
    add(pe, "rHi", 9, PeView::rHi);
    add(pe, "rLo", 24, PeView::rLo);
    add(pe, "mHi", 24, PeView::mHi);
    add(pe, "mLo", 24, PeView::mLo);
    add(pe, "pHi", 48, PeView::pHi);
    add(pe, "pLo", 48, PeView::pLo);
    add(pe, "p", 48, PeView::register48);
    add(pe, "shadowHi", 48, PeView::shadowHi);
    add(pe, "shadowLo", 48, PeView::shadowLo);
    add(pe, "rExponent", 10, PeView::rExponent);
    add(pe, "rDistance", 10, PeView::rDistance);
    add(pe, "rBypass", 18, PeView::rBypass);
    add(pe, "mExponent", 10, PeView::mExponent);
    add(pe, "mDistance", 10, PeView::mDistance);
    add(pe, "mBypass", 18, PeView::mBypass);
    add(pe, "pExponent", 10, PeView::pExponent);
    add(pe, "pDistance", 10, PeView::pDistance);
    add(pe, "pBypass", 18, PeView::pBypass);
  }

  private record Pe(String path, int dmpu, int row, int column) {}

  private void add(Pe pe, String name, int width, Field field) {
    int row = pe.dmpu * ArrayGeometry.ROWS_PER_DMPU + pe.row;
    add(pe.path + name, width, Signal.Kind.SIGNED, core -> field.of(core.pe(row, pe.column)));
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
   * everything below it. It may begin with {@code core0.}, as names in a waveform do.
   *
   * @throws IllegalArgumentException if nothing matches
   */
  public List<Signal> matching(String pattern) {
    List<Signal> found = all(pattern);
    if (found.isEmpty()) {
      throw new IllegalArgumentException("no register matches `" + pattern + "`, " + hint());
    }
    return found;
  }

  /** As {@link #matching}, but nothing if nothing matches. */
  List<Signal> all(String pattern) {
    String inCore = pattern.startsWith("core0.") ? pattern.substring("core0.".length()) : pattern;
    Glob wanted = new Glob(withDmpu(inCore));
    return signals.values().stream().filter(signal -> wanted.matches(signal.path())).toList();
  }

  private String hint() {
    return "expected names as pc, mode, stall, constant[0], dmpu0.pe[0][0].p, dmpu0.a[0][0],"
               + " dmpu0.words, rfx[tile][word][row], rfy[tile][word][output], x[address],"
               + " yz[address], yz16[address]";
  }

  /**
   * Reads a value by name.
   *
   * @throws IllegalArgumentException if there is none of this name, or an index is out of range
   */
  public long read(TataaCore core, String name) {
    String plain = new Region(name).plain();
    Signal signal = find(plain);
    if (signal != null) {
      return signal.read(core);
    }
    if (plain.equals("cycle")) {
      return core.cycle();
    }
    Long stored = Storage.read(core, plain);
    if (stored != null) {
      return stored;
    }
    checkIndices(plain);
    throw new IllegalArgumentException("no register `" + name + "`, " + hint());
  }

  // Says which index is too large, if the name is right otherwise.
  private void checkIndices(String name) {
    Matcher pe = PE.matcher(name);
    if (pe.matches()) {
      int rows = pe.group(1) == null ? config.geometry().rows() : ArrayGeometry.ROWS_PER_DMPU;
      Storage.check(name, "row", Long.parseLong(pe.group(2)), rows);
      Storage.check(name, "column", Long.parseLong(pe.group(3)), config.geometry().columns());
    }
    Matcher lane = LANE.matcher(name);
    if (lane.matches()) {
      Storage.check(name, "DMPU", Long.parseLong(lane.group(1)), config.geometry().dmpus());
      Storage.check(name, "slot", Long.parseLong(lane.group(2)), config.buffers().vectorSlots());
      Storage.check(name, "column", Long.parseLong(lane.group(3)), config.geometry().columns());
    }
  }

  private @Nullable Signal find(String name) {
    Signal signal = signals.get(name);
    return signal == null ? signals.get(withDmpu(name)) : signal;
  }

  // Without a DMPU, rows count through the core.
  private static String withDmpu(String name) {
    Matcher matcher = ROW.matcher(name);
    if (!matcher.lookingAt()) {
      return name;
    }
    int row = Integer.parseInt(matcher.group(1));
    return "dmpu"
        + row / ArrayGeometry.ROWS_PER_DMPU
        + ".pe["
        + row % ArrayGeometry.ROWS_PER_DMPU
        + "]"
        + name.substring(matcher.end());
  }

  /** A value as a hardware engineer reads it. */
  public String show(TataaCore core, String name) {
    long value = read(core, name);
    String plain = new Region(name).plain();
    Signal signal = find(plain);
    if (signal == null) {
      return Storage.isBf16(plain) ? Bfloat16.format((int) value) : Long.toString(value);
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

  /** A value in a table: decimal, without its bits. */
  String brief(TataaCore core, String name) {
    String plain = new Region(name).plain();
    if (isBf16(plain)) {
      return Float.toString(Bfloat16.toFloat((int) read(core, plain)));
    }
    Signal signal = find(plain);
    return signal == null || signal.kind() == Signal.Kind.SIGNED
        ? Long.toString(read(core, plain))
        : show(core, plain);
  }

  private boolean isBf16(String plain) {
    Signal signal = find(plain);
    return signal == null ? Storage.isBf16(plain) : signal.kind() == Signal.Kind.BF16;
  }

  /** A value as a condition compares it; exact, as no register has more than 48 bits. */
  double quantity(TataaCore core, String name) {
    long value = read(core, name);
    return isBf16(new Region(name).plain()) ? Bfloat16.toFloat((int) value) : value;
  }

  /**
   * Value of a word in a condition: a number (of a bfloat16 register also its bits with 0x), or the
   * name of a mode or stall or a beginning that only one of them has.
   *
   * @throws IllegalArgumentException if it is none of these
   */
  double constant(String name, String word) {
    String plain = new Region(name).plain();
    Signal signal = find(plain);
    if (signal != null && signal.kind() == Signal.Kind.MODE) {
      return enumValue(ArrayMode.values(), word);
    }
    if (signal != null && signal.kind() == Signal.Kind.STALL) {
      return word.equalsIgnoreCase("none") ? 0 : enumValue(StallCause.values(), word) + 1;
    }
    boolean isHex = word.toLowerCase(Locale.ROOT).contains("0x");
    try {
      if (isBf16(plain)) {
        return isHex ? Bfloat16.toFloat(Integer.decode(word)) : Double.parseDouble(word);
      }
      return Long.decode(word);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("`" + word + "` is no number");
    }
  }

  private static long enumValue(Enum<?>[] values, String word) {
    int found = -1;
    int matches = 0;
    for (Enum<?> value : values) {
      if (value.name().equalsIgnoreCase(word)) {
        return value.ordinal();
      }
      if (value.name().regionMatches(true, 0, word, 0, word.length())) {
        found = value.ordinal();
        matches++;
      }
    }
    if (matches == 1) {
      return found;
    }
    throw new IllegalArgumentException(
        "`"
            + word
            + (matches > 1 ? "` is the beginning of several of " : "` is none of ")
            + Arrays.toString(values));
  }
}
