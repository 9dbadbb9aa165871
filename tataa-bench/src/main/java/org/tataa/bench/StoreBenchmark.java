package org.tataa.bench;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
import org.tataa.isa.Bank;
import org.tataa.isa.OperandSelect;
import org.tataa.isa.ProgramBuilder;
import org.tataa.isa.StoreMode;
import org.tataa.numeric.LaneOp;
import org.tataa.sim.Engine;

/**
 * How many values per second does the output path of a whole u280 core convert and store: sums and
 * bfloat16 to int8 and bfloat16? Shallow blocks and vector operations make the values.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class StoreBenchmark {
  private static final int BLOCKS = 100;
  private static final int VALUES_PER_BLOCK = 1024;
  private static final int VALUES = BLOCKS * VALUES_PER_BLOCK;
  private static final int DEPTH = 8;
  private static final int VECTORS = 8;
  private static final int WORDS = 64;

  /** Conversion. */
  @Param({"ACC_TO_INT8", "ACC_TO_BF16", "BF16_TO_INT8", "BF16_TO_BF16"})
  StoreMode mode = StoreMode.ACC_TO_INT8;

  /** How the simulator gets from cycle to cycle. */
  @Param({"FAST_FORWARD", "STEPPING"})
  Engine engine = Engine.FAST_FORWARD;

  private @Nullable CoreRun core;

  /** Operands and program. */
  @Setup
  public void setup() {
    ProgramBuilder program = new ProgramBuilder().configScale(77, 8);
    program.loadMX(0, DEPTH, 0, 32 * DEPTH);
    if (mode.fromSums()) {
      program.loadMY(0, DEPTH, 0, 32 * DEPTH);
    } else {
      program.loadV(Bank.A, 0, 0, 256).loadV(Bank.B, 0, 256, 256);
    }
    for (int block = 0; block < BLOCKS; block++) {
      if (mode.fromSums()) {
        program.matmul(0, 0, DEPTH, true, true);
      } else {
        for (int i = 0; i < VECTORS; i++) {
          program.vectorToDmb(LaneOp.ADD, OperandSelect.A_B, 0, 0, 0);
        }
      }
      int words = mode.fromSums() ? WORDS / 2 : WORDS;
      int wordBytes = mode == StoreMode.ACC_TO_BF16 ? 64 : 32;
      program.store(mode, false, words, 1 << 20, words * wordBytes);
    }
    core = new CoreRun(engine, program.halt().build(), 4096);
  }

  /** Stores {@value #VALUES} values. */
  @Benchmark
  @OperationsPerInvocation(VALUES)
  public long values() {
    if (core == null) {
      throw new IllegalStateException("not set up");
    }
    return core.run();
  }
}
