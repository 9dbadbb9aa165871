package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.compiler.CompilerOptions;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Assembler;
import org.tataa.sim.CancelledException;
import org.tataa.sim.Engine;
import org.tataa.sim.HostOptions;
import org.tataa.sim.HostThreads;
import org.tataa.sim.Simulator;

/** Whoever interrupts the thread that waits for a result has it back within a second. */
class CancellationTest {
  /** A quiet host needs well below a second, a busy one more; what is interrupted lasts longer. */
  private static final long MOST_MILLIS = 10_000;

  // Repeats work on a thread, however fast the host is, interrupts it, and demands its end.
  private static void check(Runnable work, long afterMillis) throws InterruptedException {
    AtomicReference<Throwable> end = new AtomicReference<>();
    AtomicReference<Boolean> isInterrupted = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                while (true) {
                  work.run();
                }
              } catch (RuntimeException | Error e) {
                end.set(e);
              }
              isInterrupted.set(Thread.currentThread().isInterrupted());
            });
    thread.start();
    thread.join(afterMillis);
    assertThat(thread.isAlive()).as("ended before it was interrupted: %s", end.get()).isTrue();
    long start = System.nanoTime();
    thread.interrupt();
    thread.join(60_000);
    long millis = (System.nanoTime() - start) / 1_000_000;
    assertThat(thread.isAlive()).isFalse();
    assertThat(end.get()).isInstanceOf(CancelledException.class);
    assertThat(isInterrupted.get()).as("the interrupt is consumed").isFalse();
    assertThat(millis).isLessThan(MOST_MILLIS);
  }

  @ParameterizedTest
  @EnumSource
  void aProgram(Engine engine) throws InterruptedException {
    String text =
        """
        .repeat 500000
        MATMUL x=0, y=0, depth=512, clear
        .end
        """;
    Simulator simulator =
        Simulator.builder(TataaConfig.u280().withCores(2))
            .program(Assembler.assemble(text, "long"))
            .engine(engine)
            .build();
    check(simulator::run, 100);
  }

  /** With one thread, and with others that are not interrupted themselves. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aBatch(int threads) throws InterruptedException {
    Workloads.Workload workload = Workloads.small().get("bert-small-1").get();
    ModelSession session =
        new ModelSession(TataaConfig.u280(), workload.model(), Set.of(), CompilerOptions.DEFAULT);
    session.calibrate(List.of(workload.inputs()), (done, of) -> {});
    session.use(new HostOptions(Engine.FAST_FORWARD, threads));
    check(
        () -> session.run(Collections.nCopies(20_000, workload.inputs()), false, (done, of) -> {}),
        1000);
    // The session is as good as new.
    BatchResult result = session.run(List.of(workload.inputs()), false, (done, of) -> {});
    assertThat(result.items()).hasSize(1);
  }

  @Test
  void theCallerWaitsForOthers() throws InterruptedException {
    CountDownLatch started = new CountDownLatch(1);
    check(
        () ->
            HostThreads.forEach(
                2,
                2,
                i -> {
                  boolean isOther = Thread.currentThread().getName().contains("ForkJoinPool");
                  if (isOther) {
                    started.countDown();
                  }
                  // The caller has done its own part when it is interrupted.
                  while (isOther || started.getCount() > 0) {
                    HostThreads.check();
                    Thread.onSpinWait();
                  }
                }),
        200);
    check(
        () -> {
          Supplier<Object> result =
              HostThreads.begin(
                  () -> {
                    while (true) {
                      HostThreads.check();
                      Thread.onSpinWait();
                    }
                  });
          assertThat(result.get()).isNull();
        },
        200);
  }

  @Test
  void anInterruptThatWasThereBefore() {
    Thread.currentThread().interrupt();
    Map<String, Object> reached = new java.util.HashMap<>();
    try {
      HostThreads.forEach(3, 1, i -> reached.put("number " + i, i));
    } catch (CancelledException e) {
      reached.put("cancelled", e);
    }
    assertThat(reached).containsOnlyKeys("cancelled");
    assertThat(Thread.interrupted()).isFalse();
  }
}
