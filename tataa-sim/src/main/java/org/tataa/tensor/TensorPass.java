package org.tataa.tensor;

/** A step from a tensor program to a better one with the same inputs and outputs. */
public interface TensorPass {
  /** Name by which it is switched on and off, as {@code merge-maps}. */
  String name();

  /** What it does, in a sentence. */
  String description();

  /**
   * The better program; the same object if there is nothing to do.
   *
   * @param program well formed
   */
  TensorProgram apply(TensorProgram program);
}
