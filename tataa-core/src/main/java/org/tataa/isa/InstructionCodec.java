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
          | depth(load.depth())
          | put(load.operand().ordinal(), LOAD_OPERAND, 1)
          | put(load.tile(), LOAD_TILE, 1);
    } else if (instruction instanceof LoadV load) {
      return transfer(OPCODE_LOAD_V, load.address(), load.bytes())
          | slot(load.slot(), LOAD_SLOT, LOAD_SLOT_HIGH)
          | put(load.bank().ordinal(), LOAD_BANK, 1);
    } else if (instruction instanceof MatMul matmul) {
      return head(OPCODE_MATMUL)
          | put(MODE_INT8, MODE, MODE_BITS)
          | put(matmul.xTile(), X_TILE, 1)
          | put(matmul.yTile(), Y_TILE, 1)
          | depth(matmul.depth())
          | put(matmul.drain() ? 1 : 0, DRAIN, 1)
          | put(matmul.clear() ? 1 : 0, CLEAR, 1);
    } else if (instruction instanceof VectorOp op) {
      return vector(op);
    } else if (instruction instanceof Store store) {
      return transfer(OPCODE_STORE, store.address(), store.bytes())
          | put(store.words() - 1, WORDS, WORDS_BITS)
          | put(store.mode().ordinal(), STORE_MODE, STORE_MODE_BITS)
          | put(store.transpose() ? 1 : 0, TRANSPOSE, 1);
    } else if (instruction instanceof StoreSlots store) {
      return head(OPCODE_STORE)
          | put(1, TO_SLOTS, 1)
          | put(store.slot(), STORE_SLOT, STORE_SLOT_BITS)
          | put(store.bank().ordinal(), STORE_BANK, 1)
          | put(store.words() - 1, WORDS, WORDS_BITS)
          | put(store.mode().ordinal(), STORE_MODE, STORE_MODE_BITS);
    }
    return 0; // NOP
  }

  private static long config(int kind) {
    return head(OPCODE_CONFIG) | put(kind, CONFIG_KIND, CONFIG_KIND_BITS);
  }

  private static long transfer(int opcode, long address, int bytes) {
    return head(opcode) | put(address, ADDRESS, ADDRESS_BITS) | put(bytes, BYTES, BYTES_BITS);
  }

  private static long depth(int depth) {
    return put(depth - 1, DEPTH, DEPTH_BITS) | put(depth - 1 >> DEPTH_BITS, DEPTH_HIGH, 1);
  }

  private static int depth(long word) {
    return (get(word, DEPTH_HIGH, 1) << DEPTH_BITS | get(word, DEPTH, DEPTH_BITS)) + 1;
  }

  private static long slot(int slot, int low, int high) {
    return put(slot, low, SLOT_BITS) | put(slot >> SLOT_BITS, high, SLOT_HIGH_BITS);
  }

  private static int slot(long word, int low, int high) {
    return get(word, high, SLOT_HIGH_BITS) << SLOT_BITS | get(word, low, SLOT_BITS);
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
        | slot(op.slotA(), SLOT_A, SLOT_A_HIGH)
        | slot(op.slotB(), SLOT_B, SLOT_B_HIGH)
        | put(op.writeBack() ? 1 : 0, WRITE_BACK, 1)
        | put(op.destBank().ordinal(), DEST_BANK, 1)
        | slot(op.destSlot(), DEST_SLOT, DEST_SLOT_HIGH)
        | put(op.constant(), CONSTANT, CONSTANT_BITS)
        | put(op.select().ordinal(), SELECT, SELECT_BITS)
        | put(extension, EXTENSION, EXTENSION_BITS);
  }

  /**
   * The instruction of a word of the released encoding.
   *
   * @param word any 64 bits
   * @return the instruction that encodes to this word
   * @throws InstructionFormatException naming the bits that are wrong
   */
  public static Instruction decode(long word) {
    return decode(word, Encoding.RELEASED);
  }

  /**
   * The instruction of a word.
   *
   * @param word any 64 bits
   * @param encoding which bits may be used
   * @return the instruction that encodes to this word
   * @throws InstructionFormatException naming the bits that are wrong
   */
  public static Instruction decode(long word, Encoding encoding) {
    boolean isWide = encoding == Encoding.WIDE;
    if (!flag(word, VALID)) {
      requireUnusedZero(word, "NOP", NOP_USED);
      return Nop.INSTANCE;
    }
    int opcode = get(word, OPCODE, OPCODE_BITS);
    return switch (opcode) {
      case OPCODE_CONFIG -> decodeConfig(word);
      case OPCODE_LOAD_M -> decodeLoadM(word, isWide ? WIDE_LOAD_M_USED : LOAD_M_USED);
      case OPCODE_LOAD_V -> decodeLoadV(word, isWide ? WIDE_LOAD_V_USED : LOAD_V_USED);
      case OPCODE_MATMUL -> decodeMatMul(word, isWide ? WIDE_MATMUL_USED : MATMUL_USED);
      case OPCODE_VECTOR -> decodeVector(word, isWide ? WIDE_VECTOR_USED : VECTOR_USED);
      case OPCODE_STORE ->
          isWide && flag(word, TO_SLOTS) ? decodeStoreSlots(word) : decodeStore(word);
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

  private static Instruction decodeLoadM(long word, long used) {
    requireUnusedZero(word, "LOAD.M", used);
    return new LoadM(
        flag(word, LOAD_OPERAND) ? Operand.Y : Operand.X,
        get(word, LOAD_TILE, 1),
        depth(word),
        address(word),
        get(word, BYTES, BYTES_BITS));
  }

  private static Instruction decodeLoadV(long word, long used) {
    requireUnusedZero(word, "LOAD.V", used);
    return new LoadV(
        flag(word, LOAD_BANK) ? Bank.B : Bank.A,
        slot(word, LOAD_SLOT, LOAD_SLOT_HIGH),
        address(word),
        get(word, BYTES, BYTES_BITS));
  }

  private static Instruction decodeMatMul(long word, long used) {
    int mode = get(word, MODE, MODE_BITS);
    if (mode != MODE_INT8) {
      throw malformed(word, "bits 1:0 of MATMUL hold mode " + mode + ", expected 0");
    }
    requireUnusedZero(word, "MATMUL", used);
    return new MatMul(
        get(word, X_TILE, 1),
        get(word, Y_TILE, 1),
        depth(word),
        flag(word, CLEAR),
        flag(word, DRAIN));
  }

  private static Instruction decodeVector(long word, long used) {
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
    requireUnusedZero(word, "V." + op, used);
    return new VectorOp(
        op,
        SELECTS[get(word, SELECT, SELECT_BITS)],
        slot(word, SLOT_A, SLOT_A_HIGH),
        slot(word, SLOT_B, SLOT_B_HIGH),
        get(word, CONSTANT, CONSTANT_BITS),
        flag(word, WRITE_BACK),
        flag(word, DEST_BANK) ? Bank.B : Bank.A,
        slot(word, DEST_SLOT, DEST_SLOT_HIGH));
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

  private static Instruction decodeStoreSlots(long word) {
    requireUnusedZero(word, "STORE.S", STORE_SLOTS_USED);
    StoreMode mode = STORE_MODES[get(word, STORE_MODE, STORE_MODE_BITS)];
    if (mode.toInt8()) {
      throw malformed(
          word, "bits 58:57 of STORE.S hold mode " + mode.ordinal() + ", expected 1 or 3");
    }
    return new StoreSlots(
        mode,
        flag(word, STORE_BANK) ? Bank.B : Bank.A,
        get(word, STORE_SLOT, STORE_SLOT_BITS),
        get(word, WORDS, WORDS_BITS) + 1);
  }
}
