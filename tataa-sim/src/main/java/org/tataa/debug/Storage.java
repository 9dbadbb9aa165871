package org.tataa.debug;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.memory.ExternalMemory;

/**
 * Operand tiles and memory by name: {@code rfx[tile][word][row]} and {@code
 * rfy[tile][word][output]} are int8, {@code x[address]} and {@code yz[address]} bytes with their
 * sign, {@code x16[address]} and {@code yz16[address]} bfloat16 of two bytes.
 */
final class Storage {
  private static final Pattern NAME =
      Pattern.compile("(rfx|rfy|x|yz|x16|yz16)((?:\\[\\d{1,10}])+)");
  private static final Pattern INDEX = Pattern.compile("\\[(\\d+)]");

  private Storage() {}

  /** Whether values of this name are bfloat16. */
  static boolean isBf16(String name) {
    return name.startsWith("x16[") || name.startsWith("yz16[");
  }

  /**
   * Reads a value; null if the name is none of these.
   *
   * @throws IllegalArgumentException if an index is out of range
   */
  static @Nullable Long read(TataaCore core, String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return null;
    }
    long[] index =
        INDEX
            .matcher(matcher.group(2))
            .results()
            .mapToLong(result -> Long.parseLong(result.group(1)))
            .toArray();
    String array = matcher.group(1);
    boolean isTile = array.startsWith("rf");
    if (index.length != (isTile ? 3 : 1)) {
      throw new IllegalArgumentException(
          name
              + ": expected "
              + (isTile
                  ? array + "[tile][word][" + (array.equals("rfx") ? "row]" : "output]")
                  : array + "[address]"));
    }
    if (!isTile) {
      return memory(core, name, array, index[0]);
    }
    TataaConfig config = core.config();
    boolean isX = array.equals("rfx");
    int width = isX ? config.geometry().rows() : config.geometry().outputs();
    int tile = check(name, "tile", index[0], 2);
    int word = check(name, "word", index[1], config.buffers().tileDepth());
    int lane = check(name, isX ? "row" : "output", index[2], width);
    if (isX) {
      return (long) core.registerFileX().operand(tile, word, lane);
    }
    return (long) core.registerFileY().operand(tile, word, lane);
  }

  private static long memory(TataaCore core, String name, String array, long address) {
    ExternalMemory.Space space =
        array.startsWith("x") ? ExternalMemory.Space.X : ExternalMemory.Space.YZ;
    int bytes = array.endsWith("16") ? 2 : 1;
    if (!core.memory().contains(space, address, bytes)) {
      throw new IllegalArgumentException(
          name + ": outside the memory, " + space + " has " + core.memory().size(space) + " bytes");
    }
    byte[] read = core.memory().read(space, address, bytes);
    return bytes == 1 ? read[0] : (read[0] & 0xff) | (read[1] & 0xff) << 8;
  }

  /** An index below a size. */
  static int check(String name, String what, long index, int size) {
    if (index >= size) {
      throw new IllegalArgumentException(
          name + ": " + what + " " + index + ", expected below " + size);
    }
    return (int) index;
  }
}
