package org.tataa.memory;

import java.util.Arrays;
import org.tataa.config.TataaConfig;
import org.tataa.state.ScanChain;

/**
 * RFY of all DMPUs: one storage, two uses (architecture.md).
 *
 * <p>As int8 operand memory only DMPU 0 counts: two tiles of {@code tileDepth} words. As bfloat16
 * register file every DMPU has two banks of {@code vectorSlots} vectors of 16-bit lanes. Slot s of
 * bank t is the storage of Y word s of tile t: a Y load goes to every DMPU and takes the slots its
 * words fall on. {@link #use(int, int)} tells what a word holds now, {@link #writer(int, int)}
 * which instruction wrote it, so that a use of the wrong kind can be reported.
 */
public final class RegisterFileY {
  /** What a word of the shared storage holds. */
  public enum Use {
    /** Never written. */
    EMPTY,
    /** A word of an int8 tile. */
    MATRIX,
    /** A bfloat16 vector. */
    VECTOR
  }

  private final int dmpus;
  private final int columns;
  private final int stride;
  private final int wordBytes;
  private final int slots;
  private final byte[][][] storage;
  private final Use[][] use;
  private final int[][] writer;

  /** Everything zero and empty. */
  public RegisterFileY(TataaConfig config) {
    dmpus = config.geometry().dmpus();
    columns = config.geometry().columns();
    stride = 2 * columns;
    wordBytes = config.geometry().outputs();
    slots = config.buffers().vectorSlots();
    storage = new byte[dmpus][2][];
    for (int dmpu = 0; dmpu < dmpus; dmpu++) {
      int words = dmpu == 0 ? config.buffers().tileDepth() : slots;
      storage[dmpu][0] = new byte[words * stride];
      storage[dmpu][1] = new byte[words * stride];
    }
    use = new Use[2][slots];
    writer = new int[2][slots];
    reset();
  }

  /** Everything to zero and empty. */
  public void reset() {
    for (byte[][] banks : storage) {
      Arrays.fill(banks[0], (byte) 0);
      Arrays.fill(banks[1], (byte) 0);
    }
    for (int bank = 0; bank < 2; bank++) {
      Arrays.fill(use[bank], Use.EMPTY);
      Arrays.fill(writer[bank], -1);
    }
  }

  /** Vector slots of one bank. */
  public int slots() {
    return slots;
  }

  /** Bytes between words of a tile in {@link #tile(int)}. */
  public int stride() {
    return stride;
  }

  /** Writes part of the byte stream of a Y load: whole words or parts of one. */
  void writeMatrix(int tile, int offset, byte[] source, int from, int length, int index) {
    int word = offset / wordBytes;
    int within = offset - word * wordBytes;
    for (int done = 0; done < length; word++, within = 0) {
      int part = Math.min(length - done, wordBytes - within);
      int target = word * stride + within;
      System.arraycopy(source, from + done, storage[0][tile], target, part);
      if (word < slots) {
        for (int dmpu = 1; dmpu < dmpus; dmpu++) {
          System.arraycopy(source, from + done, storage[dmpu][tile], target, part);
        }
        use[tile][word] = Use.MATRIX;
        writer[tile][word] = index;
      }
      done += part;
    }
  }

  /** Writes part of the byte stream of a vector load: DMPU 0 first. */
  void writeVector(int bank, int slot, int offset, byte[] source, int from, int length, int index) {
    for (int done = 0; done < length; ) {
      int dmpu = (offset + done) / stride;
      int within = (offset + done) % stride;
      int part = Math.min(length - done, stride - within);
      System.arraycopy(source, from + done, storage[dmpu][bank], slot * stride + within, part);
      done += part;
    }
    use[bank][slot] = Use.VECTOR;
    writer[bank][slot] = index;
  }

  /** Writes the lanes of a vector result. */
  public void writeLanes(int bank, int slot, int[] lanes, int index) {
    int base = slot * stride;
    for (int dmpu = 0; dmpu < dmpus; dmpu++) {
      byte[] target = storage[dmpu][bank];
      for (int column = 0; column < columns; column++) {
        int bits = lanes[dmpu * columns + column];
        target[base + 2 * column] = (byte) bits;
        target[base + 2 * column + 1] = (byte) (bits >> 8);
      }
    }
    use[bank][slot] = Use.VECTOR;
    writer[bank][slot] = index;
  }

  /**
   * Reads the lanes of a vector.
   *
   * @param lanes receives {@code [dmpus * columns]} bfloat16 bits
   */
  public void readLanes(int bank, int slot, int[] lanes) {
    int base = slot * stride;
    for (int dmpu = 0; dmpu < dmpus; dmpu++) {
      byte[] source = storage[dmpu][bank];
      for (int column = 0; column < columns; column++) {
        int at = base + 2 * column;
        lanes[dmpu * columns + column] = (source[at] & 0xff) | ((source[at + 1] & 0xff) << 8);
      }
    }
  }

  /** The words of a tile in DMPU 0, {@code [tileDepth * stride]}; for the block unit's edge. */
  public byte[] tile(int tile) {
    return storage[0][tile];
  }

  /** What a slot, or the tile word that shares its storage, holds now. */
  public Use use(int bank, int slot) {
    return use[bank][slot];
  }

  /** Index of the instruction that wrote a slot last, or -1. */
  public int writer(int bank, int slot) {
    return writer[bank][slot];
  }

  /** Passes a chain over all words and what they hold. */
  public void scan(ScanChain chain) {
    for (byte[][] banks : storage) {
      chain.scan("rfy.bank0", banks[0]);
      chain.scan("rfy.bank1", banks[1]);
    }
    Use[] uses = Use.values();
    for (int bank = 0; bank < 2; bank++) {
      for (int slot = 0; slot < slots; slot++) {
        int known = chain.scanChoice("rfy.use", use[bank][slot].ordinal(), uses.length);
        use[bank][slot] = uses[Math.max(0, known)];
      }
      chain.scan("rfy.writer", writer[bank]);
    }
  }
}
