package org.tataa.compiler;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tataa.graph.NdTensor;
import org.tataa.machine.CoreMachine;
import org.tataa.schedule.Schedule;
import org.tataa.tensor.HostValues;
import org.tataa.tensor.InputOp;
import org.tataa.tensor.StateValues;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.Value;
import org.tataa.tile.Buffer;
import org.tataa.tile.HostExecutor;
import org.tataa.tile.StateTransfer;

/** Executes a schedule on its cores. */
public final class ScheduleRun implements HostExecutor.Memory {
  /** Hears of every step. */
  public interface Observer {
    /** A step begins. */
    default void begins(Schedule.Segment segment, int step) {}

    /**
     * All instructions of a step have been accepted, none of the next one; or the host has done it.
     *
     * @param stored steps before this number have everything they store in memory
     */
    default void accepted(int step, int stored) {}

    /**
     * Programs that began together have all ended.
     *
     * @param cycles until the last one had
     */
    default void ended(long cycles) {}

    /**
     * A step is done, and all others of its segment.
     *
     * @param cost cycles and counters of the step, the barrier before it included; zero for the
     *     host's work
     * @param hostBytes bytes the host moved
     */
    default void done(Schedule.Segment segment, int step, CoreMachine.Cost cost, long hostBytes) {}
  }

  private final Schedule schedule;
  private final CoreMachine machine;

  /** A run on a machine made for {@link Schedule#core()}. */
  public ScheduleRun(Schedule schedule, CoreMachine machine) {
    this.schedule = schedule;
    this.machine = machine;
  }

  /** Loads constants, and zeros into states; once before the first run. */
  public void load() {
    for (Buffer buffer : schedule.memory().buffers()) {
      byte[] content = buffer.content();
      if (content != null) {
        machine.write(schedule.memory().address(buffer), content);
      } else if (buffer.isState()) {
        write(buffer, new byte[Math.toIntExact(buffer.bytes())]);
      }
    }
  }

  /** Has the states go on from what they held elsewhere. */
  public void load(StateValues states) {
    StateTransfer.load(schedule.tiles(), states, this);
  }

  /** Says what the states hold. */
  public void save(StateValues states) {
    StateTransfer.save(schedule.tiles(), states, this);
  }

  /**
   * Runs once.
   *
   * @param inputs HOST values of the inputs
   * @return values of the outputs by name
   */
  public Map<String, NdTensor> run(Map<Value, NdTensor> inputs) {
    return run(inputs, new Observer() {});
  }

  /**
   * As {@link #run(Map)}.
   *
   * @param observer hears of steps
   */
  public Map<String, NdTensor> run(Map<Value, NdTensor> inputs, Observer observer) {
    HostExecutor host = new HostExecutor(this, inputs);
    for (Schedule.Segment segment : schedule.segments()) {
      observer.begins(segment, segment.firstStep());
      if (segment instanceof Schedule.Device device) {
        run(device, observer);
      } else {
        long bytes = host.execute(((Schedule.Host) segment).step());
        observer.accepted(segment.firstStep(), segment.firstStep() + 1);
        observer.done(segment, segment.firstStep(), new CoreMachine.Cost(0, List.of()), bytes);
      }
    }
    return host.outputs(schedule.tiles().outputs());
  }

  private void run(Schedule.Device device, Observer observer) {
    int first = device.firstStep();
    List<CoreMachine.Cost> costs =
        machine.run(
            device.programs(),
            device.starts(),
            (number, stored) -> {
              observer.accepted(first + number, first + stored);
              if (number + 1 < device.steps()) {
                observer.begins(device, first + number + 1);
              }
            });
    observer.ended(costs.stream().mapToLong(CoreMachine.Cost::cycles).sum());
    for (int i = 0; i < costs.size(); i++) {
      long barrier = i == 0 ? device.barrierCycles() : 0;
      observer.done(device, first + i, costs.get(i).plusBarrier(barrier), 0);
    }
  }

  /** Inputs of a tensor program by value. */
  public static Map<Value, NdTensor> inputs(TensorProgram program, Map<String, NdTensor> byName) {
    Map<Value, NdTensor> inputs = new HashMap<>();
    for (TensorOp op : program.ops()) {
      if (op instanceof InputOp input) {
        inputs.put(input.result(), HostValues.input(input, byName));
      }
    }
    return inputs;
  }

  @Override
  public byte[] read(Buffer buffer) {
    byte[] content = buffer.content();
    return content != null
        ? content
        : machine.read(schedule.memory().address(buffer), Math.toIntExact(buffer.bytes()));
  }

  @Override
  public void write(Buffer buffer, int from, byte[] bytes) {
    machine.write(schedule.memory().address(buffer) + from, bytes);
  }
}
