package org.tataa.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.tataa.config.TataaConfig;
import org.tataa.isa.StoreMode;
import org.tataa.numeric.LaneOp;
import org.tataa.tensor.Scale;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;
import org.tataa.tile.Work;

/** Makes a nest of random operations. */
final class RandomBody {
  private static final List<LaneOp> OPS =
      List.of(LaneOp.MUL, LaneOp.ADD, LaneOp.APP, LaneOp.MAX, LaneOp.FLOOR);

  private final Random random;
  private final TataaConfig config;
  private final List<Integer> loops;
  private final List<VectorStep> steps = new ArrayList<>();
  private final List<Integer> values = new ArrayList<>();
  private int registers;

  /** No steps in up to three loops. */
  RandomBody(Random random, TataaConfig config) {
    this(random, config, loops(random));
  }

  /** No steps. */
  RandomBody(Random random, TataaConfig config, List<Integer> loops) {
    this.random = random;
    this.config = config;
    this.loops = loops;
  }

  private static List<Integer> loops(Random random) {
    List<Integer> loops = new ArrayList<>();
    for (int loop = random.nextInt(4); loop > 0; loop--) {
      loops.add(1 + random.nextInt(4));
    }
    return loops;
  }

  // Bytes of a number of units for each iteration; by some loops it may not move.
  private long[] strides(long unit, boolean moves) {
    long[] strides = new long[loops.size()];
    long bytes = unit;
    for (int loop = strides.length - 1; loop >= 0; loop--) {
      strides[loop] = moves || random.nextBoolean() ? bytes : 0;
      bytes *= loops.get(loop);
    }
    return strides;
  }

  private long iterations() {
    return loops.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
  }

  void load() {
    int vector = config.geometry().vectorBytes();
    byte[] content = new byte[Math.toIntExact(iterations() * 2 * vector)];
    random.nextBytes(content);
    Buffer source = Buffer.constant("source" + registers, content);
    load(new Address(source, (long) vector * random.nextInt(2), strides(vector, false)));
  }

  void load(Address from) {
    steps.add(new VectorStep.Load(registers, from));
    values.add(registers++);
  }

  // Often a value of late, sometimes any.
  private Operand operand() {
    int back = random.nextInt(random.nextBoolean() ? values.size() : Math.min(6, values.size()));
    return Operand.register(values.get(values.size() - 1 - back));
  }

  private int operation() {
    LaneOp op = OPS.get(random.nextInt(OPS.size()));
    Operand first = operand();
    Operand second = op.operands() == 1 ? first : operand();
    boolean negates = !first.equals(second) && random.nextInt(4) == 0;
    if (op.operands() == 2 && random.nextInt(5) == 0) {
      second = Operand.constant(0x3f80 + random.nextInt(3));
      negates = false;
    }
    steps.add(new VectorStep.Operate(op, registers, first, second, negates));
    return registers++;
  }

  boolean hasValues() {
    return !values.isEmpty();
  }

  void operate() {
    values.add(operation());
  }

  // What is pushed is computed long before, or just before, the store.
  void store(int number) {
    boolean isInt8 = random.nextBoolean();
    boolean transpose = isInt8 && config.canTranspose() && random.nextBoolean();
    StoreMode mode = isInt8 ? StoreMode.BF16_TO_INT8 : StoreMode.BF16_TO_BF16;
    int most = Math.min(6, config.buffers().dmbDepth());
    int[] words = new int[transpose ? 4 : 1 + random.nextInt(most)];
    boolean isMixed = random.nextBoolean();
    for (int i = 0; i < words.length; i++) {
      words[i] = operation();
      for (int k = random.nextInt(4); k > 0 && isMixed; k--) {
        operate();
      }
    }
    Scale scale = isInt8 ? new Scale(1 + random.nextInt(100), 4) : Scale.ONE;
    VectorStep.Store probe =
        new VectorStep.Store(
            mode, scale, transpose, words, new Address(target(number, 1), 0, new long[0]));
    long bytes = probe.bytes(config.geometry());
    // Now and then iterations overwrite a part of what others have written.
    long beat = config.memory().portBytes();
    long unit = random.nextInt(4) == 0 ? (bytes / beat + 1) / 2 * beat : bytes;
    Buffer target = target(number, iterations() * bytes);
    steps.add(
        new VectorStep.Store(
            mode, scale, transpose, words, new Address(target, 0, strides(unit, true))));
  }

  private static Buffer target(int number, long bytes) {
    return Buffer.state("target" + number, bytes);
  }

  VectorNest nest() {
    return new VectorNest(new Work(Work.Kind.LANES, "test", 0, 1000), loops, registers, steps);
  }
}
