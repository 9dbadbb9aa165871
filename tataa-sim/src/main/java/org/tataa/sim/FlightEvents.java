package org.tataa.sim;

import java.util.function.Supplier;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/** Events of the flight recorder, which is left alone as long as nobody records. */
public final class FlightEvents {
  private FlightEvents() {}

  /**
   * An event that begins now; null if nothing was ever recorded in this JVM: the first event loads
   * the recorder, which takes a second of a cold processor.
   *
   * @param <E> class of the event
   * @param make makes the event
   * @return the event, begun, or null
   */
  public static <E extends Event> @Nullable E begun(Supplier<E> make) {
    if (!FlightRecorder.isInitialized()) {
      return null;
    }
    E event = make.get();
    event.begin();
    return event;
  }
}
