package org.tataa.isa;

import org.tataa.numeric.LaneOp;

/**
 * The 64-bit encoding (isa.md). Every field is a shift and a width; bits that belong to no field of an
 * opcode must be zero.
 */
public final class InstructionCodec {
  private static final int VALID = 63;
  private static final int OPCODE = 60;
  private static final int OPCODE_BITS = 3;

  private static final int OP_CONFIG = 0;
  private static final int OP_LOAD_M = 1;
  private static final int OP_LOAD_V = 2;
  private static final int OP_MATMUL = 3;
  private static final int OP_VECTOR = 4;
  private static final int OP_STORE = 6;

  private static final int CONFIG_KIND = 58;
  private static final int CONFIG_KIND_BITS = 2;
  private static final int KIND_CONST = 0;
  private static final int KIND_SCALE = 1;
  private static final int KIND_HALT = 2;
  private static final int SCALE_SHIFT = 0;
  private static final int SCALE_SHIFT_BITS = 5;
  private static final int SCALE_MANTISSA = 5;
  private static final int SCALE_MANTISSA_BITS = 16;
  private static final int CONST_VALUE = 0;
  private static final int CONST_VALUE_BITS = 16;
  private static final int CONST_INDEX = 16;
  private static final int CONST_INDEX_BITS = 3;

  private static final int ADDRESS = 0;
  private static final int ADDRESS_BITS = 32;
  private static final int BYTES = 32;
  private static final int BYTES_BITS = 16;
  private static final int DEPTH = 48;
  private static final int DEPTH_BITS = 9;
  private static final int LOAD_OPERAND = 57;
  private static final int LOAD_TILE = 58;
  private static final int SLOT_BITS = 5;
  private static final int LOAD_SLOT = 48;
  private static final int LOAD_BANK = 53;

  private static final int MODE = 0;
  private static final int MODE_BITS = 2;
  private static final int MODE_INT8 = 0;
  private static final int MODE_APP = 1;
  private static final int MODE_MUL = 2;
  private static final int MODE_ADD = 3;
  private static final int X_TILE = 2;
  private static final int Y_TILE = 3;
  private static final int DRAIN = 57;
  private static final int CLEAR = 58;

  private static final int SLOT_A = 32;
  private static final int SLOT_B = 37;
  private static final int WRITE_BACK = 42;
  private static final int DEST_BANK = 43;
  private static final int DEST_SLOT = 44;
  private static final int CONSTANT = 49;
  private static final int CONSTANT_BITS = 3;
  private static final int SELECT = 53;
  private static final int SELECT_BITS = 3;
  private static final int EXTENSION = 56;
  private static final int EXTENSION_BITS = 4;
  private static final LaneOp[] EXTENSIONS = {
    LaneOp.ADD, LaneOp.MAX, LaneOp.MIN, LaneOp.FLOOR, LaneOp.EXP2I
  };

  private static final int WORDS = 48;
  private static final int WORDS_BITS = 8;
  private static final int STORE_MODE = 57;
  private static final int STORE_MODE_BITS = 2;
  private static final int TRANSPOSE = 59;

  private static final Instruction NOP = new Nop();
  private static final Instruction HALT = new Halt();

  private InstructionCodec() {}

  /** The word of an instruction. */
  public static long encode(Instruction instruction) {
    if (instruction instanceof Nop) {
      return 0;
    } else if (instruction instanceof ConfigScale scale) {
      return head(OP_CONFIG)
          | put(KIND_SCALE, CONFIG_KIND, CONFIG_KIND_BITS)
          | put(scale.rightShift(), SCALE_SHIFT, SCALE_SHIFT_BITS)
          | put(scale.mantissa(), SCALE_MANTISSA, SCALE_MANTISSA_BITS);
    } else if (instruction instanceof ConfigConst constant) {
      return head(OP_CONFIG)
          | put(KIND_CONST, CONFIG_KIND, CONFIG_KIND_BITS)
          | put(constant.value(), CONST_VALUE, CONST_VALUE_BITS)
          | put(constant.index(), CONST_INDEX, CONST_INDEX_BITS);
    } else if (instruction instanceof Halt) {
      return head(OP_CONFIG) | put(KIND_HALT, CONFIG_KIND, CONFIG_KIND_BITS);
    } else if (instruction instanceof LoadM load) {
      return head(OP_LOAD_M)
          | put(load.address(), ADDRESS, ADDRESS_BITS)
          | put(load.bytes(), BYTES, BYTES_BITS)
          | put(load.depth() - 1, DEPTH, DEPTH_BITS)
          | put(load.operand().ordinal(), LOAD_OPERAND, 1)
          | put(load.tile(), LOAD_TILE, 1);
    } else if (instruction instanceof LoadV load) {
      return head(OP_LOAD_V)
          | put(load.address(), ADDRESS, ADDRESS_BITS)
          | put(load.bytes(), BYTES, BYTES_BITS)
          | put(load.slot(), LOAD_SLOT, SLOT_BITS)
          | put(load.bank().ordinal(), LOAD_BANK, 1);
    } else if (instruction instanceof MatMul matmul) {
      return head(OP_MATMUL)
          | put(matmul.xTile(), X_TILE, 1)
          | put(matmul.yTile(), Y_TILE, 1)
          | put(matmul.depth() - 1, DEPTH, DEPTH_BITS)
          | put(matmul.drain() ? 1 : 0, DRAIN, 1)
          | put(matmul.clear() ? 1 : 0, CLEAR, 1);
    } else if (instruction instanceof VectorOp op) {
      return encodeVector(op);
    } else if (instruction instanceof Store store) {
      return head(OP_STORE)
          | put(store.address(), ADDRESS, ADDRESS_BITS)
          | put(store.bytes(), BYTES, BYTES_BITS)
          | put(store.words() - 1, WORDS, WORDS_BITS)
          | put(store.mode().ordinal(), STORE_MODE, STORE_MODE_BITS)
          | put(store.transpose() ? 1 : 0, TRANSPOSE, 1);
    }
    throw new AssertionError(instruction);
  }

  private static long encodeVector(VectorOp op) {
    int mode =
        op.op() == LaneOp.MUL ? MODE_MUL : op.op() == LaneOp.APP ? MODE_APP : MODE_ADD;
    int extension = 0;
    for (int code = 0; code < EXTENSIONS.length; code++) {
      if (EXTENSIONS[code] == op.op()) {
        extension = code;
      }
    }
    return head(OP_VECTOR)
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
   * @throws InstructionFormatException naming the bits that are wrong
   */
  public static Instruction decode(long word) {
    if (word >= 0) {
      requireZero(word, "NOP", 0L);
      return NOP;
    }
    int opcode = get(word, OPCODE, OPCODE_BITS);
    Instruction instruction =
        switch (opcode) {
          case OP_CONFIG -> decodeConfig(word);
          case OP_LOAD_M ->
              new LoadM(
                  get(word, LOAD_OPERAND, 1) == 0 ? Operand.X : Operand.Y,
                  get(word, LOAD_TILE, 1),
                  get(word, DEPTH, DEPTH_BITS) + 1,
                  word & Fields.MAX_ADDRESS,
                  get(word, BYTES, BYTES_BITS));
          case OP_LOAD_V ->
              new LoadV(
                  get(word, LOAD_BANK, 1) == 0 ? Bank.A : Bank.B,
                  get(word, LOAD_SLOT, SLOT_BITS),
                  word & Fields.MAX_ADDRESS,
                  get(word, BYTES, BYTES_BITS));
          case OP_MATMUL -> decodeMatMul(word);
          case OP_VECTOR -> decodeVector(word);
          case OP_STORE ->
              new Store(
                  StoreMode.values()[get(word, STORE_MODE, STORE_MODE_BITS)],
                  get(word, TRANSPOSE, 1) == 1,
                  get(word, WORDS, WORDS_BITS) + 1,
                  word & Fields.MAX_ADDRESS,
                  get(word, BYTES, BYTES_BITS));
          default ->
              throw new InstructionFormatException(
                  String.format(
                      "word 0x%016x: bits 62:60 hold opcode %d, expected 0, 1, 2, 3, 4 or 6",
                      word, opcode));
        };
    requireZero(word, instruction.mnemonic(), encode(instruction));
    return instruction;
  }

  private static Instruction decodeConfig(long word) {
    return switch (get(word, CONFIG_KIND, CONFIG_KIND_BITS)) {
      case KIND_CONST ->
          new ConfigConst(
              get(word, CONST_INDEX, CONST_INDEX_BITS), get(word, CONST_VALUE, CONST_VALUE_BITS));
      case KIND_SCALE ->
          new ConfigScale(
              (short) get(word, SCALE_MANTISSA, SCALE_MANTISSA_BITS),
              get(word, SCALE_SHIFT, SCALE_SHIFT_BITS));
      case KIND_HALT -> HALT;
      default ->
          throw new InstructionFormatException(
              String.format(
                  "word 0x%016x: bits 59:58 of CONFIG hold 3, expected 0, 1 or 2", word));
    };
  }

  private static Instruction decodeMatMul(long word) {
    int mode = get(word, MODE, MODE_BITS);
    if (mode != MODE_INT8) {
      throw new InstructionFormatException(
          String.format("word 0x%016x: bits 1:0 of MATMUL hold mode %d, expected 0", word, mode));
    }
    return new MatMul(
        get(word, X_TILE, 1),
        get(word, Y_TILE, 1),
        get(word, DEPTH, DEPTH_BITS) + 1,
        get(word, CLEAR, 1) == 1,
        get(word, DRAIN, 1) == 1);
  }

  private static Instruction decodeVector(long word) {
    int mode = get(word, MODE, MODE_BITS);
    int extension = get(word, EXTENSION, EXTENSION_BITS);
    if (mode == MODE_INT8) {
      throw new InstructionFormatException(
          String.format(
              "word 0x%016x: bits 1:0 of a vector operation hold mode 0, expected 1, 2 or 3",
              word));
    }
    int limit = mode == MODE_ADD ? EXTENSIONS.length - 1 : 0;
    if (extension > limit) {
      throw new InstructionFormatException(
          String.format(
              "word 0x%016x: bits 59:56 of a vector operation of mode %d hold extension %d,"
                  + " expected 0..%d",
              word, mode, extension, limit));
    }
    LaneOp op = mode == MODE_MUL ? LaneOp.MUL : mode == MODE_APP ? LaneOp.APP : EXTENSIONS[extension];
    return new VectorOp(
        op,
        OperandSelect.values()[get(word, SELECT, SELECT_BITS)],
        get(word, SLOT_A, SLOT_BITS),
        get(word, SLOT_B, SLOT_BITS),
        get(word, CONSTANT, CONSTANT_BITS),
        get(word, WRITE_BACK, 1) == 1,
        get(word, DEST_BANK, 1) == 0 ? Bank.A : Bank.B,
        get(word, DEST_SLOT, SLOT_BITS));
  }

  private static long head(int opcode) {
    return 1L << VALID | put(opcode, OPCODE, OPCODE_BITS);
  }

  private static long put(long value, int shift, int bits) {
    return (value & ((1L << bits) - 1)) << shift;
  }

  private static int get(long word, int shift, int bits) {
    return (int) (word >>> shift) & ((1 << bits) - 1);
  }

  // Whatever the fields do not explain must be zero; names the runs of bits that are not.
  private static void requireZero(long word, String mnemonic, long explained) {
    long rest = word ^ explained;
    if (rest == 0) {
      return;
    }
    StringBuilder bits = new StringBuilder();
    for (int high = 63; high >= 0; high--) {
      if ((rest >>> high & 1) == 0) {
        continue;
      }
      int low = high;
      while (low > 0 && (rest >>> (low - 1) & 1) == 1) {
        low--;
      }
      bits.append(bits.length() == 0 ? "" : ", ");
      bits.append(high == low ? Integer.toString(high) : high + ":" + low);
      high = low;
    }
    throw new InstructionFormatException(
        String.format("word 0x%016x: unused bits %s of %s must be 0", word, bits, mnemonic));
  }
}
