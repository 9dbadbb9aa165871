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
import org.tataa.isa.ProgramBuilder;
import org.tataa.isa.StoreMode;
import org.tataa.memory.ExternalMemory;

/**
 * How many clock cycles per second does stepping one u280 core reach on int8 blocks? One operation
 * is one cycle; loads, stores and the controller are part of it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class SteppingBenchmark {
  private static final int CYCLES = 100_000;
  private static final int WORD = 32;

  /** Depth of each MATMUL. */
  @Param({"384"})
  int depth;

  private final TataaCore core = new TataaCore(TataaConfig.u280().withCores(1));
  private Program program = Program.ofWords(new long[0]);

  /** Fills memory with a fixed pattern and builds a double-buffered stream of blocks. */
  @Setup
  public void setup() {
    byte[] operands = new byte[2 * WORD * depth];
    for (int i = 0; i < operands.length; i++) {
      operands[i] = (byte) (i * 37 + (i >> 5) * 11);
    }
    core.memory().write(ExternalMemory.Space.YZ, 0, operands);
    ProgramBuilder builder = new ProgramBuilder().configScale(1, 8);
    int bytes = WORD * depth;
    builder.loadMX(0, depth, 0, bytes).loadMY(0, depth, bytes, bytes);
    for (int block = 0; block < CYCLES / (depth + 64) + 2; block++) {
      int tile = block & 1;
      builder.matmul(tile, tile, depth, true, true);
      builder.loadMX(1 - tile, depth, 0, bytes).loadMY(1 - tile, depth, bytes, bytes);
      builder.store(StoreMode.ACC_TO_INT8, false, WORD, 1 << 20, WORD * WORD);
    }
    program = builder.build();
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
