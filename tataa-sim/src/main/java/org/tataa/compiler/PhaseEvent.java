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
  @Label("Model")
  String model;

  @Label("Phase")
  String phase;

  PhaseEvent(String model, String phase) {
    this.model = model;
    this.phase = phase;
  }
}
