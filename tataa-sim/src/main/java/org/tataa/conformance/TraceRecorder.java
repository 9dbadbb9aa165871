package org.tataa.conformance;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.BufferStore;
import org.tataa.isa.ConfigConst;
import org.tataa.isa.ConfigScale;
import org.tataa.isa.Halt;
import org.tataa.isa.Instruction;
import org.tataa.isa.LoadM;
import org.tataa.isa.LoadV;
import org.tataa.isa.MatMul;
import org.tataa.isa.Nop;
import org.tataa.isa.Operand;
import org.tataa.isa.Store;
import org.tataa.isa.VectorOp;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.UnitKind;

/** Records a run in the vocabulary of the golden traces. */
final class TraceRecorder implements CoreObserver {
  private static final int BUSY_SET = 1;

  private final Map<Integer, Long> accepts = new HashMap<>();
  private final Map<Integer, Long> starts = new HashMap<>();
  private final Map<Integer, Long> dones = new HashMap<>();
  private final Map<Long, List<String>> events = new TreeMap<>();
  private final BusyFlag store = new BusyFlag();
  private final BusyFlag exec = new BusyFlag();
  private final BusyFlag loadX = new BusyFlag();
  private final BusyFlag loadY = new BusyFlag();
  private boolean started;
  private long latencyCycles;
  private int accepted;
  private int loadYDone;
  private int execDone;
  private int storeDone;

  /** A flag of the scoreboard: set one cycle after an accept, cleared some cycles after a done. */
  private static final class BusyFlag {
    private final TreeMap<Long, Boolean> changes = new TreeMap<>();

    void set(long cycle) {
      changes.put(cycle, true);
    }

    void clear(long cycle) {
      changes.putIfAbsent(cycle, false);
    }

    boolean at(long cycle) {
      Map.Entry<Long, Boolean> last = changes.floorEntry(cycle);
      return last != null && last.getValue();
    }
  }

  long accept(int index) {
    return accepts.getOrDefault(index, -1L);
  }

  long start(int index) {
    return starts.getOrDefault(index, -1L);
  }

  long done(int index) {
    return dones.getOrDefault(index, -1L);
  }

  Map<Long, List<String>> events() {
    return events;
  }

  /** The released latency counter. */
  long latencyCycles() {
    return latencyCycles;
  }

  /**
   * The released status register: stores, executions, Y loads done and instructions, modulo 256.
   */
  int status() {
    return (storeDone & 0xff) << 24
        | (execDone & 0xff) << 16
        | (loadYDone & 0xff) << 8
        | (accepted & 0xff);
  }

  private void event(long cycle, String name) {
    events.computeIfAbsent(cycle, key -> new ArrayList<>()).add(name);
  }

  @Override
  public void onAccept(long cycle, int index, Instruction instruction) {
    accepts.put(index, cycle);
    if (instruction instanceof Nop) {
      return;
    }
    boolean config =
        instruction instanceof ConfigScale
            || instruction instanceof ConfigConst
            || instruction instanceof Halt;
    // The first instruction starts the latency counter; if it is a CONFIG it also clears the
    // status.
    boolean clearsStatus = config && !started;
    started = true;
    accepted += clearsStatus ? 0 : 1;
    BusyFlag flag = flagOf(instruction);
    if (flag != null) {
      flag.set(cycle + BUSY_SET);
    }
  }

  private @Nullable BusyFlag flagOf(Instruction instruction) {
    if (instruction instanceof LoadM load) {
      return load.operand() == Operand.X ? loadX : loadY;
    } else if (instruction instanceof LoadV load) {
      return load.bank().ordinal() == 0 ? loadX : loadY;
    } else if (instruction instanceof MatMul || instruction instanceof VectorOp) {
      return exec;
    }
    return instruction instanceof BufferStore ? store : null;
  }

  @Override
  public void onStart(long cycle, int index, UnitKind unit) {
    starts.put(index, cycle);
    switch (unit) {
      case LOAD_X -> event(cycle, "mm2s_cmd_xi");
      case LOAD_Y -> event(cycle, "mm2s_cmd_yi");
      default -> event(cycle, unit.name().toLowerCase(Locale.ROOT) + "_start");
    }
  }

  @Override
  public void onStoreCommand(long cycle, int index) {
    event(cycle, "s2mm_cmd_zo");
  }

  @Override
  public void onDone(long cycle, int index, UnitKind unit) {
    dones.put(index, cycle);
    switch (unit) {
      case LOAD_X -> {
        event(cycle, "loadx_done");
        loadX.clear(cycle + busyClear());
      }
      case LOAD_Y -> {
        event(cycle, "loady_done");
        loadY.clear(cycle + busyClear());
        loadYDone++;
      }
      case EXEC -> {
        event(cycle, "exec_done");
        exec.clear(cycle + busyClear());
        execDone++;
      }
      default -> {
        event(cycle, "store_done");
        store.clear(cycle + busyClear());
        storeDone++;
      }
    }
  }

  private static int busyClear() {
    return TataaConfig.u280().timing().busyClearLatency();
  }

  @Override
  public void onOutputBeat(long cycle, int index, int beat, int beats) {
    if (beat == 0) {
      event(cycle, "zo_first_beat");
    }
    if (beat == beats - 1) {
      event(cycle, "zo_last_beat");
    }
  }

  /** Ends the recording: derives the scoreboard flags and the status register. */
  void close(TataaCore core) {
    String before = busy(-1);
    long end = core.cycle() + 2L * busyClear();
    for (long cycle = 0; cycle <= end; cycle++) {
      String now = busy(cycle);
      if (!now.equals(before)) {
        event(cycle, now);
        before = now;
      }
    }
    latencyCycles = core.controller().latencyCycles();
  }

  private String busy(long cycle) {
    return "busy store="
        + digit(store, cycle)
        + " exec="
        + digit(exec, cycle)
        + " loadx="
        + digit(loadX, cycle)
        + " loady="
        + digit(loadY, cycle);
  }

  private static int digit(BusyFlag flag, long cycle) {
    return flag.at(cycle) ? 1 : 0;
  }

  /** End of the memory an instruction touches, in bytes; 0 if none. */
  static long addressEnd(Instruction instruction) {
    if (instruction instanceof LoadM load) {
      return load.address() + load.bytes();
    } else if (instruction instanceof LoadV load) {
      return load.address() + load.bytes();
    } else if (instruction instanceof Store store) {
      return store.address() + store.bytes();
    }
    return 0;
  }
}
