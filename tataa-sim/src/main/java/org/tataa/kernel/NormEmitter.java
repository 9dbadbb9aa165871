package org.tataa.kernel;

import java.util.ArrayList;
import java.util.List;
import org.tataa.config.TataaConfig;
import org.tataa.isa.ProgramBuilder;
import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.LaneOp;

/**
 * Emits the statistics of normalisations, token by token over the features: mean (optional) and
 * inverse standard deviation. The variance is taken in a second pass around the mean; sums are
 * pairwise trees; the inverse square root has two Newton steps (functions.md).
 */
public final class NormEmitter {
  /**
   * What to compute, and where data lies.
   *
   * @param form FEATURES or FEATURES_EXCHANGED
   * @param matrix blocks {@code [token block][feature block]}
   * @param tokenBlocks number of token blocks
   * @param features number of features; padding behind them is left out
   * @param mask vectors of ones and zeros for the last feature block, read if it has padding
   * @param mean result: token operands of the same form, or -1 for none (root mean square)
   * @param deviation result: inverse standard deviations, token operands of the same form
   * @param exchange room for two vectors
   * @param epsilon added to the variance
   */
  public record Plan(
      BlockForm form,
      long matrix,
      int tokenBlocks,
      int features,
      long mask,
      long mean,
      long deviation,
      long exchange,
      double epsilon) {}

  private static final int ZERO = 0;
  private static final int RECIPROCAL = 1;
  private static final int EPSILON = 2;
  private static final int MINUS_HALF = 3;
  private static final int THREE_HALVES = 4;

  private static final int CHUNK = 8;

  private final TataaConfig config;
  private final VectorEmitter emitter;
  private final int vectorBytes;
  private final int slots;

  /** An emitter that appends to a program. */
  public NormEmitter(TataaConfig config, ProgramBuilder program) {
    this.config = config;
    emitter = new VectorEmitter(config, program);
    vectorBytes = config.geometry().vectorBytes();
    slots = config.buffers().vectorSlots();
  }

  /** Emits the statistics of all tokens. */
  public void emit(Plan plan) {
    constant(ZERO, 0);
    constant(RECIPROCAL, 1.0 / plan.features());
    constant(EPSILON, plan.epsilon());
    constant(MINUS_HALF, -0.5);
    constant(THREE_HALVES, 1.5);
    int groups = plan.form().tokenVectors();
    for (int block = 0; block < plan.tokenBlocks(); block++) {
      for (int group = 0; group < groups; group++) {
        long target = ((long) block * groups + group) * vectorBytes;
        group(plan, block, group, groups, target);
      }
    }
  }

  private void constant(int index, double value) {
    emitter.constant(index, Bfloat16.fromFloat((float) value));
  }

  // One vector of results: the tokens of a block, or of one half of it in the exchanged form.
  private void group(Plan plan, int block, int group, int groups, long target) {
    int blocks = Layouts.parts(plan.features(), BlockForm.SIZE);
    int perBlock = BlockForm.VECTORS / groups;
    int count = blocks * perBlock;
    long stride = (long) groups * vectorBytes;
    long first =
        plan.matrix() + (long) block * blocks * BlockForm.BYTES + (long) group * vectorBytes;
    int side = BlockForm.SIZE / perBlock;
    VectorEmitter.Reg mean = VectorEmitter.b(slots - 1);
    if (plan.mean() >= 0) {
      VectorEmitter.Reg sum =
          new ReductionEmitter(config, emitter, LaneOp.ADD, count, ZERO).reduce(first, stride);
      VectorRotation.combine(
          emitter, LaneOp.ADD, sum, side, plan.exchange(), vectorBytes, ZERO, mean);
      emitter.withConstant(LaneOp.MUL, mean, RECIPROCAL, mean);
      emitter.withConstantToDmb(LaneOp.ADD, mean, ZERO);
      emitter.store(1, plan.mean() + target);
    }
    boolean padded = plan.features() % BlockForm.SIZE != 0;
    VectorEmitter.Reg squares =
        squares(plan, first, stride, count, mean, padded ? count - perBlock : count, group);
    VectorEmitter.Reg variance = VectorEmitter.a(slots - 1);
    VectorRotation.combine(
        emitter, LaneOp.ADD, squares, side, plan.exchange(), vectorBytes, ZERO, variance);
    emitter.withConstant(LaneOp.MUL, variance, RECIPROCAL, variance);
    emitter.withConstant(LaneOp.ADD, variance, EPSILON, variance);
    inverseRoot(variance);
    emitter.store(1, plan.deviation() + target);
  }

  private VectorEmitter.Reg squares(
      Plan plan,
      long first,
      long stride,
      int count,
      VectorEmitter.Reg mean,
      int maskFrom,
      int group) {
    int levels = TreeReducer.levelsFor(Layouts.parts(count, CHUNK));
    TreeReducer tree = new TreeReducer(emitter, LaneOp.ADD, slots - 1 - levels, levels, ZERO);
    prefetch(first, stride, 0, count);
    emitter.flushLoads();
    for (int from = 0; from < count; from += CHUNK) {
      if (from + CHUNK < count) {
        prefetch(first, stride, from + CHUNK, count);
      }
      List<VectorEmitter.Reg> squares = new ArrayList<>();
      int size = Math.min(CHUNK, count - from);
      int base = from / CHUNK % 2 * CHUNK;
      for (int i = 0; i < size && plan.mean() >= 0; i++) {
        emitter.subtract(VectorEmitter.a(base + i), mean, VectorEmitter.a(base + i));
      }
      for (int i = 0; i < size; i++) {
        if (from + i >= maskFrom) {
          VectorEmitter.Reg mask = VectorEmitter.b(i);
          emitter.load(
              mask, plan.mask() + (from + i - maskFrom) * stride + (long) group * vectorBytes);
          emitter.op(LaneOp.MUL, VectorEmitter.a(base + i), mask, VectorEmitter.a(base + i));
        }
      }
      for (int i = 0; i < size; i++) {
        VectorEmitter.Reg x = VectorEmitter.a(base + i);
        VectorEmitter.Reg square = i % 2 == 0 ? x : VectorEmitter.b(i);
        emitter.unary(LaneOp.MUL, x, square);
        squares.add(square);
      }
      emitter.tree(LaneOp.ADD, squares, ZERO, tree.next());
      tree.accept();
      emitter.flushLoads();
    }
    return tree.finish();
  }

  private void prefetch(long first, long stride, int from, int count) {
    for (int i = 0; i < CHUNK && from + i < count; i++) {
      emitter.prefetch(VectorEmitter.a(from / CHUNK % 2 * CHUNK + i), first + (from + i) * stride);
    }
  }

  // t = app(x), twice t * (1.5 - 0.5 x t t); the last product leaves through the buffers.
  private void inverseRoot(VectorEmitter.Reg x) {
    VectorEmitter.Reg root = VectorEmitter.a(0);
    VectorEmitter.Reg factor = VectorEmitter.b(0);
    VectorEmitter.Reg product = VectorEmitter.a(1);
    emitter.unary(LaneOp.APP, x, root);
    for (int step = 0; step < 2; step++) {
      emitter.unary(LaneOp.MUL, root, factor);
      emitter.op(LaneOp.MUL, x, factor, product);
      emitter.withConstant(LaneOp.MUL, product, MINUS_HALF, product);
      emitter.withConstant(LaneOp.ADD, product, THREE_HALVES, factor);
      if (step == 0) {
        emitter.op(LaneOp.MUL, root, factor, root);
      } else {
        emitter.opToDmb(LaneOp.MUL, root, factor);
      }
    }
  }
}
