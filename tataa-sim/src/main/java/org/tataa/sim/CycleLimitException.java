package org.tataa.sim;

/** A run reached its cycle limit before it was finished. */
public final class CycleLimitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The limit in cycles. */
  private final long limit;

  CycleLimitException(long limit, String state) {
    super("cycle limit " + limit + " reached before the run finished" + '\n' + state);
    this.limit = limit;
  }

  /** {@return the limit in cycles} */
  public long limit() {
    return limit;
  }
}
