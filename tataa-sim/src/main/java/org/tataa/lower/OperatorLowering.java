package org.tataa.lower;

import org.tataa.graph.Node;

/** How a family of operators becomes operations of a tensor program. */
interface OperatorLowering {
  /** Whether a node has a form on the device; otherwise the host executes it. */
  boolean fits(LoweringContext context, Node node);

  /**
   * Lowers a node that fits.
   *
   * @param output the result that is wanted
   */
  Expression lower(LoweringContext context, Node node, String output);
}
