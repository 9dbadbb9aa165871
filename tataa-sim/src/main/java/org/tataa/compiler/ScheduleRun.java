package org.tataa.compiler;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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
import org.tataa.tile.HostStep;
import org.tataa.tile.StateTransfer;

/** Executes a schedule on its cores. */
public final class ScheduleRun implements HostExecutor.Memory {
  /** Hears of every segment. */
  public interface Observer {
    /** A segment begins. */
    default void begins(Schedule.Segment segment) {}

    /**
     * A segment is done.
     *
     * @param cost cycles and counters, barrier included; zero for the host's work
     * @param hostBytes bytes the host moved
     */
    void done(Schedule.Segment segment, CoreMachine.Cost cost, long hostBytes);
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
   * @param observer hears of segments, or null
   * @return values of the outputs by name
   */
  public Map<String, NdTensor> run(Map<Value, NdTensor> inputs, @Nullable Observer observer) {
    HostExecutor host = new HostExecutor(this, inputs);
    CoreMachine.Cost nothing = new CoreMachine.Cost(0, List.of());
    for (Schedule.Segment segment : schedule.segments()) {
      if (observer != null) {
        observer.begins(segment);
      }
      CoreMachine.Cost cost = nothing;
      long bytes = 0;
      if (segment instanceof Schedule.Device device) {
        cost = machine.run(device.programs()).plusBarrier(device.barrierCycles());
      } else {
        HostStep step = ((Schedule.Host) segment).step();
        bytes = host.execute(step);
      }
      if (observer != null) {
        observer.done(segment, cost, bytes);
      }
    }
    return host.outputs(schedule.tiles().outputs());
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
