package org.tataa.sim;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Flight recorder event: programs were simulated to their end. */
@Name("org.tataa.Run")
@Label("Simulated run")
@Category("tataa")
@Description("Programs of all cores, simulated to their end")
@StackTrace(false)
final class RunEvent extends Event {
  @Label("Machine")
  String machine = "";

  @Label("Cycles")
  long cycles;

  @Label("Instructions")
  long instructions;
}
