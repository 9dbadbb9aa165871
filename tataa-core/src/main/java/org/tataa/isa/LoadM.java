package org.tataa.isa;

import java.util.Objects;

/**
 * Loads an int8 tile.
 *
 * @param operand X or Y
 * @param tile 0 or 1
 * @param depth words, 1..1024 (512 in {@link Encoding#RELEASED} words)
 * @param address byte offset in the operand's space, 0..2^32-1
 * @param bytes bytes to move, 0..65535; the machine demands word size times depth
 */
public record LoadM(Operand operand, int tile, int depth, long address, int bytes)
    implements Instruction {
  /** Most bytes of one load. */
  public static final int MAX_BYTES = 0xffff;

  /**
   * Checks the ranges.
   *
   * @param operand see the record
   * @param tile see the record
   * @param depth see the record
   * @param address see the record
   * @param bytes see the record
   * @throws IllegalArgumentException naming the field that is out of range
   */
  public LoadM {
    Objects.requireNonNull(operand, "operand");
    Fields.range("tile", tile, 0, 1);
    Fields.range("depth", depth, 1, Encoding.WIDE.depth());
    Fields.range("address", address, 0, Fields.MAX_ADDRESS);
    Fields.range("bytes", bytes, 0, MAX_BYTES);
  }

  /**
   * Loads an X tile with the bytes its depth needs.
   *
   * @param tile 0 or 1
   * @param depth words, 1..1024 (512 in {@link Encoding#RELEASED} words)
   * @param address byte offset in the X space
   * @param wordBytes bytes per word, 32 on the prototype
   * @return the load
   */
  public static LoadM x(int tile, int depth, long address, int wordBytes) {
    return new LoadM(Operand.X, tile, depth, address, depth * wordBytes);
  }

  /**
   * Loads a Y tile with the bytes its depth needs.
   *
   * @param tile 0 or 1
   * @param depth words, 1..1024 (512 in {@link Encoding#RELEASED} words)
   * @param address byte offset in the YZ space
   * @param wordBytes bytes per word, 32 on the prototype
   * @return the load
   */
  public static LoadM y(int tile, int depth, long address, int wordBytes) {
    return new LoadM(Operand.Y, tile, depth, address, depth * wordBytes);
  }

  @Override
  public String mnemonic() {
    return "LOAD.M";
  }

  @Override
  public String toString() {
    return Disassembler.format(this);
  }
}
