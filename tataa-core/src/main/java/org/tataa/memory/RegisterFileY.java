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
 *
 * <p>The simulator keeps words as bytes and vectors as lanes; what a shared word holds is carried
 * over when its use changes.
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
  private final int lanes;
  private final int wordBytes;
  private final int slots;
  private final byte[][] tiles;
  private final short[][] vectors;
  private final Use[][] use;
  private final int[][] writer;

  /**
   * Everything zero and empty.
   *
   * @param config the machine
   */
  public RegisterFileY(TataaConfig config) {
    dmpus = config.geometry().dmpus();
    columns = config.geometry().columns();
    lanes = config.geometry().lanes();
    wordBytes = config.geometry().outputs();
    slots = config.buffers().vectorSlots();
    tiles = new byte[2][config.buffers().tileDepth() * wordBytes];
    vectors = new short[2][slots * lanes];
    use = new Use[2][slots];
    writer = new int[2][slots];
    reset();
  }

  /** Everything to zero and empty. */
  public void reset() {
    for (int bank = 0; bank < 2; bank++) {
      Arrays.fill(tiles[bank], (byte) 0);
      Arrays.fill(vectors[bank], (short) 0);
      Arrays.fill(use[bank], Use.EMPTY);
      Arrays.fill(writer[bank], -1);
    }
  }

  /** {@return whether no slot has been written since the last reset} */
  public boolean isEmpty() {
    for (Use[] bank : use) {
      for (Use known : bank) {
        if (known != Use.EMPTY) {
          return false;
        }
      }
    }
    return true;
  }

  /** {@return vector slots of one bank} */
  public int slots() {
    return slots;
  }

  /** {@return bytes of a word of a tile} */
  public int wordBytes() {
    return wordBytes;
  }

  /** Writes part of the byte stream of a Y load. */
  void writeMatrix(int tile, int offset, byte[] source, int from, int length, int index) {
    if (offset < slots * wordBytes) {
      int last = Math.min((offset + length - 1) / wordBytes, slots - 1);
      for (int word = offset / wordBytes; word <= last; word++) {
        takeAsMatrix(tile, word, index);
      }
    }
    System.arraycopy(source, from, tiles[tile], offset, length);
  }

  private void takeAsMatrix(int tile, int word, int index) {
    if (use[tile][word] != Use.MATRIX) {
      // What the vector left in DMPU 0 stays where the load has not written yet.
      for (int i = 0; i < wordBytes; i++) {
        tiles[tile][word * wordBytes + i] = laneByte(tile, word, i);
      }
      use[tile][word] = Use.MATRIX;
    }
    writer[tile][word] = index;
  }

  private byte laneByte(int bank, int slot, int i) {
    int lane = vectors[bank][slot * lanes + i / 2];
    return (byte) ((i & 1) == 0 ? lane : lane >> 8);
  }

  /**
   * Writes part of the byte stream of a vector load: DMPU 0 of the first slot first, little endian.
   */
  void writeVectors(
      int bank, int first, int offset, ExternalMemory source, int from, int length, int index) {
    int vectorBytes = 2 * lanes;
    for (int done = 0; done < length; ) {
      int slot = first + (offset + done) / vectorBytes;
      int within = (offset + done) % vectorBytes;
      int part = Math.min(length - done, vectorBytes - within);
      takeAsVector(bank, slot, index);
      source.readLanes(from + done, vectors[bank], slot * lanes + within / 2, part / 2);
      done += part;
    }
  }

  /** Writes part of the byte stream of a STORE to slots; {@code offset} counts from slot 0. */
  void writeVectors(int bank, int offset, byte[] source, int from, int length, int index) {
    for (int done = 0; done < length; done += 2) {
      int lane = (offset + done) / 2;
      if (done == 0 || lane % lanes == 0) {
        takeAsVector(bank, lane / lanes, index);
      }
      vectors[bank][lane] = (short) ((source[from + done] & 0xff) | source[from + done + 1] << 8);
    }
  }

  /**
   * Makes a slot a vector written by an instruction; the lanes are then to be written.
   *
   * @param bank bank of the slot, 0 for A and 1 for B
   * @param slot number of the slot
   * @param index the instruction
   */
  public void takeAsVector(int bank, int slot, int index) {
    if (use[bank][slot] == Use.MATRIX) {
      matrixLanes(bank, slot, vectors[bank], slot * lanes);
    }
    use[bank][slot] = Use.VECTOR;
    writer[bank][slot] = index;
  }

  // The word as every DMPU holds it; it may be narrower than the slot.
  private void matrixLanes(int bank, int slot, short[] target, int to) {
    byte[] word = tiles[bank];
    int at = slot * wordBytes;
    for (int dmpu = 0; dmpu < dmpus; dmpu++) {
      for (int i = 0; i + 1 < wordBytes; i += 2) {
        int lane = (word[at + i] & 0xff) | word[at + i + 1] << 8;
        target[to + dmpu * columns + i / 2] = (short) lane;
      }
    }
  }

  /**
   * Writes the lanes of a vector result.
   *
   * @param bank bank of the slot, 0 for A and 1 for B
   * @param slot number of the slot
   * @param result bfloat16 bits of the lanes
   * @param index number of the instruction in the program
   */
  public void writeLanes(int bank, int slot, int[] result, int index) {
    takeAsVector(bank, slot, index);
    short[] target = vectors[bank];
    int to = slot * lanes;
    for (int lane = 0; lane < lanes; lane++) {
      target[to + lane] = (short) result[lane];
    }
  }

  /**
   * Reads the lanes of a vector.
   *
   * @param bank bank of the slot, 0 for A and 1 for B
   * @param slot number of the slot
   * @param result receives {@code [dmpus * columns]} bfloat16 bits
   */
  public void readLanes(int bank, int slot, int[] result) {
    short[] source = vectors[bank];
    int from = slot * lanes;
    if (use[bank][slot] == Use.MATRIX) {
      source = Arrays.copyOfRange(source, from, from + lanes);
      matrixLanes(bank, slot, source, 0);
      from = 0;
    }
    for (int lane = 0; lane < lanes; lane++) {
      result[lane] = source[from + lane] & 0xffff;
    }
  }

  /**
   * {@return the lanes of a bank, {@code [slots * lanes]}; those of a slot count while its use is
   * not MATRIX} For the vector unit.
   *
   * @param bank bank of the slot, 0 for A and 1 for B
   */
  public short[] lanes(int bank) {
    return vectors[bank];
  }

  /**
   * {@return the words of a tile in DMPU 0, {@code [tileDepth * wordBytes]}; those in shared
   * storage count while their use is not VECTOR} For the block unit's edge.
   *
   * @param tile number of the tile
   */
  public byte[] tile(int tile) {
    return tiles[tile];
  }

  /**
   * {@return a byte of a word as DMPU 0 holds it, whatever the word is used for}
   *
   * @param tile number of the tile
   * @param word word of the tile, from 0
   * @param output output of the word, from 0
   */
  public int operand(int tile, int word, int output) {
    return word < slots && use[tile][word] == Use.VECTOR
        ? laneByte(tile, word, output)
        : tiles[tile][word * wordBytes + output];
  }

  /**
   * {@return what a slot, or the tile word that shares its storage, holds now}
   *
   * @param bank bank of the slot, 0 for A and 1 for B
   * @param slot number of the slot
   */
  public Use use(int bank, int slot) {
    return use[bank][slot];
  }

  /**
   * {@return index of the instruction that wrote a slot last, or -1}
   *
   * @param bank bank of the slot, 0 for A and 1 for B
   * @param slot number of the slot
   */
  public int writer(int bank, int slot) {
    return writer[bank][slot];
  }

  /**
   * Passes a chain over all words and what they hold.
   *
   * @param chain reads or writes the state
   */
  public void scan(ScanChain chain) {
    Use[] uses = Use.values();
    for (int bank = 0; bank < 2; bank++) {
      chain.scan("rfy.tile" + bank, tiles[bank]);
      for (int slot = 0; slot < slots; slot++) {
        String name = (bank == 0 ? "a[" : "b[") + slot + "]";
        scanVector(chain, name, vectors[bank], slot * lanes);
        name = "rfy.use" + bank + "[" + slot + "]";
        int known = chain.scanChoice(name, use[bank][slot].ordinal(), uses.length);
        use[bank][slot] = uses[Math.max(0, known)];
      }
      chain.scan("rfy.writer" + bank, writer[bank]);
    }
  }

  private void scanVector(ScanChain chain, String name, short[] bank, int from) {
    int[] vector = new int[columns];
    for (int dmpu = 0; dmpu < dmpus; dmpu++) {
      int at = from + dmpu * columns;
      for (int column = 0; column < columns; column++) {
        vector[column] = bank[at + column];
      }
      chain.unit("dmpu" + dmpu);
      chain.scan(name, vector);
      for (int column = 0; column < columns; column++) {
        bank[at + column] = (short) vector[column];
      }
    }
    chain.unit("");
  }
}
