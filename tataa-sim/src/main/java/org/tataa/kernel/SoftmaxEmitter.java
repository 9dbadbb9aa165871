package org.tataa.kernel;

import java.util.ArrayList;
import java.util.List;
import org.tataa.config.IsaProfile;
import org.tataa.config.TataaConfig;
import org.tataa.isa.ProgramBuilder;
import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.LaneOp;

/**
 * Emits SoftMax over vectors in memory, lane by lane: maximum, exponentials with their sum,
 * scaling.
 *
 * <p>An exponential is {@code 2^n * p(r)} with integer n, range-reduced remainder r and a cubic p.
 * For inputs in units of ln 2 the remainder {@code x - floor(x)} is exact. Otherwise {@code x - n
 * ln 2} is taken in three steps, the first two of which are exact, so that bfloat16 rounding of a
 * large x does not become a relative error of the result. The maximum enters as an integer power of
 * two. The reciprocal of the sum is the square of an inverse square root with two Newton steps
 * (functions.md). Sums are pairwise trees.
 *
 * <p>A chunk is as many vectors as there are DMPUs. A STORE empties the DMBs DMPU by DMPU, so a
 * stored chunk comes back with DMPUs and vectors exchanged; storing the scaled values exchanges
 * them again.
 */
public final class SoftmaxEmitter {
  /** What is written. */
  public enum Output {
    /** bfloat16 vectors in the order of the input. */
    BF16,
    /**
     * int8 probabilities times 127. Each vector holds several features of {@code outputs} rows; per
     * half of the rows, one word per feature with the rows in its lower half.
     */
    INT8_HALVES
  }

  /**
   * Where data lies. Addresses are bytes in the unified memory.
   *
   * @param count input vectors, a multiple of the DMPUs
   * @param featuresPerVector features side by side in a vector, 1 if every lane is a row of its own
   * @param input first input vector
   * @param reversed whether the vectors of each chunk lie in reversed order
   * @param mask vectors of ones and zeros for the last chunks, or -1 if nothing is masked
   * @param maskFrom first chunk that is masked
   * @param scratch room for {@code count} vectors
   * @param exchange room for as many vectors as there are DMPUs, at least 2
   * @param output result, of the first half of the rows for INT8_HALVES
   * @param secondHalf result of the second half of the rows, for INT8_HALVES
   */
  public record Plan(
      int count,
      int featuresPerVector,
      long input,
      boolean reversed,
      long mask,
      int maskFrom,
      long scratch,
      long exchange,
      long output,
      long secondHalf) {}

  /** How exponentials are computed. */
  public enum Exponential {
    /** Whole part by exponent insertion, fraction by a cubic. */
    CUBIC,
    /** The whole part only, as in the TATAA authors' emulation; for inputs in units of ln 2. */
    FLOOR,
    /**
     * A cubic of {@code x / 2^k}, squared k times: only the published operations, for inputs in
     * units of ln 2 in a known range. The maximum is not subtracted.
     */
    SQUARED
  }

  // Constant registers. Two of them change their value between the exponentials and the reciprocal.
  private static final int LOG2_E_OR_LIMIT = 0;
  private static final int CUBIC = 1;
  private static final int SQUARE = 2;
  private static final int LINEAR_OR_LN2_MIDDLE = 3;
  private static final int ONE = 4;
  private static final int LN2_LOW_OR_THREE_HALVES = 5;
  private static final int MINUS_HALF = 6;
  private static final int ZERO = 7;

  /** ln 2 = 0.5 + 0.1875 + this; products of the first two with integers are exact. */
  private static final double LN2_LOW = Math.log(2) - 0.6875;

  /** Exponentials relative to a power of two below the largest are up to 2. */
  private static final int LARGEST_WEIGHT = 127;

  private static final double LARGEST_POWER = 120;
  private static final double SMALL_ENOUGH = 1.5;

  /** For the error of the reciprocal and of its product with the limit. */
  private static final double WEIGHT_MARGIN = 0.97;

  private final TataaConfig config;
  private final ProgramBuilder program;
  private final VectorEmitter emitter;
  private final int chunk;
  private final int vectorBytes;
  private final int maxSlot;
  private final boolean base2;
  private final Exponential kind;
  private final int squarings;

  /**
   * An emitter that appends to a program.
   *
   * @param base2 whether inputs are in units of ln 2 already, as a scale can arrange
   * @throws IllegalArgumentException if the machine lacks the instructions or the registers
   */
  public SoftmaxEmitter(TataaConfig config, ProgramBuilder program, boolean base2) {
    this(config, program, base2, Exponential.CUBIC, 0);
  }

  /**
   * As the other constructor, with a choice of the exponential.
   *
   * @param range largest magnitude of an input, for SQUARED
   */
  public SoftmaxEmitter(
      TataaConfig config,
      ProgramBuilder program,
      boolean base2,
      Exponential exponential,
      double range) {
    kind = exponential;
    if (kind != Exponential.CUBIC && !base2) {
      throw new IllegalArgumentException(kind + " needs inputs in units of ln 2");
    }
    if (kind == Exponential.SQUARED && !(range < LARGEST_POWER)) {
      throw new IllegalArgumentException(
          "powers of 2 up to "
              + range
              + " are no bfloat16 numbers, expected up to "
              + LARGEST_POWER);
    }
    int k = 1;
    // Below -1.6 the cubic leaves -1..1, so that its powers would grow.
    while (range * Math.log(2) > SMALL_ENOUGH * (1 << k)) {
      k++;
    }
    squarings = k;
    if (kind != Exponential.SQUARED && config.profiles().isa() != IsaProfile.EXTENDED) {
      throw new IllegalArgumentException(
          "SoftMax uses V.MAX, V.FLOOR and V.EXP2I and needs ISA profile EXTENDED, found "
              + config.profiles().isa());
    }
    if (config.buffers().constants() < 8) {
      throw new IllegalArgumentException(
          "SoftMax needs 8 constants, found " + config.buffers().constants());
    }
    this.config = config;
    this.program = program;
    this.base2 = base2;
    emitter = new VectorEmitter(config, program);
    chunk = config.geometry().dmpus();
    vectorBytes = config.geometry().vectorBytes();
    maxSlot = 2 * chunk;
    int slots = config.buffers().vectorSlots();
    if (2 * chunk + 2 > slots || chunk > config.buffers().dmbDepth()) {
      throw new IllegalArgumentException(
          "SoftMax on "
              + chunk
              + " DMPUs needs "
              + (2 * chunk + 2)
              + " vector slots and "
              + chunk
              + " DMB words, found "
              + slots
              + " and "
              + config.buffers().dmbDepth());
    }
  }

  /** Sets the constants that stay; once per program. */
  public void constants() {
    if (kind == Exponential.SQUARED) {
      constant(LOG2_E_OR_LIMIT, Math.log(2) / (1 << squarings));
      constant(CUBIC, 1.0 / 6);
      constant(SQUARE, 0.5);
      constant(ONE, 1);
      constant(MINUS_HALF, -0.5);
      constant(ZERO, 0);
      return;
    }
    constant(LOG2_E_OR_LIMIT, 1 / Math.log(2));
    // 2^r on [0, 1], or e^r on [0, ln 2]: value 1 at the left end and 2 at the right end.
    constant(CUBIC, base2 ? 0.078125 : 0.2);
    constant(SQUARE, base2 ? 0.2265625 : 0.5);
    constant(LINEAR_OR_LN2_MIDDLE, base2 ? 0.6953125 : -0.1875);
    constant(ONE, 1);
    constant(MINUS_HALF, -0.5);
    constant(ZERO, 0);
  }

  private void constant(int index, double value) {
    emitter.constant(index, Bfloat16.fromFloat((float) value));
  }

  /** Emits one SoftMax. */
  public void emit(Plan plan, Output output) {
    emit(plan, output, 0);
  }

  /**
   * Emits a SoftMax as int8 weights, laid out like {@link Output#INT8_HALVES}, which become
   * probabilities by division by their sum. The largest weight of a row is 63 to 127, so that rows
   * of many small probabilities keep their precision; less where the weights of a row would add up
   * to more than a limit.
   *
   * @param limit largest sum of the weights of a row
   */
  public void emitWeights(Plan plan, int limit) {
    int count = plan.count() * plan.featuresPerVector();
    // Each weight may be rounded up by a half.
    double target = WEIGHT_MARGIN * (limit - count / 2);
    if (!base2 || kind == Exponential.SQUARED || target < count) {
      throw new IllegalArgumentException(
          "weights of "
              + count
              + " features need inputs in units of ln 2 and a limit of at least "
              + 2 * count
              + ", found "
              + limit);
    }
    emit(plan, Output.INT8_HALVES, target);
  }

  private void emit(Plan plan, Output output, double weights) {
    if (kind != Exponential.SQUARED) {
      maximum(plan);
    }
    VectorEmitter.Reg sum = exponentials(plan);
    VectorEmitter.Reg root = reciprocalRoot(combine(LaneOp.ADD, sum, plan));
    if (weights > 0) {
      weightFactor(root, weights);
    } else {
      for (int i = 0; i < chunk; i++) {
        emitter.opToDmb(LaneOp.MUL, root, root);
      }
    }
    emitter.store(chunk, plan.exchange());
    if (output == Output.INT8_HALVES) {
      program.configScale(LARGEST_WEIGHT, weights > 0 ? 1 : 0);
    }
    scale(plan, output);
  }

  private void maximum(Plan plan) {
    ReductionEmitter reduction =
        new ReductionEmitter(config, emitter, LaneOp.MAX, plan.count(), ZERO);
    VectorEmitter.Reg maximum =
        combine(LaneOp.MAX, reduction.reduce(plan.input(), vectorBytes), plan);
    VectorEmitter.Reg power = VectorEmitter.a(maxSlot);
    if (!base2) {
      emitter.withConstant(LaneOp.MUL, maximum, LOG2_E_OR_LIMIT, maximum);
    }
    emitter.unary(LaneOp.FLOOR, maximum, power);
    emitter.negate(power, ZERO, power);
  }

  private VectorEmitter.Reg combine(LaneOp op, VectorEmitter.Reg value, Plan plan) {
    int features = plan.featuresPerVector();
    if (features == 1) {
      return value;
    }
    VectorEmitter.Reg result = VectorEmitter.a(maxSlot + 1);
    VectorRotation.combine(
        emitter, op, value, features, plan.exchange(), vectorBytes, ZERO, result);
    return result;
  }

  private VectorEmitter.Reg exponentials(Plan plan) {
    int slots = config.buffers().vectorSlots();
    int chunks = plan.count() / chunk;
    int levels = TreeReducer.levelsFor(chunks);
    if (maxSlot + 1 + levels > slots) {
      throw new IllegalArgumentException(
          "SoftMax over "
              + plan.count()
              + " vectors needs "
              + (maxSlot + 1 + levels)
              + " vector slots, found "
              + slots);
    }
    TreeReducer tree = new TreeReducer(emitter, LaneOp.ADD, slots - levels, levels, ZERO);
    if (!base2) {
      constant(LN2_LOW_OR_THREE_HALVES, -LN2_LOW);
    }
    prefetch(plan.input(), plan.reversed(), 0, 0);
    emitter.flushLoads();
    for (int i = 0; i < chunks; i++) {
      int base = i % 2 * chunk;
      if (i + 1 < chunks) {
        prefetch(plan.input(), plan.reversed(), i + 1, (i + 1) % 2 * chunk);
      }
      boolean masked = plan.mask() >= 0 && i >= plan.maskFrom();
      long mask = plan.mask() + (long) (i - plan.maskFrom()) * chunk * vectorBytes;
      List<VectorEmitter.Reg> values = exponential(base, masked ? mask : -1);
      for (VectorEmitter.Reg value : values) {
        emitter.withConstantToDmb(LaneOp.ADD, value, ZERO);
      }
      emitter.tree(LaneOp.ADD, values, ZERO, tree.next());
      tree.accept();
      emitter.flushLoads();
      emitter.store(chunk, plan.scratch() + (long) i * chunk * vectorBytes);
    }
    return tree.finish();
  }

  private void prefetch(long address, boolean reversed, int index, int base) {
    for (int i = 0; i < chunk; i++) {
      int vector = reversed ? chunk - 1 - i : i;
      emitter.prefetch(
          VectorEmitter.a(base + i), address + ((long) index * chunk + vector) * vectorBytes);
    }
  }

  // Each step runs over the whole chunk, so that its latency is hidden and few modes are switched.
  private List<VectorEmitter.Reg> exponential(int base, long mask) {
    VectorEmitter.Reg[] rest = new VectorEmitter.Reg[chunk];
    VectorEmitter.Reg[] power = new VectorEmitter.Reg[chunk];
    VectorEmitter.Reg[] poly = new VectorEmitter.Reg[chunk];
    for (int i = 0; i < chunk; i++) {
      rest[i] = VectorEmitter.a(base + i);
      power[i] = VectorEmitter.b(i);
      poly[i] = VectorEmitter.b(chunk + i);
    }
    if (kind == Exponential.SQUARED) {
      squared(rest, power, poly);
      return product(rest, power, poly, mask);
    }
    if (base2) {
      for (int i = 0; i < chunk; i++) {
        emitter.unary(LaneOp.FLOOR, rest[i], power[i]);
      }
      for (int i = 0; i < chunk && kind == Exponential.CUBIC; i++) {
        emitter.subtract(rest[i], power[i], rest[i]);
      }
    } else {
      reduceRange(rest, power, poly);
    }
    for (int i = 0; i < chunk; i++) {
      emitter.op(LaneOp.ADD, VectorEmitter.a(maxSlot), power[i], power[i]);
    }
    for (int i = 0; i < chunk; i++) {
      emitter.unary(LaneOp.EXP2I, power[i], power[i]);
    }
    if (kind == Exponential.FLOOR) {
      for (int i = 0; i < chunk; i++) {
        emitter.withConstant(LaneOp.MUL, rest[i], ZERO, rest[i]);
      }
      for (int i = 0; i < chunk; i++) {
        emitter.withConstant(LaneOp.ADD, rest[i], ONE, rest[i]);
      }
      return product(rest, power, poly, mask);
    }
    for (int i = 0; i < chunk; i++) {
      emitter.withConstant(LaneOp.MUL, rest[i], CUBIC, poly[i]);
    }
    for (int coefficient : new int[] {SQUARE, base2 ? LINEAR_OR_LN2_MIDDLE : ONE}) {
      for (int i = 0; i < chunk; i++) {
        emitter.withConstant(LaneOp.ADD, poly[i], coefficient, poly[i]);
      }
      for (int i = 0; i < chunk; i++) {
        emitter.op(LaneOp.MUL, rest[i], poly[i], poly[i]);
      }
    }
    for (int i = 0; i < chunk; i++) {
      emitter.withConstant(LaneOp.ADD, poly[i], ONE, rest[i]);
    }
    return product(rest, power, poly, mask);
  }

  // The root of 2^x, twice.
  private void squared(VectorEmitter.Reg[] x, VectorEmitter.Reg[] copy, VectorEmitter.Reg[] poly) {
    for (int i = 0; i < chunk; i++) {
      emitter.withConstant(LaneOp.MUL, x[i], LOG2_E_OR_LIMIT, x[i]);
    }
    for (int i = 0; i < chunk; i++) {
      emitter.withConstant(LaneOp.MUL, x[i], CUBIC, poly[i]);
    }
    for (int coefficient : new int[] {SQUARE, ONE}) {
      for (int i = 0; i < chunk; i++) {
        emitter.withConstant(LaneOp.ADD, poly[i], coefficient, poly[i]);
      }
      for (int i = 0; i < chunk; i++) {
        emitter.op(LaneOp.MUL, x[i], poly[i], poly[i]);
      }
    }
    for (int i = 0; i < chunk; i++) {
      emitter.withConstant(LaneOp.ADD, poly[i], ONE, x[i]);
    }
    for (int step = 1; step < squarings; step++) {
      for (int i = 0; i < chunk; i++) {
        emitter.unary(LaneOp.MUL, x[i], x[i]);
      }
    }
    for (int i = 0; i < chunk; i++) {
      emitter.withConstant(LaneOp.MUL, x[i], ONE, copy[i]);
    }
  }

  // n = floor(x / ln 2) and x - n ln 2, the subtraction in parts of ln 2 with few bits.
  private void reduceRange(
      VectorEmitter.Reg[] x, VectorEmitter.Reg[] n, VectorEmitter.Reg[] scratch) {
    for (int i = 0; i < chunk; i++) {
      emitter.withConstant(LaneOp.MUL, x[i], LOG2_E_OR_LIMIT, n[i]);
    }
    for (int i = 0; i < chunk; i++) {
      emitter.unary(LaneOp.FLOOR, n[i], n[i]);
    }
    for (int part : new int[] {MINUS_HALF, LINEAR_OR_LN2_MIDDLE, LN2_LOW_OR_THREE_HALVES}) {
      for (int i = 0; i < chunk; i++) {
        emitter.withConstant(LaneOp.MUL, n[i], part, scratch[i]);
      }
      for (int i = 0; i < chunk; i++) {
        emitter.op(LaneOp.ADD, x[i], scratch[i], x[i]);
      }
    }
  }

  // The results alternate between the banks, as the tree needs them.
  private List<VectorEmitter.Reg> product(
      VectorEmitter.Reg[] fraction,
      VectorEmitter.Reg[] whole,
      VectorEmitter.Reg[] free,
      long mask) {
    List<VectorEmitter.Reg> values = new ArrayList<>();
    for (int i = 0; i < chunk; i++) {
      VectorEmitter.Reg target = i % 2 == 0 ? fraction[i] : whole[i];
      emitter.op(LaneOp.MUL, fraction[i], whole[i], mask < 0 ? target : fraction[i]);
      values.add(target);
    }
    for (int i = 0; i < chunk && mask >= 0; i++) {
      emitter.load(free[i], mask + (long) i * vectorBytes);
    }
    for (int i = 0; i < chunk && mask >= 0; i++) {
      emitter.op(LaneOp.MUL, fraction[i], free[i], values.get(i));
    }
    return values;
  }

  // isqrt(y), whose square is 1/y. Factors are written once for every vector of a chunk so that
  // they
  // come back broadcast.
  private VectorEmitter.Reg reciprocalRoot(VectorEmitter.Reg y) {
    constant(LN2_LOW_OR_THREE_HALVES, 1.5);
    VectorEmitter.Reg root = VectorEmitter.a(0);
    VectorEmitter.Reg product = VectorEmitter.a(1);
    VectorEmitter.Reg factor = VectorEmitter.b(0);
    emitter.unary(LaneOp.APP, y, root);
    for (int step = 0; step < 2; step++) {
      emitter.unary(LaneOp.MUL, root, factor);
      emitter.op(LaneOp.MUL, y, factor, product);
      emitter.withConstant(LaneOp.MUL, product, MINUS_HALF, product);
      emitter.withConstant(LaneOp.ADD, product, LN2_LOW_OR_THREE_HALVES, factor);
      emitter.op(LaneOp.MUL, root, factor, root);
    }
    return root;
  }

  // min(1, weights / (sum of exponentials * largest weight))
  private void weightFactor(VectorEmitter.Reg root, double weights) {
    VectorEmitter.Reg factor = VectorEmitter.a(1);
    constant(LOG2_E_OR_LIMIT, weights / LARGEST_WEIGHT * 2);
    emitter.op(LaneOp.MUL, root, root, factor);
    emitter.withConstant(LaneOp.MUL, factor, LOG2_E_OR_LIMIT, factor);
    for (int i = 0; i < chunk; i++) {
      emitter.withConstantToDmb(LaneOp.MIN, factor, ONE);
    }
  }

  private void scale(Plan plan, Output output) {
    int chunks = plan.count() / chunk;
    for (int i = 0; i < chunk; i++) {
      emitter.load(VectorEmitter.b(chunk + i), plan.exchange() + (long) i * vectorBytes);
    }
    prefetch(plan.scratch(), false, 0, 0);
    emitter.flushLoads();
    for (int i = 0; i < chunks; i++) {
      int base = i % 2 * chunk;
      if (i + 1 < chunks) {
        prefetch(plan.scratch(), false, i + 1, (i + 1) % 2 * chunk);
      }
      if (output == Output.BF16) {
        scaleVectors(base, 0, 1);
        emitter.flushLoads();
        emitter.store(chunk, plan.output() + (long) i * chunk * vectorBytes);
      } else {
        long offset =
            (long) i * chunk / 2 * config.geometry().dmpus() * config.geometry().outputs();
        scaleVectors(base, 0, 2);
        emitter.storeInt8(chunk / 2, false, plan.output() + offset);
        scaleVectors(base, 1, 2);
        emitter.flushLoads();
        emitter.storeInt8(chunk / 2, false, plan.secondHalf() + offset);
      }
    }
  }

  private void scaleVectors(int base, int first, int step) {
    for (int i = first; i < chunk; i += step) {
      emitter.opToDmb(LaneOp.MUL, VectorEmitter.a(base + i), VectorEmitter.b(chunk + i));
    }
  }
}
