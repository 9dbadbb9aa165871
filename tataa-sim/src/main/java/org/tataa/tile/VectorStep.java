package org.tataa.tile;

import java.util.Arrays;
import java.util.Locale;
import org.tataa.config.ArrayGeometry;
import org.tataa.isa.StoreMode;
import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.LaneOp;
import org.tataa.tensor.Scale;

/** A step of a vector nest's body. */
public sealed interface VectorStep {
  /**
   * Loads a vector of consecutive bytes: chunk d of {@code 2 * columns} bytes goes to DMPU d.
   *
   * @param register register it fills
   * @param from first byte; a multiple of the port width
   */
  record Load(int register, Address from) implements VectorStep {
    @Override
    public String toString() {
      return "v" + register + " = load " + from;
    }
  }

  /**
   * A source of an operation.
   *
   * @param isConstant whether {@code index} is a bfloat16 pattern; otherwise it is a register
   * @param index register or pattern
   */
  record Operand(boolean isConstant, int index) {
    /** A register. */
    public static Operand register(int number) {
      return new Operand(false, number);
    }

    /** A constant for all lanes. */
    public static Operand constant(int bits) {
      return new Operand(true, bits & 0xffff);
    }

    // Asked several times per operation: faster than the method a record has by itself.
    @Override
    public boolean equals(Object other) {
      return other instanceof Operand operand
          && operand.index == index
          && operand.isConstant == isConstant;
    }

    @Override
    public int hashCode() {
      return 2 * index + (isConstant ? 1 : 0);
    }

    @Override
    public String toString() {
      return isConstant ? String.valueOf(Bfloat16.toFloat(index)) : "v" + index;
    }
  }

  /**
   * One operation on all lanes. At most one source is a constant; operations of one operand have
   * the same source twice, a register.
   *
   * @param op what is computed
   * @param register register it fills
   * @param first source 1
   * @param second source 2
   * @param negateSecond whether the sign of source 2 is flipped; never if both are one register
   */
  record Operate(LaneOp op, int register, Operand first, Operand second, boolean negateSecond)
      implements VectorStep {
    @Override
    public String toString() {
      return "v"
          + register
          + " = "
          + op.name().toLowerCase(Locale.ROOT)
          + " "
          + first
          + (op.operands() == 1 ? "" : ", " + (negateSecond ? "-" : "") + second);
    }
  }

  /**
   * Sends registers to the dual-mode buffers and stores them: DMPU 0's words of all registers, in
   * order, then DMPU 1's, and so on. A bfloat16 word becomes {@code 2 * columns} bytes; an int8
   * word {@code outputs} bytes, of which the upper ones beyond {@code columns} are zero.
   * Transposed, each {@code rows} words become {@code outputs} words of {@code rows} bytes: word l
   * holds lane l, its byte {@code rows - 1 - i} from word i.
   *
   * @param mode BF16_TO_BF16 or BF16_TO_INT8
   * @param scale the requantiser's scale, for int8
   * @param transpose whether int8 words are transposed; then 4 registers, or a multiple
   * @param registers results of operations that nothing else reads, each once
   * @param to first byte
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Store(StoreMode mode, Scale scale, boolean transpose, int[] registers, Address to)
      implements VectorStep {
    /** Takes a copy. */
    public Store {
      registers = registers.clone();
    }

    /** Bytes it writes. */
    public long bytes(ArrayGeometry geometry) {
      return (long) registers.length * geometry.dmpus() * mode.wordBytes(geometry);
    }

    @Override
    public String toString() {
      return "store "
          + (mode == StoreMode.BF16_TO_INT8 ? "int8 " + scale + " " : "")
          + (transpose ? "transposed " : "")
          + "v"
          + Arrays.toString(registers).replace(" ", "")
          + " to "
          + to;
    }
  }
}
