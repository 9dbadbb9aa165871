package org.tataa.sim;

import java.io.IOException;

/** A file is not a snapshot this version can restore. */
public final class SnapshotException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * What is wrong with which file.
   *
   * @param message what is wrong
   */
  public SnapshotException(String message) {
    super(message);
  }
}
