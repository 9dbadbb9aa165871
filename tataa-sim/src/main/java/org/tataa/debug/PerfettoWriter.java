package org.tataa.debug;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a timeline in the JSON event format that ui.perfetto.dev reads. A clock cycle is shown as
 * a nanosecond. Processes are cores, threads are their units. Only a window of cycles is written:
 * slices are cut at its ends.
 */
public final class PerfettoWriter implements AutoCloseable {
  private static final double CYCLES_PER_MICROSECOND = 1000;

  private final JsonGenerator json;
  private final long from;
  private final long to;
  private final Map<String, Integer> tracks = new HashMap<>();

  /**
   * Starts a file.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public PerfettoWriter(Writer out) {
    this(out, 0, Long.MAX_VALUE);
  }

  /**
   * Starts a file of a window.
   *
   * @param from first cycle
   * @param to the cycle after the last
   * @throws UncheckedIOException if it cannot be written
   */
  public PerfettoWriter(Writer out, long from, long to) {
    this.from = from;
    this.to = to;
    try {
      json = new JsonFactory().createGenerator(out);
      json.writeStartObject();
      json.writeStringField("displayTimeUnit", "ns");
      json.writeArrayFieldStart("traceEvents");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int thread(int core, String unit) throws IOException {
    Integer known = tracks.get(core + "/" + unit);
    if (known != null) {
      return known;
    }
    if (tracks.keySet().stream().noneMatch(track -> track.startsWith(core + "/"))) {
      name("process_name", core, 0, "core" + core);
    }
    int thread = tracks.size() + 1;
    tracks.put(core + "/" + unit, thread);
    name("thread_name", core, thread, unit);
    return thread;
  }

  private void name(String what, int core, int thread, String name) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", what);
    json.writeStringField("ph", "M");
    json.writeNumberField("pid", core);
    json.writeNumberField("tid", thread);
    json.writeObjectFieldStart("args");
    json.writeStringField("name", name);
    json.writeEndObject();
    json.writeEndObject();
  }

  /**
   * Something that took time.
   *
   * @param unit the track within a core
   * @param cycle first cycle
   * @param cycles duration
   * @param details shown when it is selected: texts and numbers
   */
  public void slice(
      int core, String unit, String name, long cycle, long cycles, Map<String, Object> details) {
    slice(core, unit, 0, name, cycle, cycles, details);
  }

  /**
   * Something that took time, of a unit that does several things at once.
   *
   * @param unit what it is a slice of
   * @param lane number of the track among those of the unit; slices of a track do not overlap
   * @param start first cycle
   * @param duration in cycles
   * @param details shown when it is selected: texts and numbers
   */
  public void slice(
      int core,
      String unit,
      int lane,
      String name,
      long start,
      long duration,
      Map<String, Object> details) {
    long cycle = Math.max(from, start);
    long cycles = Math.min(to, start + duration) - cycle;
    if (cycles <= 0) {
      return;
    }
    try {
      int thread = thread(core, lane == 0 ? unit : unit + " " + (lane + 1));
      json.writeStartObject();
      json.writeStringField("name", name);
      json.writeStringField("cat", unit);
      json.writeStringField("ph", "X");
      json.writeNumberField("ts", cycle / CYCLES_PER_MICROSECOND);
      json.writeNumberField("dur", cycles / CYCLES_PER_MICROSECOND);
      json.writeNumberField("pid", core);
      json.writeNumberField("tid", thread);
      json.writeObjectFieldStart("args");
      json.writeNumberField("cycle", cycle);
      json.writeNumberField("cycles", cycles);
      for (Map.Entry<String, Object> detail : new TreeMap<>(details).entrySet()) {
        json.writeObjectField(detail.getKey(), detail.getValue());
      }
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A number that changes over time. */
  public void counter(int core, String name, long cycle, double value) {
    if (cycle < from || cycle >= to) {
      return;
    }
    try {
      json.writeStartObject();
      json.writeStringField("name", name);
      json.writeStringField("ph", "C");
      json.writeNumberField("ts", cycle / CYCLES_PER_MICROSECOND);
      json.writeNumberField("pid", core);
      json.writeObjectFieldStart("args");
      json.writeNumberField("value", value);
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      json.writeEndArray();
      json.writeEndObject();
      json.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
