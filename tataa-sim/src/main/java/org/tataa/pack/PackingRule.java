package org.tataa.pack;

import org.tataa.graph.Node;

/** Packs one node. */
interface PackingRule {
  /**
   * Adds what the packed graph has instead of the items' nodes, and notes the form of its value.
   *
   * @throws PackingException if there is no such thing
   */
  void pack(PackContext context, Node node);
}
