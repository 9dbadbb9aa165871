package org.tataa.observe;

/** The units of a core whose cycles are accounted for. */
public enum UnitKind {
  /** Fetch, scoreboard and in-order issue. */
  CONTROLLER,
  /** Data mover of the X port: RFX tiles and bank A. */
  LOAD_X,
  /** Read side of the YZ port: RFY tiles and bank B. */
  LOAD_Y,
  /** The PE array, in either mode. */
  EXEC,
  /** DMB read, requantiser and transpose. */
  STORE,
  /** Output FIFO and the write side of the YZ port. */
  OUTPUT
}
