package org.tataa.schedule;

/** A tile program does not fit the machine's registers or memory. */
public final class ScheduleException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /** With a message that names the buffer, what it has and what is needed. */
  public ScheduleException(String message) {
    super(message);
  }
}
