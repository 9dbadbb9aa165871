package org.tataa.compiler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tataa.graph.NdTensor;
import org.tataa.machine.CoreMachine;
import org.tataa.numeric.Bfloat16;
import org.tataa.schedule.Schedule;
import org.tataa.sim.FlightEvents;
import org.tataa.tensor.Element;
import org.tataa.tile.HostExecutor;
import org.tataa.tile.StoredValue;
import org.tataa.tile.TileStep;

/** Makes a report of every step of a run. */
final class StepReports implements ScheduleRun.Observer {
  private final CompiledModel model;
  private final List<CompiledModel.StepReport> list = new ArrayList<>();
  private final HostExecutor.Memory memory;
  private final ReadableValues values;
  private final Map<String, NdTensor> reference;
  private final CompiledModel.Observer observer;

  /** Worst cosine of the values a step completes. */
  private final Map<Integer, Double> cosines = new HashMap<>();

  private final Map<Integer, StepEvent> events = new HashMap<>();

  StepReports(
      CompiledModel model,
      HostExecutor.Memory memory,
      Map<String, NdTensor> reference,
      CompiledModel.Observer observer) {
    this.model = model;
    this.memory = memory;
    this.reference = reference;
    this.observer = observer;
    values = new ReadableValues(model.levels().schedule());
  }

  /** The reports, in order of the steps. */
  List<CompiledModel.StepReport> list() {
    return list;
  }

  @Override
  public void begins(Schedule.Segment segment, int number) {
    if (barrier(segment, number) > 0) {
      observer.barrier(barrier(segment, number));
    }
    TileStep step = model.step(number);
    observer.begins(number, step.work().value(), step.work().kind().name());
    StepEvent event = FlightEvents.begun(StepEvent::new);
    if (event != null) {
      event.value = step.work().value();
      event.kind = step.work().kind().name();
      events.put(number, event);
    }
  }

  @Override
  public void accepted(int number, int stored) {
    StepEvent event = events.get(number);
    if (event != null) {
      event.end();
    }
    if (!reference.isEmpty()) {
      values.accepted(number, stored).forEach(this::compare);
    }
  }

  @Override
  public void ended(long cycles) {
    observer.ended(cycles);
  }

  @Override
  public void done(Schedule.Segment segment, int number, CoreMachine.Cost cost, long hostBytes) {
    TileStep step = model.step(number);
    StepEvent event = events.remove(number);
    if (event != null) {
      event.cycles = cost.cycles();
      event.commit();
    }
    CompiledModel.StepReport report =
        new CompiledModel.StepReport(
            step.work().value(),
            step.work().kind().name(),
            model.function(step),
            cost.cycles(),
            cost.cycles() > 0 ? barrier(segment, number) : 0,
            step.work().macs(),
            model.bound(segment, number),
            hostBytes,
            CompiledModel.tiling(step),
            cosines.getOrDefault(number, Double.NaN),
            cost.counters(),
            cost.cores());
    list.add(report);
    observer.done(report);
  }

  // What is not a number in the reference belongs to nobody, as padding of a pack.
  private void compare(StoredValue stored) {
    NdTensor expected = reference.get(stored.value().name());
    if (stored.value().element() != Element.BF16
        || expected == null
        || expected.size() != stored.value().size()) {
      return;
    }
    short[] bits = HostExecutor.elements(memory.read(stored.buffer()), stored.layout(), 2);
    float[] wanted = expected.floats().clone();
    float[] actual = new float[bits.length];
    boolean isAnybodys = false;
    for (int i = 0; i < actual.length; i++) {
      if (Float.isNaN(wanted[i])) {
        wanted[i] = 0;
      } else {
        isAnybodys = true;
        actual[i] = Bfloat16.toFloat(bits[i] & 0xffff);
      }
    }
    if (isAnybodys) {
      cosines.merge(stored.step(), CompiledModel.cosine(actual, wanted), Math::min);
    }
  }

  // Cycles of the barrier before a step.
  private static long barrier(Schedule.Segment segment, int step) {
    return segment instanceof Schedule.Device device && step == device.firstStep()
        ? device.barrierCycles()
        : 0;
  }
}
