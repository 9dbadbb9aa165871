package org.tataa.sim;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tataa.cli.ChildJvm;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.Assembler;

/**
 * No engine allocates anything while it runs. Runs in a JVM of its own, in plain Java, with the
 * compiler that removes no allocations: vector instructions allocate until they are compiled, and
 * the JVM does when it takes back what it assumed.
 */
class AllocationTest {
  private static final String PROGRAM =
      ".repeat 20000\n"
          + "LOAD.M X, tile=0, depth=64, addr=0\n"
          + "LOAD.M Y, tile=0, depth=64, addr=0\n"
          + "MATMUL x=0, y=0, depth=64, clear, drain\n"
          + "STORE.M bf16, words=32, addr=8192\n"
          + "LOAD.V A0, addr=0\n"
          + "LOAD.V B0, addr=0\n"
          + "V.MUL A0, B0 -> A1\n"
          + "V.ADD A0, B0 -> DMB\n"
          + "V.EXP2I A0 -> A2\n"
          + "STORE.V int8, words=8, addr=16384\n"
          + ".end";

  /** Prints how many bytes an engine allocates within some cycles. */
  static final class Run {
    private static final int WARM_UP = 50_000;

    private Run() {}

    /**
     * Runs.
     *
     * @param arguments an engine
     */
    public static void main(String[] arguments) {
      Engine engine = Engine.valueOf(arguments[0]);
      TataaCore core = engine.core(TataaConfig.u280().withCores(1));
      core.load(Assembler.assemble(PROGRAM, "test.s"));
      boolean forwards = engine == Engine.FAST_FORWARD;
      if (forwards && !core.fastForwards()) {
        throw new IllegalStateException("this core does not fast-forward");
      }
      until(core, WARM_UP, forwards);
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long id = Thread.currentThread().getId();
      long before = threads.getThreadAllocatedBytes(id);
      until(core, WARM_UP + (forwards ? 1_000_000 : 40_000), forwards);
      long allocated = threads.getThreadAllocatedBytes(id) - before;
      System.out.println(core.isFinished() ? "finished" : allocated);
    }

    private static void until(TataaCore core, long cycle, boolean forwards) {
      while (core.cycle() < cycle) {
        if (forwards) {
          // Stops in the middle of everything included.
          core.advance(997);
        } else {
          core.tick();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsAllocated(Engine engine) throws IOException {
    Process process =
        new ProcessBuilder(
                ChildJvm.java(
                    List.of("-Dtataa.simd=scalar", "-XX:TieredStopAtLevel=1"),
                    Run.class.getName(),
                    engine.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String out =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(out).matches("[0-9]+");
    // Reading the counter itself may allocate a little; so many cycles may not.
    assertThat(Long.parseLong(out)).isLessThan(4096);
  }
}
