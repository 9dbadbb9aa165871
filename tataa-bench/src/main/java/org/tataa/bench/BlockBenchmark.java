package org.tataa.bench;

import java.util.List;
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
import org.tataa.isa.Program;
import org.tataa.sim.Engine;
import org.tataa.sim.Simulator;

/**
 * How many clock cycles per second does each engine reach on one u280 core and int8 blocks? One
 * operation is one cycle; loads, stores and the controller are part of it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class BlockBenchmark {
  private static final int CYCLES = 100_000;

  /** Depth of each MATMUL. */
  @Param({"32", "384"})
  int depth;

  /** How the simulator gets from cycle to cycle. */
  @Param({"FAST_FORWARD", "STEPPING"})
  Engine engine = Engine.FAST_FORWARD;

  private Simulator simulator = Simulator.builder(TataaConfig.tiny()).build();
  private List<Program> programs = List.of();

  /** Operands and program. */
  @Setup
  public void setup() {
    simulator = Simulator.builder(TataaConfig.u280().withCores(1)).engine(engine).build();
    programs = List.of(BlockStream.load(simulator.core(0), depth, CYCLES));
  }

  /** Advances {@value #CYCLES} cycles. */
  @Benchmark
  @OperationsPerInvocation(CYCLES)
  public long cycles() {
    simulator.load(programs);
    simulator.step(CYCLES);
    return simulator.core(0).counters().macs();
  }
}
