package org.tataa.compiler;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Flight recorder event: a phase of a compilation. */
@Name("org.tataa.CompilePhase")
@Label("Compile phase")
@Category("tataa")
@StackTrace(false)
final class PhaseEvent extends Event {
  private static final System.Logger LOGGER = System.getLogger("org.tataa.compiler");

  @Label("Model")
  String model;

  @Label("Phase")
  String phase;

  private final transient long start = System.nanoTime();

  /** A phase begins. */
  PhaseEvent(String model, String phase) {
    this.model = model;
    this.phase = phase;
    begin();
  }

  /** It has ended. */
  void done() {
    end();
    commit();
    LOGGER.log(
        System.Logger.Level.DEBUG,
        () -> model + ": " + phase + " in " + (System.nanoTime() - start) / 1_000_000 + " ms");
  }
}
