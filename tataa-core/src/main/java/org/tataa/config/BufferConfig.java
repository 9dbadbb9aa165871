package org.tataa.config;

/**
 * Depths of the on-chip memories (architecture.md). The encodings of isa.md set the upper bounds of
 * all but the first two: more than 512 words or 32 vectors are for studies, in words whose unused
 * bits say more ({@code org.tataa.isa.Encoding}).
 *
 * @param tileDepth words of one RFX or RFY tile, hence the largest K of one MATMUL, 4..1024
 * @param vectorSlots bfloat16 vectors of one RFY bank, 1..256 and at most {@code tileDepth}
 * @param constants broadcast constant registers, 1..8
 * @param dmbDepth words of each dual-mode buffer, at least 4 (one drained block), at most 256
 * @param outputFifoBeats beats the output FIFO can hold back behind an earlier store, 1..4096
 */
public record BufferConfig(
    int tileDepth, int vectorSlots, int constants, int dmbDepth, int outputFifoBeats) {

  /** The prototype: 512 words, 32 vectors, 8 constants, 32 DMB words, 64 output beats. */
  public static final BufferConfig U280 = new BufferConfig(512, 32, 8, 32, 64);

  /**
   * Checks the ranges.
   *
   * @param tileDepth words of one RFX or RFY tile, hence the largest K of one MATMUL, 4..1024
   * @param vectorSlots bfloat16 vectors of one RFY bank, 1..256 and at most {@code tileDepth}
   * @param constants broadcast constant registers, 1..8
   * @param dmbDepth words of each dual-mode buffer, at least 4 (one drained block), at most 256
   * @param outputFifoBeats beats the output FIFO can hold back behind an earlier store, 1..4096
   * @throws IllegalArgumentException naming the component that is out of range
   */
  public BufferConfig {
    Checks.range("tileDepth", tileDepth, 4, 1024);
    Checks.range("vectorSlots", vectorSlots, 1, Math.min(256, tileDepth));
    Checks.range("constants", constants, 1, 8);
    Checks.range("dmbDepth", dmbDepth, 4, 256);
    Checks.range("outputFifoBeats", outputFifoBeats, 1, 4096);
  }

  /**
   * {@return these buffers with another number of words of a tile}
   *
   * @param value the new value
   */
  public BufferConfig withTileDepth(int value) {
    return new BufferConfig(value, vectorSlots, constants, dmbDepth, outputFifoBeats);
  }

  /**
   * {@return these buffers with another number of vector slots of a bank}
   *
   * @param value the new value
   */
  public BufferConfig withVectorSlots(int value) {
    return new BufferConfig(tileDepth, value, constants, dmbDepth, outputFifoBeats);
  }

  /**
   * {@return these buffers with another number of words of a dual-mode buffer}
   *
   * @param value the new value
   */
  public BufferConfig withDmbDepth(int value) {
    return new BufferConfig(tileDepth, vectorSlots, constants, value, outputFifoBeats);
  }

  /**
   * {@return these buffers with another number of beats of the output FIFO}
   *
   * @param value the new value
   */
  public BufferConfig withOutputFifoBeats(int value) {
    return new BufferConfig(tileDepth, vectorSlots, constants, dmbDepth, value);
  }
}
