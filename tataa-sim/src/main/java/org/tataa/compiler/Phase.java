package org.tataa.compiler;

import org.jspecify.annotations.Nullable;
import org.tataa.sim.FlightEvents;

/** A phase of a compilation, for the log and the flight recorder. */
final class Phase {
  private static final System.Logger LOGGER = System.getLogger("org.tataa.compiler");

  private final String model;
  private final String name;
  private final long start = System.nanoTime();
  private final @Nullable PhaseEvent event;

  /** A phase begins. */
  Phase(String model, String name) {
    this.model = model;
    this.name = name;
    event = FlightEvents.begun(() -> new PhaseEvent(model, name));
  }

  /** It has ended. */
  void done() {
    if (event != null) {
      event.commit();
    }
    LOGGER.log(
        System.Logger.Level.DEBUG,
        () -> model + ": " + name + " in " + (System.nanoTime() - start) / 1_000_000 + " ms");
  }
}
