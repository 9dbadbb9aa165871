package org.tataa.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.Program;
import org.tataa.sim.Engine;

/**
 * How many clock cycles per second does stepping one u280 core reach on int8 blocks, with registers
 * as views and with a field for each? One operation is one cycle; loads, stores and the controller
 * are part of it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SteppingBenchmark {
  private static final int CYCLES = 100_000;

  /** Depth of each MATMUL. */
  @Param({"384"})
  int depth;

  /** STEPPING or REGISTER. */
  @Param({"STEPPING", "REGISTER"})
  Engine engine = Engine.STEPPING;

  private TataaCore core = engine.core(TataaConfig.tiny());
  private Program program = Program.ofWords(new long[0]);

  /** Operands and program. */
  @Setup
  public void setup() {
    core = engine.core(TataaConfig.u280().withCores(1));
    program = BlockStream.load(core, depth, CYCLES);
  }

  /** Steps through {@value #CYCLES} cycles. */
  @Benchmark
  @OperationsPerInvocation(CYCLES)
  public long cycles() {
    core.load(program);
    for (int i = 0; i < CYCLES; i++) {
      core.tick();
    }
    return core.counters().macs();
  }
}
