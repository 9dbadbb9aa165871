package org.tataa.explore;

/** Parts of the device among which energy is divided. */
public enum EnergyUnit {
  /** Products, sums, lane operations and registers of the PEs. */
  ARRAY("array"),
  /** Tiles of the X operand. */
  REGISTER_FILE_X("register file X"),
  /** Tiles of the Y operand and vectors. */
  REGISTER_FILE_Y("register file Y"),
  /** Dual-mode buffers. */
  BUFFERS("dual-mode buffers"),
  /** Requantiser. */
  REQUANTISER("requantiser"),
  /** Decoding and issue of instructions. */
  CONTROLLER("controller"),
  /** External memory, reads of the X port. */
  MEMORY_X("memory, X reads"),
  /** External memory, reads of the YZ port. */
  MEMORY_Y("memory, Y reads"),
  /** External memory, writes of the YZ port. */
  MEMORY_Z("memory, writes"),
  /** External memory, instructions. */
  MEMORY_INSTRUCTIONS("memory, instructions"),
  /** Power that flows whatever is done. */
  STATIC("static");

  private final String text;

  EnergyUnit(String text) {
    this.text = text;
  }

  /** A few words for reports. */
  public String text() {
    return text;
  }
}
