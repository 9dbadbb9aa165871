package org.tataa.isa;

/**
 * Text of programs. Everything an encoding can hold is written, so that assembling the text gives back
 * every word: fields that do not matter appear as trailing attributes when they are not zero.
 */
public final class Disassembler {
  private Disassembler() {}

  /** A whole program, one instruction per line; runs of NOPs become {@code NOP n}. */
  public static String disassemble(Program program) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < program.size(); ) {
      int run = i;
      while (run < program.size() && program.instruction(run) instanceof Nop) {
        run++;
      }
      if (run - i > 1) {
        text.append("NOP ").append(run - i).append('\n');
        i = run;
      } else {
        text.append(format(program.instruction(i))).append('\n');
        i++;
      }
    }
    return text.toString();
  }

  /** One instruction without a line end. */
  public static String format(Instruction instruction) {
    if (instruction instanceof ConfigScale scale) {
      return "CONFIG.SCALE man=" + scale.mantissa() + ", shift=" + scale.rightShift();
    } else if (instruction instanceof ConfigConst constant) {
      return "CONFIG.CONST C" + constant.index() + ", 0x" + hex4(constant.value());
    } else if (instruction instanceof LoadM load) {
      return "LOAD.M " + load.operand() + ", tile=" + load.tile() + ", depth=" + load.depth()
          + ", addr=0x" + Long.toHexString(load.address()) + ", bytes=" + load.bytes();
    } else if (instruction instanceof LoadV load) {
      return "LOAD.V " + load.bank() + load.slot() + ", addr=0x"
          + Long.toHexString(load.address()) + ", bytes=" + load.bytes();
    } else if (instruction instanceof MatMul matmul) {
      return "MATMUL x=" + matmul.xTile() + ", y=" + matmul.yTile() + ", depth=" + matmul.depth()
          + (matmul.clear() ? ", clear" : "") + (matmul.drain() ? ", drain" : "");
    } else if (instruction instanceof VectorOp op) {
      return vector(op);
    } else if (instruction instanceof Store store) {
      return store.mnemonic() + " " + (store.mode().toInt8() ? "int8" : "bf16") + ", words="
          + store.words() + ", addr=0x" + Long.toHexString(store.address()) + ", bytes="
          + store.bytes() + (store.transpose() ? ", transpose" : "");
    }
    return instruction.mnemonic();
  }

  private static String hex4(int value) {
    return String.format("%04x", value);
  }

  private static String vector(VectorOp op) {
    StringBuilder text = new StringBuilder(op.mnemonic()).append(' ').append(sources(op));
    text.append(" -> ");
    if (op.writeBack()) {
      text.append(op.destBank()).append(op.destSlot());
    } else {
      text.append("DMB");
    }
    // What the source text does not show but the word holds.
    OperandSelect select = op.select();
    boolean shortForm = isShort(op);
    boolean showsA = namesA(select) && !(shortForm && select == OperandSelect.B_B);
    boolean showsB =
        select == OperandSelect.B_B
            || (!shortForm
                && (select == OperandSelect.A_B
                    || select == OperandSelect.A_NEG_B
                    || select == OperandSelect.C_B
                    || select == OperandSelect.C_NEG_B));
    boolean showsC =
        select == OperandSelect.C_B
            || (!shortForm
                && (select == OperandSelect.A_C
                    || select == OperandSelect.NEG_A_C
                    || select == OperandSelect.C_NEG_B));
    if (!showsA && op.slotA() != 0) {
      text.append(", a=").append(op.slotA());
    }
    if (!showsB && op.slotB() != 0) {
      text.append(", b=").append(op.slotB());
    }
    if (!showsC && op.constant() != 0) {
      text.append(", c=").append(op.constant());
    }
    if (!op.writeBack() && (op.destBank() != Bank.A || op.destSlot() != 0)) {
      text.append(", dest=").append(op.destBank()).append(op.destSlot());
    }
    return text.toString();
  }

  private static boolean namesA(OperandSelect select) {
    return select != OperandSelect.B_B
        && select != OperandSelect.C_B
        && select != OperandSelect.C_NEG_B;
  }

  /** One-operand operations name one source where its selection is the usual one for that source. */
  private static boolean isShort(VectorOp op) {
    OperandSelect select = op.select();
    return op.op().operands() == 1
        && (select == OperandSelect.A_B
            || select == OperandSelect.B_B
            || select == OperandSelect.NEG_A_C
            || select == OperandSelect.C_B);
  }

  private static String sources(VectorOp op) {
    String a = "A" + op.slotA();
    String b = "B" + op.slotB();
    String c = "C" + op.constant();
    if (isShort(op)) {
      return switch (op.select()) {
        case A_B -> a;
        case B_B -> b;
        case NEG_A_C -> "-" + a;
        default -> c;
      };
    }
    return switch (op.select()) {
      case A_B -> a + ", " + b;
      case A_A -> a + ", " + a;
      case B_B -> b + ", " + b;
      case A_NEG_B -> a + ", -" + b;
      case A_C -> a + ", " + c;
      case NEG_A_C -> "-" + a + ", " + c;
      case C_B -> c + ", " + b;
      case C_NEG_B -> c + ", -" + b;
    };
  }
}
