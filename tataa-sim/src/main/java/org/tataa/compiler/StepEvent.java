package org.tataa.compiler;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Flight recorder event: a step of a model was executed. */
@Name("org.tataa.Step")
@Label("Model step")
@Category("tataa")
@StackTrace(false)
final class StepEvent extends Event {
  @Label("Value")
  String value = "";

  @Label("Kind")
  String kind = "";

  @Label("Cycles")
  long cycles;
}
