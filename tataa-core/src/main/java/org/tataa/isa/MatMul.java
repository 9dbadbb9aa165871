package org.tataa.isa;

/**
 * Multiplies an X tile with a Y tile onto the partial sums.
 *
 * @param xTile 0 or 1
 * @param yTile 0 or 1
 * @param depth K, 1..1024 (512 in {@link Encoding#RELEASED} words)
 * @param clear whether the sums start from zero
 * @param drain whether the sums are written to the dual-mode buffers afterwards
 */
public record MatMul(int xTile, int yTile, int depth, boolean clear, boolean drain)
    implements Instruction {
  /**
   * Checks the ranges.
   *
   * @param xTile see the record
   * @param yTile see the record
   * @param depth see the record
   * @param clear see the record
   * @param drain see the record
   * @throws IllegalArgumentException naming the field that is out of range
   */
  public MatMul {
    Fields.range("xTile", xTile, 0, 1);
    Fields.range("yTile", yTile, 0, 1);
    Fields.range("depth", depth, 1, Encoding.WIDE.depth());
  }

  @Override
  public String mnemonic() {
    return "MATMUL";
  }

  @Override
  public String toString() {
    return Disassembler.format(this);
  }
}
