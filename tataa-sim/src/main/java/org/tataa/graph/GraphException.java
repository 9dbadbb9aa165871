package org.tataa.graph;

/** A graph is not well formed or an operator cannot be applied; the message names the node. */
public final class GraphException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An error described by its message. */
  public GraphException(String message) {
    super(message);
  }

  /** An error with its cause. */
  public GraphException(String message, Throwable cause) {
    super(message, cause);
  }
}
