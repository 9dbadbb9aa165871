package org.tataa.memory;

import java.util.Arrays;
import org.tataa.config.TataaConfig;
import org.tataa.state.ScanChain;

/**
 * RFX: two tiles of {@code tileDepth} words of one int8 operand per array row (architecture.md).
 * Byte {@code rows-1-r} of a word is the operand of row r.
 */
public final class RegisterFileX {
  private final int rows;
  private final byte[][] tiles;

  /** Both tiles zero. */
  public RegisterFileX(TataaConfig config) {
    rows = config.geometry().rows();
    tiles = new byte[2][config.buffers().tileDepth() * rows];
  }

  /** All words to zero. */
  public void reset() {
    Arrays.fill(tiles[0], (byte) 0);
    Arrays.fill(tiles[1], (byte) 0);
  }

  /** Writes part of the byte stream of a load. */
  void write(int tile, int offset, byte[] source, int from, int length) {
    System.arraycopy(source, from, tiles[tile], offset, length);
  }

  /** The int8 operand of an array row in word {@code word}. */
  public int operand(int tile, int word, int row) {
    return tiles[tile][word * rows + rows - 1 - row];
  }

  /** One word of {@code [rows]} bytes, as loaded. */
  public byte[] word(int tile, int word) {
    return Arrays.copyOfRange(tiles[tile], word * rows, (word + 1) * rows);
  }

  /** The words of a tile, {@code [tileDepth * rows]}; for the block unit's edge, read only. */
  public byte[] tile(int tile) {
    return tiles[tile];
  }

  /** Passes a chain over all words. */
  public void scan(ScanChain chain) {
    chain.scan("rfx.tile0", tiles[0]);
    chain.scan("rfx.tile1", tiles[1]);
  }
}
