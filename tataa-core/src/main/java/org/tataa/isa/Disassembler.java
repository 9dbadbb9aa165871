package org.tataa.isa;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Text of programs. Everything an encoding can hold is written, so that assembling the text gives
 * back every word: fields of vector operations that have no effect appear as trailing attributes
 * when they are not zero ({@link Assembler} describes the language).
 */
public final class Disassembler {
  private Disassembler() {}

  /**
   * A whole program: labels, one instruction per line, runs of NOPs as {@code NOP n}.
   *
   * @param program any program
   * @return text that assembles to an equal program with the same labels
   */
  public static String disassemble(Program program) {
    Map<Integer, List<String>> labels = new TreeMap<>();
    program
        .labels()
        .forEach((name, index) -> labels.computeIfAbsent(index, i -> new ArrayList<>()).add(name));
    StringBuilder text = new StringBuilder();
    int at = 0;
    while (at <= program.size()) {
      for (String label : labels.getOrDefault(at, List.of())) {
        text.append(label).append(":\n");
      }
      if (at == program.size()) {
        break;
      }
      int next = at + 1;
      text.append(program.instruction(at));
      if (program.instruction(at) instanceof Nop) {
        while (next < program.size()
            && program.instruction(next) instanceof Nop
            && !labels.containsKey(next)) {
          next++;
        }
        if (next - at > 1) {
          text.append(' ').append(next - at);
        }
      }
      text.append('\n');
      at = next;
    }
    return text.toString();
  }

  /**
   * One instruction, without a line end.
   *
   * @param instruction any instruction
   * @return its assembly line
   */
  public static String format(Instruction instruction) {
    String mnemonic = instruction.mnemonic();
    if (instruction instanceof ConfigScale scale) {
      return mnemonic + " man=" + scale.mantissa() + ", shift=" + scale.rightShift();
    } else if (instruction instanceof ConfigConst constant) {
      return mnemonic + " C" + constant.index() + String.format(", 0x%04x", constant.value());
    } else if (instruction instanceof LoadM load) {
      return mnemonic
          + " "
          + load.operand()
          + ", tile="
          + load.tile()
          + ", depth="
          + load.depth()
          + transfer(load.address(), load.bytes());
    } else if (instruction instanceof LoadV load) {
      return mnemonic + " " + load.bank() + load.slot() + transfer(load.address(), load.bytes());
    } else if (instruction instanceof MatMul matmul) {
      return mnemonic
          + " x="
          + matmul.xTile()
          + ", y="
          + matmul.yTile()
          + ", depth="
          + matmul.depth()
          + (matmul.clear() ? ", clear" : "")
          + (matmul.drain() ? ", drain" : "");
    } else if (instruction instanceof VectorOp op) {
      return vector(op);
    } else if (instruction instanceof Store store) {
      return mnemonic
          + " "
          + (store.mode().toInt8() ? "int8" : "bf16")
          + ", words="
          + store.words()
          + transfer(store.address(), store.bytes())
          + (store.transpose() ? ", transpose" : "");
    } else if (instruction instanceof StoreSlots store) {
      return mnemonic
          + (store.mode().fromSums() ? " sums, words=" : " vectors, words=")
          + store.words()
          + " -> "
          + store.bank()
          + store.slot();
    }
    return mnemonic;
  }

  private static String transfer(long address, int bytes) {
    return ", addr=0x" + Long.toHexString(address) + ", bytes=" + bytes;
  }

  private static String vector(VectorOp op) {
    OperandSelect select = op.select();
    String sources = select.source1();
    // One source is enough where it stands for the selection the operation has.
    boolean one =
        op.op().operands() == 1 && OperandSelect.of(sources).filter(select::equals).isPresent();
    if (!one) {
      sources += ", " + select.source2();
    }
    StringBuilder text = new StringBuilder(op.mnemonic()).append(' ');
    for (int i = 0; i < sources.length(); i++) {
      char c = sources.charAt(i);
      text.append(c);
      switch (c) {
        case 'A' -> text.append(op.slotA());
        case 'B' -> text.append(op.slotB());
        case 'C' -> text.append(op.constant());
        default -> {}
      }
    }
    text.append(" -> ").append(op.writeBack() ? "" + op.destBank() + op.destSlot() : "DMB");
    appendHidden(text, sources, 'A', op.slotA());
    appendHidden(text, sources, 'B', op.slotB());
    appendHidden(text, sources, 'C', op.constant());
    if (!op.writeBack() && (op.destBank() != Bank.A || op.destSlot() != 0)) {
      text.append(", dest=").append(op.destBank()).append(op.destSlot());
    }
    return text.toString();
  }

  /** What the sources do not show but the word holds. */
  private static void appendHidden(StringBuilder text, String sources, char kind, int number) {
    if (number != 0 && sources.indexOf(kind) < 0) {
      text.append(", ").append(Character.toLowerCase(kind)).append('=').append(number);
    }
  }
}
