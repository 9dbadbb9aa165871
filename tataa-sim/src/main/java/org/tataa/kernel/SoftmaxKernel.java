package org.tataa.kernel;

import java.util.ArrayList;
import java.util.List;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.isa.ProgramBuilder;
import org.tataa.memory.ExternalMemory;
import org.tataa.numeric.Bfloat16;
import org.tataa.sim.RunResult;
import org.tataa.sim.Simulator;

/**
 * SoftMax over the rows of a bfloat16 matrix on all cores: row maximum subtracted, cubic
 * exponential, pairwise sums (functions.md, SoftMax). Needs ISA profile EXTENDED.
 */
public final class SoftmaxKernel {
  private final TataaConfig config;
  private final int rows;
  private final int features;
  private final int padded;
  private final RowGroups groups;
  private final SoftmaxEmitter.Plan[] plans;
  private final List<Program> programs = new ArrayList<>();

  /**
   * Plans a SoftMax of {@code [rows][features]}.
   *
   * @throws IllegalArgumentException if a size is not positive or the machine is too small
   */
  public SoftmaxKernel(TataaConfig config, int rows, int features) {
    if (rows <= 0 || features <= 0) {
      throw new IllegalArgumentException(
          "rows=" + rows + ", features=" + features + " must be positive");
    }
    this.config = config;
    this.rows = rows;
    this.features = features;
    int chunk = config.geometry().dmpus();
    padded = Layouts.parts(features, chunk) * chunk;
    groups = new RowGroups(config, rows);
    plans = new SoftmaxEmitter.Plan[groups.groups().size()];
    long vector = config.geometry().vectorBytes();
    for (int core = 0; core < config.cores(); core++) {
      Arena arena = new Arena(config);
      ProgramBuilder program = new ProgramBuilder();
      SoftmaxEmitter emitter = new SoftmaxEmitter(config, program, false);
      emitter.constants();
      for (int group : groups.on(core)) {
        plans[group] =
            new SoftmaxEmitter.Plan(
                padded,
                1,
                arena.take("input of SoftMax", padded * vector),
                false,
                padded == features ? -1 : arena.take("mask of SoftMax", chunk * vector),
                padded / chunk - 1,
                arena.take("exponentials of SoftMax", padded * vector),
                arena.take("reciprocals of SoftMax", Math.max(2, chunk) * vector),
                arena.take("result of SoftMax", padded * vector),
                -1);
        emitter.emit(plans[group], SoftmaxEmitter.Output.BF16);
      }
      programs.add(program.halt().build());
    }
  }

  /** The programs, one per core. */
  public List<Program> programs() {
    return List.copyOf(programs);
  }

  /**
   * Writes the input into the memories of all cores.
   *
   * @param x {@code [rows][features]} bfloat16 patterns
   * @throws IllegalArgumentException if the length does not match
   */
  public void place(Simulator simulator, int[] x) {
    if (x.length != rows * features) {
      throw new IllegalArgumentException(
          "X has " + x.length + " values, expected " + rows * features);
    }
    // Padding repeats a real feature, so that it never is the maximum by itself, and is masked.
    int[] wide = new int[rows * padded];
    for (int row = 0; row < rows; row++) {
      for (int feature = 0; feature < padded; feature++) {
        wide[row * padded + feature] = x[row * features + Math.min(feature, features - 1)];
      }
    }
    for (int i = 0; i < plans.length; i++) {
      RowGroups.Group group = groups.groups().get(i);
      ExternalMemory memory = simulator.memory(group.core());
      memory.write(
          ExternalMemory.Space.X, plans[i].input(), groups.vectors(group, wide, padded, 0));
      if (plans[i].mask() >= 0) {
        memory.write(ExternalMemory.Space.YZ, plans[i].mask(), mask());
      }
    }
  }

  /** Places the input, runs the programs to their end and returns what happened. */
  public RunResult run(Simulator simulator, int[] x) {
    place(simulator, x);
    simulator.load(programs);
    return simulator.run();
  }

  private byte[] mask() {
    int chunk = config.geometry().dmpus();
    int lanes = config.geometry().lanes();
    int[] ones = new int[chunk * lanes];
    java.util.Arrays.fill(ones, 0, (features - (padded - chunk)) * lanes, Bfloat16.ONE);
    return Layouts.bf16Bytes(ones);
  }

  /**
   * The result.
   *
   * @return {@code [rows][features]} bfloat16 patterns
   */
  public int[] collect(Simulator simulator) {
    int[] wide = new int[rows * padded];
    for (int i = 0; i < plans.length; i++) {
      RowGroups.Group group = groups.groups().get(i);
      byte[] vectors =
          simulator
              .memory(group.core())
              .read(
                  ExternalMemory.Space.YZ,
                  plans[i].output(),
                  padded * config.geometry().vectorBytes());
      groups.extract(group, vectors, padded, wide);
    }
    int[] result = new int[rows * features];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(wide, row * padded, result, row * features, features);
    }
    return result;
  }
}
