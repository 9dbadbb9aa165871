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

/** Element-wise bfloat16 operation {@code Z = X op Y} with broadcasting of Y, on all cores. */
public final class ElementwiseKernel {
  /** How Y meets the elements of X {@code [rows][features]}. */
  public enum Broadcast {
    /** Y is {@code [rows][features]}. */
    NONE,
    /** Y is {@code [features]}: one value per column of X, a constant operand of its vector. */
    ROW,
    /** Y is {@code [rows]}: one value per row of X. */
    COLUMN,
    /** Y is one value. */
    SCALAR
  }

  private static final int COLUMN_SLOT = 0;

  private record Chunk(int first, int count, long address) {}

  private final TataaConfig config;
  private final LaneOp op;
  private final int rows;
  private final int features;
  private final Broadcast broadcast;
  private final RowGroups groups;
  private final long[] xAddress;
  private final long[] yAddress;
  private final List<List<Chunk>> results = new ArrayList<>();

  /**
   * Plans an operation.
   *
   * @param op MUL, ADD, MAX or MIN
   * @throws IllegalArgumentException if a size is not positive, the operation does not take two
   *     operands, or the memory of a core is too small
   */
  public ElementwiseKernel(
      TataaConfig config, LaneOp op, int rows, int features, Broadcast broadcast) {
    if (rows <= 0 || features <= 0) {
      throw new IllegalArgumentException(
          "rows=" + rows + ", features=" + features + " must be positive");
    }
    if (op.operands() != 2) {
      throw new IllegalArgumentException("op=" + op + ", expected MUL, ADD, MAX or MIN");
    }
    this.config = config;
    this.op = op;
    this.rows = rows;
    this.features = features;
    this.broadcast = broadcast;
    groups = new RowGroups(config, rows);
    xAddress = new long[groups.groups().size()];
    yAddress = new long[groups.groups().size()];
    int vector = config.geometry().vectorBytes();
    for (int core = 0; core < config.cores(); core++) {
      Arena arena = new Arena(config);
      for (int group : groups.on(core)) {
        xAddress[group] = arena.take("X of the operation", (long) features * vector);
        int yVectors =
            broadcast == Broadcast.NONE ? features : broadcast == Broadcast.COLUMN ? 1 : 0;
        yAddress[group] = arena.take("Y of the operation", (long) yVectors * vector);
        List<Chunk> chunks = new ArrayList<>();
        for (int first = 0; first < features; first += chunkSize()) {
          int count = Math.min(chunkSize(), features - first);
          chunks.add(
              new Chunk(first, count, arena.take("Z of the operation", (long) count * vector)));
        }
        results.add(chunks);
      }
    }
  }

  // Half of the slots, so that the next chunk can be loaded meanwhile.
  private int chunkSize() {
    int slots = config.buffers().vectorSlots() / 2;
    int words = config.maxStoreWords() / config.geometry().dmpus();
    return Math.max(1, Math.min(slots, Math.min(config.buffers().dmbDepth() / 2, words)));
  }

  /**
   * The programs, one per core.
   *
   * @param y needed for ROW and SCALAR, whose values become constants of the program
   */
  List<Program> programs(int[] y) {
    List<Program> programs = new ArrayList<>();
    for (int core = 0; core < config.cores(); core++) {
      ProgramBuilder program = new ProgramBuilder();
      for (int group : groups.on(core)) {
        emit(program, group, y);
      }
      programs.add(program.halt().build());
    }
    return programs;
  }

  private void emit(ProgramBuilder program, int group, int[] y) {
    VectorEmitter emitter = new VectorEmitter(config, program);
    List<Chunk> chunks = results.get(group);
    int half = config.buffers().vectorSlots() / 2;
    if (broadcast == Broadcast.COLUMN) {
      emitter.load(VectorEmitter.b(COLUMN_SLOT), yAddress[group]);
    } else if (broadcast == Broadcast.SCALAR) {
      emitter.constant(0, y[0]);
    }
    prefetch(emitter, group, chunks.get(0), 0);
    emitter.flushLoads();
    for (int i = 0; i < chunks.size(); i++) {
      Chunk chunk = chunks.get(i);
      int base = i % 2 * half;
      if (i + 1 < chunks.size()) {
        prefetch(emitter, group, chunks.get(i + 1), (i + 1) % 2 * half);
      }
      for (int j = 0; j < chunk.count(); j++) {
        VectorEmitter.Reg x = VectorEmitter.a(base + j);
        switch (broadcast) {
          case NONE -> emitter.opToDmb(op, x, VectorEmitter.b(base + j));
          case COLUMN -> emitter.opToDmb(op, x, VectorEmitter.b(COLUMN_SLOT));
          case SCALAR -> emitter.withConstantToDmb(op, x, 0);
          case ROW -> {
            emitter.constant(0, y[chunk.first() + j]);
            emitter.withConstantToDmb(op, x, 0);
          }
        }
      }
      emitter.flushLoads();
      emitter.store(chunk.count(), chunk.address());
    }
  }

  private void prefetch(VectorEmitter emitter, int group, Chunk chunk, int base) {
    int vector = config.geometry().vectorBytes();
    for (int j = 0; j < chunk.count(); j++) {
      long offset = (long) (chunk.first() + j) * vector;
      emitter.prefetch(VectorEmitter.a(base + j), xAddress[group] + offset);
      if (broadcast == Broadcast.NONE) {
        emitter.prefetch(VectorEmitter.b(base + j), yAddress[group] + offset);
      }
    }
  }

  private void place(Simulator simulator, int[] x, int[] y) {
    for (int i = 0; i < groups.groups().size(); i++) {
      RowGroups.Group group = groups.groups().get(i);
      ExternalMemory memory = simulator.memory(group.core());
      memory.write(ExternalMemory.Space.X, xAddress[i], groups.vectors(group, x, features, 0));
      if (broadcast == Broadcast.NONE) {
        memory.write(ExternalMemory.Space.YZ, yAddress[i], groups.vectors(group, y, features, 0));
      } else if (broadcast == Broadcast.COLUMN) {
        memory.write(ExternalMemory.Space.YZ, yAddress[i], groups.vectors(group, y, 1, 0));
      }
    }
  }

  /**
   * The result.
   *
   * @return {@code [rows][features]} bfloat16 patterns
   */
  public int[] collect(Simulator simulator) {
    int[] z = new int[rows * features];
    int vector = config.geometry().vectorBytes();
    for (int i = 0; i < groups.groups().size(); i++) {
      RowGroups.Group group = groups.groups().get(i);
      byte[] vectors = new byte[features * vector];
      for (Chunk chunk : results.get(i)) {
        byte[] stored =
            simulator
                .memory(group.core())
                .read(ExternalMemory.Space.YZ, chunk.address(), chunk.count() * vector);
        byte[] ordered = RowGroups.byVector(stored, config.geometry().dmpus(), chunk.count());
        System.arraycopy(ordered, 0, vectors, chunk.first() * vector, ordered.length);
      }
      groups.extract(group, vectors, features, z);
    }
    return z;
  }

  /**
   * Runs the operation.
   *
   * @param x {@code [rows][features]} bfloat16 patterns
   * @param y bfloat16 patterns in the shape of the broadcast
   * @throws IllegalArgumentException if a length does not match
   */
  public RunResult run(Simulator simulator, int[] x, int[] y) {
    int expected =
        switch (broadcast) {
          case NONE -> rows * features;
          case ROW -> features;
          case COLUMN -> rows;
          case SCALAR -> 1;
        };
    if (x.length != rows * features || y.length != expected) {
      throw new IllegalArgumentException(
          "X has "
              + x.length
              + " values, expected "
              + rows * features
              + "; Y has "
              + y.length
              + ", expected "
              + expected
              + " for broadcast "
              + broadcast);
    }
    place(simulator, x, y);
    simulator.load(programs(y));
    return simulator.run();
  }
}
