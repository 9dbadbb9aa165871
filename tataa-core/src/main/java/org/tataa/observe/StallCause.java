package org.tataa.observe;

/**
 * Why a cycle was lost. The first group are the interlocks of the controller (isa.md, Hazards), the
 * second are latencies inside a unit that a better schedule or controller would hide.
 */
public enum StallCause {
  /** A LOAD waits because its port's command queue is full. */
  MOVER_QUEUE("data mover queue full"),
  /** A load waits while the array executes from its destination. */
  TILE_EXECUTING("destination tile is being executed"),
  /** A load waits for an older load of the same destination, or a STORE to it; and the reverse. */
  TILE_LOADING("older load of the same destination in flight"),
  /**
   * A load, or a STORE to slots, waits for a vector operation that still reads or writes its
   * destination.
   */
  SLOT_IN_USE("vector operation still uses the slot"),
  /** A load or store waits for an older store or load of the same memory. */
  MEMORY_ORDER("older access to the same memory in flight"),
  /** MATMUL or STORE waits because the array is executing. */
  EXEC_BUSY("array busy"),
  /** MATMUL or a vector operation waits for a load of its operands. */
  OPERAND_LOAD("operand load in flight"),
  /** A vector operation waits for the result of an older one. */
  RESULT_LATENCY("vector result not written back yet"),
  /** The array drains before it changes between int8, multiply-type and add-type operations. */
  MODE_SWITCH("mode switch"),
  /** A drain or a vector result waits for space in the dual-mode buffers. */
  DMB_SPACE("dual-mode buffers full"),
  /** A STORE waits until the words it pops are there. */
  DMB_DATA("dual-mode buffer words not written yet"),
  /** A STORE waits for the one before it. */
  STORE_BUSY("store unit busy"),
  /** A STORE waits because the output FIFO could not hold it back. */
  OUTPUT("output FIFO full"),
  /** CONFIG.SCALE waits because a running store uses the scale. */
  SCALE_LIVE("scale in use by a running store"),

  /** Unit: between accept and its first work, and between done and the busy flag going low. */
  LAUNCH("launch and completion handshake"),
  /** Unit: skew, pipeline and drain of a block after its last operand was read. */
  FLUSH("skew and drain of the array"),
  /** Unit: vector results on their way through the pipeline, no operation starting. */
  PIPELINE("vector pipeline latency"),
  /** Unit: a command waits for the first beat of the memory. */
  MEMORY_LATENCY("memory latency"),
  /** Unit: a beat waits because memory bandwidth is below one beat per cycle. */
  BANDWIDTH("memory bandwidth"),
  /** Unit: a beat waits because a write beat has the shared YZ port. */
  PORT_SHARED("port shared with writes"),
  /** Unit: output beats between the requantiser and memory. */
  OUTPUT_LATENCY("output latency");

  private final String description;

  StallCause(String description) {
    this.description = description;
  }

  /** {@return a few words for reports} */
  public String description() {
    return description;
  }
}
