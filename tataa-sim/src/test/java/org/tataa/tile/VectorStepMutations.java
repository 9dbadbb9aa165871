package org.tataa.tile;

import java.util.Arrays;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.tataa.isa.StoreMode;
import org.tataa.numeric.LaneOp;
import org.tataa.tensor.Scale;
import org.tataa.tile.VectorStep.Operand;

/** Steps of vector nests with something changed. */
final class VectorStepMutations {
  private final Random random;
  private final int registers;

  VectorStepMutations(Random random, int registers) {
    this.random = random;
    this.registers = registers;
  }

  /** A changed step. */
  VectorStep other(VectorStep step, UnaryOperator<Address> address) {
    if (step instanceof VectorStep.Load load) {
      return random.nextBoolean()
          ? new VectorStep.Load(register(), load.from())
          : new VectorStep.Load(load.register(), address.apply(load.from()));
    }
    if (step instanceof VectorStep.Operate operate) {
      return other(operate);
    }
    return other((VectorStep.Store) step, address);
  }

  // Mostly one that exists.
  private int register() {
    return random.nextInt(registers + 3) - 1;
  }

  private Operand operand() {
    return random.nextInt(3) == 0
        ? new Operand(true, random.nextInt(1 << 17))
        : Operand.register(register());
  }

  private VectorStep.Operate other(VectorStep.Operate operate) {
    LaneOp op = operate.op();
    int register = operate.register();
    Operand first = operate.first();
    Operand second = operate.second();
    boolean negate = operate.negateSecond();
    switch (random.nextInt(6)) {
      case 0 -> op = LaneOp.values()[random.nextInt(LaneOp.values().length)];
      case 1 -> register = register();
      case 2 -> first = operand();
      case 3 -> second = operand();
      case 4 -> negate = !negate;
      default -> {
        first = operate.second();
        second = operate.first();
      }
    }
    return new VectorStep.Operate(op, register, first, second, negate);
  }

  private VectorStep.Store other(VectorStep.Store store, UnaryOperator<Address> address) {
    StoreMode mode = store.mode();
    Scale scale = store.scale();
    boolean transpose = store.transpose();
    int[] stored = store.registers().clone();
    Address to = store.to();
    switch (stored.length == 0 ? 6 : random.nextInt(7)) {
      case 0 -> mode = StoreMode.values()[random.nextInt(4)];
      case 1 -> scale = new Scale(scale.mantissa() + random.nextInt(1 << 16), random.nextInt(40));
      case 2 -> transpose = !transpose;
      case 3 -> stored = Arrays.copyOf(stored, random.nextInt(stored.length + 2));
      case 4 -> stored[random.nextInt(stored.length)] = register();
      case 5 -> {
        int at = random.nextInt(stored.length);
        int with = random.nextInt(stored.length);
        int held = stored[at];
        stored[at] = stored[with];
        stored[with] = held;
      }
      default -> to = address.apply(to);
    }
    return new VectorStep.Store(mode, scale, transpose, stored, to);
  }
}
