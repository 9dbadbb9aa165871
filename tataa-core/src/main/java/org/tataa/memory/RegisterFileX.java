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

  /**
   * Both tiles zero.
   *
   * @param config the machine
   */
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

  /**
   * {@return the int8 operand of an array row in word {@code word}}
   *
   * @param tile number of the tile
   * @param word word of the tile, from 0
   * @param row row of the array, from 0
   */
  public int operand(int tile, int word, int row) {
    return tiles[tile][word * rows + rows - 1 - row];
  }

  /**
   * {@return one word of {@code [rows]} bytes, as loaded}
   *
   * @param tile number of the tile
   * @param word word of the tile, from 0
   */
  public byte[] word(int tile, int word) {
    return Arrays.copyOfRange(tiles[tile], word * rows, (word + 1) * rows);
  }

  /**
   * {@return the words of a tile, {@code [tileDepth * rows]}; for the block unit's edge, read only}
   *
   * @param tile number of the tile
   */
  public byte[] tile(int tile) {
    return tiles[tile];
  }

  /**
   * Passes a chain over all words.
   *
   * @param chain reads or writes the state
   */
  public void scan(ScanChain chain) {
    chain.scan("rfx.tile0", tiles[0]);
    chain.scan("rfx.tile1", tiles[1]);
  }
}
