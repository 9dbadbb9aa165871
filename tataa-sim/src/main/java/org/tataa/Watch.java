package org.tataa;

import java.util.ArrayList;
import java.util.List;
import org.tataa.core.TataaCore;
import org.tataa.debug.Signals;

/**
 * Follows one register of a core while it steps. {@code pc}, {@code mode}, {@code stall}, {@code
 * constant[0]}; of a PE {@code pe[row][column].} and {@code p} or a name of {@link
 * org.tataa.array.ProcessingElement}; of a bfloat16 lane {@code dmpu0.a[slot][column]}; {@code
 * rfx[tile][word][row]}, {@code rfy[tile][word][output]}, {@code x[address]}, {@code yz[address]}.
 *
 * <p>Not thread safe, as the core is not.
 */
public final class Watch {
  /**
   * A value and when it came.
   *
   * @param cycle cycles since the program began
   * @param value the bits, sign-extended where the register is signed
   * @param text as a hardware engineer reads it
   */
  public record Change(long cycle, long value, String text) {}

  private final TataaCore core;
  private final Signals signals;
  private final String register;
  private final List<Change> changes = new ArrayList<>();

  private Watch(TataaCore core, String register) {
    this.core = core;
    this.register = register;
    signals = new Signals(core.config());
    look();
  }

  /**
   * {@return a watch that has seen the value of now}
   *
   * @param core the core
   * @param register its name
   * @throws IllegalArgumentException if there is no such register, with the names there are
   */
  public static Watch of(TataaCore core, String register) {
    return new Watch(core, register);
  }

  private void look() {
    long value = signals.read(core, register);
    if (changes.isEmpty() || changes.get(changes.size() - 1).value() != value) {
      changes.add(new Change(core.cycle(), value, signals.show(core, register)));
    }
  }

  /**
   * Steps the core, and looks after every cycle, until its program is finished.
   *
   * @param limit most cycles
   * @return this watch
   * @throws org.tataa.control.SimulationException if an instruction cannot be executed
   */
  public Watch run(long limit) {
    for (long i = 0; i < limit && !core.isFinished(); i++) {
      core.tick();
      look();
    }
    return this;
  }

  /** {@return the value at the beginning and every other one since, in order} */
  public List<Change> changes() {
    return List.copyOf(changes);
  }

  @Override
  public String toString() {
    return register + " " + changes;
  }
}
