package org.tataa.sim;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.Assembler;

/** Stepping allocates nothing. */
class AllocationTest {
  @Test
  void steppingAllocatesNothing() {
    TataaCore core = new TataaCore(TataaConfig.u280().withCores(1));
    core.load(
        Assembler.assemble(
            ".repeat 2000\nLOAD.M X, tile=0, depth=64, addr=0\nLOAD.M Y, tile=0, depth=64, addr=0\n"
                + "MATMUL x=0, y=0, depth=64, clear, drain\nSTORE.M bf16, words=32, addr=8192\n"
                + "LOAD.V A0, addr=0\nLOAD.V B0, addr=0\nV.MUL A0, B0 -> A1\nV.ADD A0, B0 -> DMB\n"
                + "V.EXP2I A0 -> A2\nSTORE.V int8, words=8, addr=16384\n.end",
            "test.s"));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < 100_000; i++) {
      core.tick();
    }
    long id = Thread.currentThread().getId();
    long before = threads.getThreadAllocatedBytes(id);
    for (int i = 0; i < 40_000; i++) {
      core.tick();
    }
    long allocated = threads.getThreadAllocatedBytes(id) - before;
    assertThat(core.isFinished()).isFalse();
    // Reading the counter itself may allocate a little; 40,000 ticks may not.
    assertThat(allocated).isLessThan(4096);
  }
}
