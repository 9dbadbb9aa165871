package org.tataa.graph;

/** What an operator does with values, and with shapes alone. */
@FunctionalInterface
interface OperatorFunction {
  /**
   * Applies the operator.
   *
   * @return one value per output; outputs the operator cannot make are left out at the end
   */
  NdTensor[] apply(Node node, Arguments in);

  /** An operator with one output. */
  @FunctionalInterface
  interface Single {
    /** Applies the operator. */
    NdTensor apply(Node node, Arguments in);
  }
}
