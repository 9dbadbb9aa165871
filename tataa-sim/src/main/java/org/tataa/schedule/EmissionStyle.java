package org.tataa.schedule;

/**
 * Where loads and stores are put between the operations.
 *
 * @param isLate whether a STORE waits for a change of operation type, or until its words are in the
 *     way
 * @param haste steps before its first use from which on a load is issued although an operation
 *     could be
 */
record EmissionStyle(boolean isLate, int haste) {
  static final EmissionStyle EARLY = new EmissionStyle(false, Integer.MAX_VALUE);
  static final EmissionStyle LATE = new EmissionStyle(true, Integer.MAX_VALUE);

  EmissionStyle withHaste(int steps) {
    return new EmissionStyle(isLate, steps);
  }
}
