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
import org.tataa.isa.Program;
import org.tataa.isa.ProgramBuilder;
import org.tataa.isa.StoreMode;
import org.tataa.numeric.LaneOp;
import org.tataa.sim.Engine;

/**
 * How many bfloat16 lane operations per second does a whole u280 core reach, computing only, or
 * with the loads and stores of every operand and result?
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class VectorBenchmark {
  private static final int BATCH = 8;
  private static final int BATCHES = 200;
  private static final int LANES = 128;
  private static final int VECTOR_BYTES = 2 * LANES;
  private static final int OPERATIONS = BATCHES * BATCH * LANES;

  /** The operation; both: batches in turn, with a mode switch between them. */
  @Param({"MUL", "ADD", "both"})
  String op = "MUL";

  /** Whether operands are loaded and results stored for every batch. */
  @Param({"false", "true"})
  boolean transfers;

  /** How the simulator gets from cycle to cycle. */
  @Param({"FAST_FORWARD", "STEPPING"})
  Engine engine = Engine.FAST_FORWARD;

  private @Nullable CoreRun core;

  /** Operands and program. */
  @Setup
  public void setup() {
    CoreRun run = new CoreRun(engine, program(), 2 * BATCH * LANES);
    run.run();
    if (run.laneOperations() != OPERATIONS) {
      throw new IllegalStateException("lane operations " + run.laneOperations());
    }
    core = run;
  }

  private Program program() {
    ProgramBuilder program = new ProgramBuilder();
    load(program);
    for (int batch = 0; batch < BATCHES; batch++) {
      LaneOp now =
          op.equals("both") ? (batch % 2 == 0 ? LaneOp.MUL : LaneOp.ADD) : LaneOp.valueOf(op);
      for (int i = 0; i < BATCH; i++) {
        if (transfers) {
          program.vectorToDmb(now, OperandSelect.A_B, i, i, 0);
        } else {
          program.vector(now, OperandSelect.A_B, i, i, 0, Bank.A, BATCH + i);
        }
      }
      if (transfers) {
        program.store(StoreMode.BF16_TO_BF16, false, BATCH * 8, 1 << 20, BATCH * VECTOR_BYTES);
        load(program);
      }
    }
    return program.halt().build();
  }

  private static void load(ProgramBuilder program) {
    for (int i = 0; i < BATCH; i++) {
      program.loadV(Bank.A, i, (long) i * VECTOR_BYTES, VECTOR_BYTES);
      program.loadV(Bank.B, i, (long) (BATCH + i) * VECTOR_BYTES, VECTOR_BYTES);
    }
  }

  /** Runs {@value #OPERATIONS} lane operations. */
  @Benchmark
  @OperationsPerInvocation(OPERATIONS)
  public long laneOperations() {
    if (core == null) {
      throw new IllegalStateException("not set up");
    }
    return core.run();
  }
}
