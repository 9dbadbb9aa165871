package org.tataa.isa;

import static org.tataa.isa.InstructionLayout.*;

import java.util.Objects;
import org.tataa.numeric.LaneOp;

/**
 * The 64-bit encoding (isa.md). Encoding and decoding are inverse: every accepted word encodes back
 * to itself, fields without effect included, and bits that belong to no field must be zero.
 */
public final class InstructionCodec {
  private static final Instruction HALT = new Halt();
  private static final OperandSelect[] SELECTS = OperandSelect.values();
  private static final StoreMode[] STORE_MODES = StoreMode.values();

  /** Operations of mode ADD by their extension code; 0 is the published one. */
  private static final LaneOp[] EXTENSIONS = {
    LaneOp.ADD, LaneOp.MAX, LaneOp.MIN, LaneOp.FLOOR, LaneOp.EXP2I
  };

  private InstructionCodec() {}

  /**
   * The word of an instruction.
   *
   * @param instruction any instruction
   * @return the 64-bit word, 0 for a NOP
   */
  public static long encode(Instruction instruction) {
    Objects.requireNonNull(instruction, "instruction");
    if (instruction instanceof ConfigScale scale) {
      return config(KIND_SCALE)
          | put(scale.rightShift(), SCALE_SHIFT, SCALE_SHIFT_BITS)
          | put(scale.mantissa(), SCALE_MANTISSA, SCALE_MANTISSA_BITS);
    } else if (instruction instanceof ConfigConst constant) {
      return config(KIND_CONST)
          | put(constant.value(), CONST_VALUE, CONST_VALUE_BITS)
          | put(constant.index(), CONST_INDEX, CONST_INDEX_BITS);
    } else if (instruction instanceof Halt) {
      return config(KIND_HALT);
    } else if (instruction instanceof LoadM load) {
      return transfer(OPCODE_LOAD_M, load.address(), load.bytes())
          | put(load.depth() - 1, DEPTH, DEPTH_BITS)
          | put(load.operand().ordinal(), LOAD_OPERAND, 1)
          | put(load.tile(), LOAD_TILE, 1);
    } else if (instruction instanceof LoadV load) {
      return transfer(OPCODE_LOAD_V, load.address(), load.bytes())
          | put(load.slot(), LOAD_SLOT, SLOT_BITS)
          | put(load.bank().ordinal(), LOAD_BANK, 1);
    } else if (instruction instanceof MatMul matmul) {
      return head(OPCODE_MATMUL)
          | put(MODE_INT8, MODE, MODE_BITS)
          | put(matmul.xTile(), X_TILE, 1)
          | put(matmul.yTile(), Y_TILE, 1)
          | put(matmul.depth() - 1, DEPTH, DEPTH_BITS)
          | put(matmul.drain() ? 1 : 0, DRAIN, 1)
          | put(matmul.clear() ? 1 : 0, CLEAR, 1);
    } else if (instruction instanceof VectorOp op) {
      return vector(op);
    } else if (instruction instanceof Store store) {
      return transfer(OPCODE_STORE, store.address(), store.bytes())
          | put(store.words() - 1, WORDS, WORDS_BITS)
          | put(store.mode().ordinal(), STORE_MODE, STORE_MODE_BITS)
          | put(store.transpose() ? 1 : 0, TRANSPOSE, 1);
    }
    return 0; // NOP
  }

  private static long config(int kind) {
    return head(OPCODE_CONFIG) | put(kind, CONFIG_KIND, CONFIG_KIND_BITS);
  }

  private static long transfer(int opcode, long address, int bytes) {
    return head(opcode) | put(address, ADDRESS, ADDRESS_BITS) | put(bytes, BYTES, BYTES_BITS);
  }

  private static long vector(VectorOp op) {
    int mode = MODE_ADD;
    int extension = 0;
    switch (op.op()) {
      case MUL -> mode = MODE_MUL;
      case APP -> mode = MODE_APP;
      case ADD -> extension = 0;
      case MAX -> extension = 1;
      case MIN -> extension = 2;
      case FLOOR -> extension = 3;
      case EXP2I -> extension = 4;
    }
    return head(OPCODE_VECTOR)
        | put(mode, MODE, MODE_BITS)
        | put(op.slotA(), SLOT_A, SLOT_BITS)
        | put(op.slotB(), SLOT_B, SLOT_BITS)
        | put(op.writeBack() ? 1 : 0, WRITE_BACK, 1)
        | put(op.destBank().ordinal(), DEST_BANK, 1)
        | put(op.destSlot(), DEST_SLOT, SLOT_BITS)
        | put(op.constant(), CONSTANT, CONSTANT_BITS)
        | put(op.select().ordinal(), SELECT, SELECT_BITS)
        | put(extension, EXTENSION, EXTENSION_BITS);
  }

  /**
   * The instruction of a word.
   *
   * @param word any 64 bits
   * @return the instruction that encodes to this word
   * @throws InstructionFormatException naming the bits that are wrong
   */
  public static Instruction decode(long word) {
    if (!flag(word, VALID)) {
      requireUnusedZero(word, "NOP", NOP_USED);
      return Nop.INSTANCE;
    }
    int opcode = get(word, OPCODE, OPCODE_BITS);
    return switch (opcode) {
      case OPCODE_CONFIG -> decodeConfig(word);
      case OPCODE_LOAD_M -> decodeLoadM(word);
      case OPCODE_LOAD_V -> decodeLoadV(word);
      case OPCODE_MATMUL -> decodeMatMul(word);
      case OPCODE_VECTOR -> decodeVector(word);
      case OPCODE_STORE -> decodeStore(word);
      default ->
          throw malformed(
              word, "bits 62:60 hold opcode " + opcode + ", expected 0, 1, 2, 3, 4 or 6");
    };
  }

  private static Instruction decodeConfig(long word) {
    switch (get(word, CONFIG_KIND, CONFIG_KIND_BITS)) {
      case KIND_CONST -> {
        requireUnusedZero(word, "CONFIG.CONST", CONST_USED);
        return new ConfigConst(
            get(word, CONST_INDEX, CONST_INDEX_BITS), get(word, CONST_VALUE, CONST_VALUE_BITS));
      }
      case KIND_SCALE -> {
        requireUnusedZero(word, "CONFIG.SCALE", SCALE_USED);
        return new ConfigScale(
            (short) get(word, SCALE_MANTISSA, SCALE_MANTISSA_BITS),
            get(word, SCALE_SHIFT, SCALE_SHIFT_BITS));
      }
      case KIND_HALT -> {
        requireUnusedZero(word, "HALT", HALT_USED);
        return HALT;
      }
      default -> throw malformed(word, "bits 59:58 of CONFIG hold 3, expected 0, 1 or 2");
    }
  }

  private static Instruction decodeLoadM(long word) {
    requireUnusedZero(word, "LOAD.M", LOAD_M_USED);
    return new LoadM(
        flag(word, LOAD_OPERAND) ? Operand.Y : Operand.X,
        get(word, LOAD_TILE, 1),
        get(word, DEPTH, DEPTH_BITS) + 1,
        address(word),
        get(word, BYTES, BYTES_BITS));
  }

  private static Instruction decodeLoadV(long word) {
    requireUnusedZero(word, "LOAD.V", LOAD_V_USED);
    return new LoadV(
        flag(word, LOAD_BANK) ? Bank.B : Bank.A,
        get(word, LOAD_SLOT, SLOT_BITS),
        address(word),
        get(word, BYTES, BYTES_BITS));
  }

  private static Instruction decodeMatMul(long word) {
    int mode = get(word, MODE, MODE_BITS);
    if (mode != MODE_INT8) {
      throw malformed(word, "bits 1:0 of MATMUL hold mode " + mode + ", expected 0");
    }
    requireUnusedZero(word, "MATMUL", MATMUL_USED);
    return new MatMul(
        get(word, X_TILE, 1),
        get(word, Y_TILE, 1),
        get(word, DEPTH, DEPTH_BITS) + 1,
        flag(word, CLEAR),
        flag(word, DRAIN));
  }

  private static Instruction decodeVector(long word) {
    int mode = get(word, MODE, MODE_BITS);
    int extension = get(word, EXTENSION, EXTENSION_BITS);
    if (mode == MODE_INT8) {
      throw malformed(word, "bits 1:0 of a vector operation hold mode 0, expected 1, 2 or 3");
    }
    int limit = mode == MODE_ADD ? EXTENSIONS.length - 1 : 0;
    if (extension > limit) {
      throw malformed(
          word,
          "bits 59:56 of a vector operation of mode "
              + mode
              + " hold extension "
              + extension
              + ", expected "
              + (limit == 0 ? "0" : "0.." + limit));
    }
    LaneOp op =
        switch (mode) {
          case MODE_MUL -> LaneOp.MUL;
          case MODE_APP -> LaneOp.APP;
          default -> EXTENSIONS[extension];
        };
    requireUnusedZero(word, "V." + op, VECTOR_USED);
    return new VectorOp(
        op,
        SELECTS[get(word, SELECT, SELECT_BITS)],
        get(word, SLOT_A, SLOT_BITS),
        get(word, SLOT_B, SLOT_BITS),
        get(word, CONSTANT, CONSTANT_BITS),
        flag(word, WRITE_BACK),
        flag(word, DEST_BANK) ? Bank.B : Bank.A,
        get(word, DEST_SLOT, SLOT_BITS));
  }

  private static Instruction decodeStore(long word) {
    requireUnusedZero(word, "STORE", STORE_USED);
    return new Store(
        STORE_MODES[get(word, STORE_MODE, STORE_MODE_BITS)],
        flag(word, TRANSPOSE),
        get(word, WORDS, WORDS_BITS) + 1,
        address(word),
        get(word, BYTES, BYTES_BITS));
  }
}
