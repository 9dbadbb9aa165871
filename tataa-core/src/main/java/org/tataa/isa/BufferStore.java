package org.tataa.isa;

/** What takes words out of the dual-mode buffers: to memory, or to vector slots. */
public sealed interface BufferStore extends Instruction permits Store, StoreSlots {
  /** {@return conversion on the way} */
  StoreMode mode();

  /** {@return whether result blocks are transposed} */
  boolean transpose();

  /** {@return dual-mode-buffer words of all DMPUs together} */
  int words();
}
