package org.tataa.tiling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.config.ArithmeticProfile;
import org.tataa.function.LaneProgram;
import org.tataa.numeric.LaneOp;
import org.tataa.tensor.ConstantOp;
import org.tataa.tensor.ContractOp;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.QuantiseOp;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.Value;
import org.tataa.tile.Buffer;

/**
 * Finds products whose blocks are {@link Weave woven}, and reads them: an expression that
 * multiplies their sums by a constant and is converted to codes.
 *
 * <p>Each vector is the sum of two loaded ones, multiplied by the constant in the DMPUs they are
 * for and by 0 in the others. Its bits are those of the product: sums are finite and never minus
 * zero, and the constant is neither negative nor so small that a product could be 0.
 */
final class WovenOperand {
  /** Exponents of bfloat16 constants with which no product of a sum leaves the normal numbers. */
  private static final int LOWEST = 64;

  private static final int HIGHEST = 190;

  private final TensorProgram program;
  private final Emission emission;
  private final Orientation orientation;
  private final Operands operands;
  private final boolean isPossible;

  WovenOperand(
      TensorProgram program, Emission emission, Orientation orientation, Operands operands) {
    this.program = program;
    this.emission = emission;
    this.orientation = orientation;
    this.operands = operands;
    isPossible =
        Weave.fits(emission.geometry)
            && emission.config.profiles().arithmetic() == ArithmeticProfile.CORRECTED;
  }

  /** Whether a product's blocks are best woven, if the bytes of its X words can be. */
  boolean isWanted(ContractOp op) {
    if (!isPossible
        || !(reader(op.result()) instanceof MapOp map)
        || !(reader(map.result()) instanceof QuantiseOp quantise)
        || Orientation.use(program, quantise.result()) == null) {
      return false;
    }
    int number = map.operands().indexOf(op.result());
    return step(map.program(), map.operands(), number) >= 0
        && placement(op).equals(orientation.placement(map.result()))
        && map.operands().stream()
            .allMatch(operand -> operand == op.result() || operands.isFree(operand));
  }

  private @Nullable Object reader(Value value) {
    return program.isPrivate(value) ? program.consumers(value).get(0) : null;
  }

  /** Where the rows and lanes of a product's result are. */
  static Placement placement(ContractOp op) {
    int rank = op.result().rank();
    boolean columnsAreN = op.columns() == ContractOp.Columns.N;
    return Placement.of(
        op.result(), columnsAreN ? rank - 2 : rank - 1, columnsAreN ? rank - 1 : rank - 2);
  }

  // The step that multiplies an operand, which nothing else reads, by a constant; -1 if none does.
  private int step(LaneProgram expression, List<Value> values, int operand) {
    int found = -1;
    for (int i = 0; i < expression.steps().size(); i++) {
      LaneProgram.Step step = expression.steps().get(i);
      boolean isFirst = isInput(step.first(), operand);
      boolean isSecond = isInput(step.second(), operand);
      if (!isFirst && !isSecond) {
        continue;
      }
      LaneProgram.Value factor = isFirst ? step.second() : step.first();
      if (found >= 0
          || isFirst && isSecond
          || step.op() != LaneOp.MUL
          || step.negateSecond()
          || factor.kind() != LaneProgram.Kind.INPUT
          || !isFactor(values.get(factor.index()))) {
        return -1;
      }
      found = i;
    }
    return found;
  }

  private static boolean isInput(LaneProgram.Value value, int input) {
    return value.kind() == LaneProgram.Kind.INPUT && value.index() == input;
  }

  private boolean isFactor(Value value) {
    Sources.Source source = emission.sources.of(value);
    if (!source.isSingle() || !(program.producer(source.anchor()) instanceof ConstantOp constant)) {
      return false;
    }
    for (short bits : constant.bits()) {
      if (bits < LOWEST << 7 || bits > HIGHEST << 7) {
        return false;
      }
    }
    return true;
  }

  /**
   * An expression with the vectors it reads.
   *
   * @param program expression of the plan's operands
   * @param plan where they are
   */
  record Read(LaneProgram program, LoadPlan plan) {}

  /** How an expression is read exchanged; null if none of its operands is woven. */
  @Nullable Read read(LaneProgram expression, List<Value> values, Placement placement) {
    for (int number = 0; number < values.size(); number++) {
      for (Stored stored : emission.where(values.get(number))) {
        if (stored.layout() instanceof MatrixLayout matrix
            && matrix.order == TileOrder.WOVEN
            && matrix.placement.equals(placement)) {
          return read(expression, values, number, stored);
        }
      }
    }
    return null;
  }

  private Read read(LaneProgram expression, List<Value> values, int number, Stored stored) {
    MatrixLayout layout =
        emission.layout(((MatrixLayout) stored.layout()).placement, TileOrder.EXCHANGED);
    int at = step(expression, values, number);
    LaneProgram.Step step = expression.steps().get(at);
    int factor = isInput(step.first(), number) ? step.second().index() : step.first().index();
    LaneProgram rest = expression.withInput(at);
    List<VectorAccess> accesses = new ArrayList<>();
    int[] inputs = new int[values.size()];
    for (int i = 0; i < inputs.length; i++) {
      if (rest.reads(i)) {
        inputs[i] = accesses.size();
        accesses.add(operands.placed(layout, values.get(i)));
      }
    }
    int first = accesses.size();
    for (int parity = 0; parity < 2; parity++) {
      accesses.add(access(stored.buffer(), layout, parity));
      accesses.add(operands.masked(layout, values.get(factor), parity));
    }
    LaneProgram.Builder builder = LaneProgram.builder(expression.name(), accesses.size());
    LaneProgram.Value even = builder.mul(builder.input(first), builder.input(first + 1));
    LaneProgram.Value odd = builder.mul(builder.input(first + 2), builder.input(first + 3));
    LaneProgram.Value[] arguments =
        Arrays.stream(inputs).mapToObj(builder::input).toArray(LaneProgram.Value[]::new);
    LaneProgram.Value[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = builder.add(even, odd);
    return new Read(
        builder.build(builder.apply(rest, all)), new LoadPlan(layout, List.copyOf(accesses)));
  }

  private VectorAccess access(Buffer buffer, MatrixLayout layout, int parity) {
    Geometry geometry = emission.geometry;
    long[] bases = new long[geometry.tileVectors()];
    Arrays.setAll(bases, vector -> Weave.offset(geometry, vector, parity));
    return new VectorAccess(buffer, bases, operands.strides(layout));
  }
}
