package org.tataa.isa;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.tataa.numeric.LaneOp;

/** Seeded valid instructions whose fields take their extreme values often. */
final class RandomInstructions {
  private final Random random;
  private final Encoding encoding;

  RandomInstructions(long seed) {
    this(seed, Encoding.RELEASED);
  }

  RandomInstructions(long seed, Encoding encoding) {
    random = new Random(seed);
    this.encoding = encoding;
  }

  Instruction next() {
    return switch (random.nextInt(encoding == Encoding.WIDE ? 12 : 11)) {
      case 0 -> new Nop();
      case 1 -> new ConfigScale(in(Short.MIN_VALUE, Short.MAX_VALUE), in(0, 31));
      case 2 -> new ConfigConst(in(0, 7), in(0, 0xffff));
      case 3 -> new Halt();
      case 4 ->
          new LoadM(
              of(Operand.values()), in(0, 1), in(1, encoding.depth()), address(), in(0, 0xffff));
      case 5 -> new LoadV(of(Bank.values()), slot(), address(), in(0, 0xffff));
      case 6 -> new MatMul(in(0, 1), in(0, 1), in(1, encoding.depth()), flag(), flag());
      case 7 -> new Store(of(StoreMode.values()), flag(), in(1, 256), address(), in(0, 0xffff));
      case 11 ->
          new StoreSlots(
              flag() ? StoreMode.ACC_TO_BF16 : StoreMode.BF16_TO_BF16,
              of(Bank.values()),
              slot(),
              in(1, 256));
      default ->
          new VectorOp(
              of(LaneOp.values()),
              of(OperandSelect.values()),
              slot(),
              slot(),
              in(0, 7),
              flag(),
              of(Bank.values()),
              slot());
    };
  }

  List<Instruction> program(int size) {
    List<Instruction> program = new ArrayList<>();
    while (program.size() < size) {
      Instruction next = next();
      program.add(next);
      for (int i = random.nextInt(5); next instanceof Nop && i > 0; i--) {
        program.add(next);
      }
    }
    return program;
  }

  private int slot() {
    return in(0, encoding.slots() - 1);
  }

  private int in(int min, int max) {
    return switch (random.nextInt(8)) {
      case 0 -> min;
      case 1 -> max;
      default -> min + random.nextInt(max - min + 1);
    };
  }

  private long address() {
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> 0xffff_ffffL;
      default -> random.nextInt() & 0xffff_ffffL;
    };
  }

  private boolean flag() {
    return random.nextBoolean();
  }

  private <T> T of(T[] values) {
    return values[random.nextInt(values.length)];
  }
}
