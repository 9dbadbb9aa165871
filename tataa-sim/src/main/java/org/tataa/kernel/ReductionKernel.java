package org.tataa.kernel;

import java.util.ArrayList;
import java.util.List;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.isa.ProgramBuilder;
import org.tataa.memory.ExternalMemory;
import org.tataa.numeric.LaneOp;
import org.tataa.sim.RunResult;
import org.tataa.sim.Simulator;

/**
 * Reduces the features of every row to one bfloat16 value by a pairwise tree (functions.md,
 * Reductions): a sum with ADD, an extremum with MAX or MIN.
 */
public final class ReductionKernel {
  private static final int ZERO = 7;

  private final TataaConfig config;
  private final int rows;
  private final int features;
  private final RowGroups groups;
  private final long[] xAddress;
  private final long[] resultAddress;
  private final List<Program> programs = new ArrayList<>();

  /**
   * Plans a reduction.
   *
   * @param op ADD, MAX or MIN
   * @throws IllegalArgumentException if a size is not positive, the operation cannot reduce, or a
   *     memory is too small
   */
  public ReductionKernel(TataaConfig config, LaneOp op, int rows, int features) {
    if (rows <= 0 || features <= 0) {
      throw new IllegalArgumentException(
          "rows=" + rows + ", features=" + features + " must be positive");
    }
    if (op != LaneOp.ADD && op != LaneOp.MAX && op != LaneOp.MIN) {
      throw new IllegalArgumentException("op=" + op + ", expected ADD, MAX or MIN");
    }
    this.config = config;
    this.rows = rows;
    this.features = features;
    groups = new RowGroups(config, rows);
    xAddress = new long[groups.groups().size()];
    resultAddress = new long[groups.groups().size()];
    int vector = config.geometry().vectorBytes();
    for (int core = 0; core < config.cores(); core++) {
      Arena arena = new Arena(config);
      ProgramBuilder program = new ProgramBuilder();
      VectorEmitter emitter = new VectorEmitter(config, program);
      emitter.constant(Math.min(ZERO, config.buffers().constants() - 1), 0);
      for (int group : groups.on(core)) {
        xAddress[group] = arena.take("X of the reduction", (long) features * vector);
        resultAddress[group] = arena.take("result of the reduction", vector);
        emit(emitter, op, group);
      }
      programs.add(program.halt().build());
    }
  }

  private void emit(VectorEmitter emitter, LaneOp op, int group) {
    int zero = Math.min(ZERO, config.buffers().constants() - 1);
    ReductionEmitter reduction = new ReductionEmitter(config, emitter, op, features, zero);
    VectorEmitter.Reg result = reduction.reduce(xAddress[group], config.geometry().vectorBytes());
    emitter.withConstantToDmb(LaneOp.ADD, result, zero);
    emitter.store(1, resultAddress[group]);
  }

  /** The programs, one per core. */
  public List<Program> programs() {
    return List.copyOf(programs);
  }

  /**
   * Runs the reduction.
   *
   * @param x {@code [rows][features]} bfloat16 patterns
   * @throws IllegalArgumentException if the length does not match
   */
  public RunResult run(Simulator simulator, int[] x) {
    if (x.length != rows * features) {
      throw new IllegalArgumentException(
          "X has " + x.length + " values, expected " + rows * features);
    }
    for (int i = 0; i < groups.groups().size(); i++) {
      RowGroups.Group group = groups.groups().get(i);
      simulator
          .memory(group.core())
          .write(ExternalMemory.Space.X, xAddress[i], groups.vectors(group, x, features, 0));
    }
    simulator.load(programs);
    return simulator.run();
  }

  /**
   * The result.
   *
   * @return {@code [rows]} bfloat16 patterns
   */
  public int[] collect(Simulator simulator) {
    int[] result = new int[rows];
    for (int i = 0; i < groups.groups().size(); i++) {
      RowGroups.Group group = groups.groups().get(i);
      byte[] vector =
          simulator
              .memory(group.core())
              .read(ExternalMemory.Space.YZ, resultAddress[i], config.geometry().vectorBytes());
      groups.extract(group, vector, 1, result);
    }
    return result;
  }
}
