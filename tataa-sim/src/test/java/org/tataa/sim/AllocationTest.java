package org.tataa.sim;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.Assembler;

/** No engine allocates anything while it runs. */
class AllocationTest {
  private static final int REPEATS = 20_000;

  private static TataaCore start(Engine engine) {
    TataaCore core = engine.core(TataaConfig.u280().withCores(1));
    core.load(
        Assembler.assemble(
            ".repeat "
                + REPEATS
                + "\nLOAD.M X, tile=0, depth=64, addr=0\nLOAD.M Y, tile=0, depth=64, addr=0\n"
                + "MATMUL x=0, y=0, depth=64, clear, drain\nSTORE.M bf16, words=32, addr=8192\n"
                + "LOAD.V A0, addr=0\nLOAD.V B0, addr=0\nV.MUL A0, B0 -> A1\nV.ADD A0, B0 -> DMB\n"
                + "V.EXP2I A0 -> A2\nSTORE.V int8, words=8, addr=16384\n.end",
            "test.s"));
    return core;
  }

  private static void demandNone(TataaCore core, long warmUp, long cycles, Runnable run) {
    while (core.cycle() < warmUp) {
      run.run();
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().getId();
    long before = threads.getThreadAllocatedBytes(id);
    while (core.cycle() < warmUp + cycles) {
      run.run();
    }
    long allocated = threads.getThreadAllocatedBytes(id) - before;
    assertThat(core.isFinished()).isFalse();
    // Reading the counter itself may allocate a little; so many cycles may not.
    assertThat(allocated).isLessThan(4096);
  }

  @Test
  void steppingAllocatesNothing() {
    TataaCore core = start(Engine.STEPPING);
    demandNone(core, 100_000, 40_000, core::tick);
  }

  @Test
  void registersAllocateNothing() {
    TataaCore core = start(Engine.REGISTER);
    demandNone(core, 40_000, 40_000, core::tick);
  }

  @Test
  void fastForwardAllocatesNothing() {
    TataaCore core = start(Engine.FAST_FORWARD);
    assertThat(core.fastForwards()).isTrue();
    // Stops in the middle of everything included.
    demandNone(core, 4_000_000, 1_000_000, () -> core.advance(997));
  }
}
