package org.tataa.isa;

/**
 * Where the fields of a 64-bit word are (isa.md): for each field the number of its lowest bit and,
 * where it is wider than one bit, its width {@code _BITS}; for each mnemonic the mask {@code _USED}
 * of the bits that mean something. All other bits are 0.
 */
final class InstructionLayout {
  static final int VALID = 63;
  static final int OPCODE = 60;
  static final int OPCODE_BITS = 3;
  static final int OPCODE_CONFIG = 0;
  static final int OPCODE_LOAD_M = 1;
  static final int OPCODE_LOAD_V = 2;
  static final int OPCODE_MATMUL = 3;
  static final int OPCODE_VECTOR = 4;
  static final int OPCODE_STORE = 6;
  private static final long HEAD = mask(VALID, 1) | mask(OPCODE, OPCODE_BITS);
  static final long NOP_USED = mask(VALID, 1);

  static final int CONFIG_KIND = 58;
  static final int CONFIG_KIND_BITS = 2;
  static final int KIND_CONST = 0;
  static final int KIND_SCALE = 1;
  static final int KIND_HALT = 2;
  static final int SCALE_SHIFT = 0;
  static final int SCALE_SHIFT_BITS = 5;
  static final int SCALE_MANTISSA = 5;
  static final int SCALE_MANTISSA_BITS = 16;
  static final int CONST_VALUE = 0;
  static final int CONST_VALUE_BITS = 16;
  static final int CONST_INDEX = 16;
  static final int CONST_INDEX_BITS = 3;
  static final long HALT_USED = HEAD | mask(CONFIG_KIND, CONFIG_KIND_BITS);
  static final long SCALE_USED =
      HALT_USED | mask(SCALE_SHIFT, SCALE_SHIFT_BITS) | mask(SCALE_MANTISSA, SCALE_MANTISSA_BITS);
  static final long CONST_USED =
      HALT_USED | mask(CONST_VALUE, CONST_VALUE_BITS) | mask(CONST_INDEX, CONST_INDEX_BITS);

  static final int ADDRESS = 0;
  static final int ADDRESS_BITS = 32;
  static final int BYTES = 32;
  static final int BYTES_BITS = 16;
  private static final long TRANSFER = HEAD | mask(ADDRESS, ADDRESS_BITS) | mask(BYTES, BYTES_BITS);

  static final int DEPTH = 48;
  static final int DEPTH_BITS = 9;

  /** Tenth bit of a depth, in wide words. */
  static final int DEPTH_HIGH = 59;

  static final int LOAD_OPERAND = 57;
  static final int LOAD_TILE = 58;
  static final long LOAD_M_USED =
      TRANSFER | mask(DEPTH, DEPTH_BITS) | mask(LOAD_OPERAND, 1) | mask(LOAD_TILE, 1);

  static final long WIDE_LOAD_M_USED = LOAD_M_USED | mask(DEPTH_HIGH, 1);

  static final int SLOT_BITS = 5;

  /** Bits of a slot above the others, in wide words. */
  static final int SLOT_HIGH_BITS = 3;

  static final int LOAD_SLOT = 48;
  static final int LOAD_BANK = 53;
  static final int LOAD_SLOT_HIGH = 54;
  static final long LOAD_V_USED = TRANSFER | mask(LOAD_SLOT, SLOT_BITS) | mask(LOAD_BANK, 1);
  static final long WIDE_LOAD_V_USED = LOAD_V_USED | mask(LOAD_SLOT_HIGH, SLOT_HIGH_BITS);

  static final int MODE = 0;
  static final int MODE_BITS = 2;
  static final int MODE_INT8 = 0;
  static final int MODE_APP = 1;
  static final int MODE_MUL = 2;
  static final int MODE_ADD = 3;

  static final int X_TILE = 2;
  static final int Y_TILE = 3;
  static final int DRAIN = 57;
  static final int CLEAR = 58;
  static final long MATMUL_USED =
      HEAD
          | mask(MODE, MODE_BITS)
          | mask(X_TILE, 1)
          | mask(Y_TILE, 1)
          | mask(DEPTH, DEPTH_BITS)
          | mask(DRAIN, 1)
          | mask(CLEAR, 1);
  static final long WIDE_MATMUL_USED = MATMUL_USED | mask(DEPTH_HIGH, 1);

  static final int SLOT_A_HIGH = 4;
  static final int SLOT_B_HIGH = 7;
  static final int DEST_SLOT_HIGH = 10;
  static final int SLOT_A = 32;
  static final int SLOT_B = 37;
  static final int WRITE_BACK = 42;
  static final int DEST_BANK = 43;
  static final int DEST_SLOT = 44;
  static final int CONSTANT = 49;
  static final int CONSTANT_BITS = 3;
  static final int SELECT = 53;
  static final int SELECT_BITS = 3;
  static final int EXTENSION = 56;
  static final int EXTENSION_BITS = 4;
  static final long VECTOR_USED =
      HEAD
          | mask(MODE, MODE_BITS)
          | mask(SLOT_A, SLOT_BITS)
          | mask(SLOT_B, SLOT_BITS)
          | mask(WRITE_BACK, 1)
          | mask(DEST_BANK, 1)
          | mask(DEST_SLOT, SLOT_BITS)
          | mask(CONSTANT, CONSTANT_BITS)
          | mask(SELECT, SELECT_BITS)
          | mask(EXTENSION, EXTENSION_BITS);
  static final long WIDE_VECTOR_USED =
      VECTOR_USED
          | mask(SLOT_A_HIGH, SLOT_HIGH_BITS)
          | mask(SLOT_B_HIGH, SLOT_HIGH_BITS)
          | mask(DEST_SLOT_HIGH, SLOT_HIGH_BITS);

  static final int WORDS = 48;
  static final int WORDS_BITS = 8;
  static final int STORE_MODE = 57;
  static final int STORE_MODE_BITS = 2;
  static final int TRANSPOSE = 59;
  static final long STORE_USED =
      TRANSFER | mask(WORDS, WORDS_BITS) | mask(STORE_MODE, STORE_MODE_BITS) | mask(TRANSPOSE, 1);

  /** Whether a store goes to vector slots, in wide words. */
  static final int TO_SLOTS = 56;

  static final int STORE_SLOT = 0;
  static final int STORE_SLOT_BITS = SLOT_BITS + SLOT_HIGH_BITS;
  static final int STORE_BANK = 8;
  static final long STORE_SLOTS_USED =
      HEAD
          | mask(STORE_SLOT, STORE_SLOT_BITS)
          | mask(STORE_BANK, 1)
          | mask(WORDS, WORDS_BITS)
          | mask(TO_SLOTS, 1)
          | mask(STORE_MODE, STORE_MODE_BITS);

  private InstructionLayout() {}

  private static long mask(int shift, int bits) {
    return ((1L << bits) - 1) << shift;
  }

  /** A word with the valid bit and an opcode. */
  static long head(int opcode) {
    return mask(VALID, 1) | put(opcode, OPCODE, OPCODE_BITS);
  }

  /** The low {@code bits} of a value, at their place in the word. */
  static long put(long value, int shift, int bits) {
    return value << shift & mask(shift, bits);
  }

  /** A field of at most 31 bits, unsigned. */
  static int get(long word, int shift, int bits) {
    return (int) ((word & mask(shift, bits)) >>> shift);
  }

  /** A one-bit field. */
  static boolean flag(long word, int shift) {
    return get(word, shift, 1) == 1;
  }

  /** The address field, unsigned. */
  static long address(long word) {
    return word & mask(ADDRESS, ADDRESS_BITS);
  }

  /**
   * Demands that only used bits are set.
   *
   * @throws InstructionFormatException naming every range of unused bits that is not zero
   */
  static void requireUnusedZero(long word, String mnemonic, long used) {
    if ((word & ~used) == 0) {
      return;
    }
    StringBuilder faults = new StringBuilder();
    for (int high = 63; high >= 0; high--) {
      if ((used >>> high & 1) == 1) {
        continue;
      }
      int low = high;
      while (low > 0 && (used >>> (low - 1) & 1) == 0) {
        low--;
      }
      long found = word << (63 - high) >>> (63 - high + low);
      if (found != 0) {
        faults.append(faults.length() == 0 ? "" : "; ");
        faults.append(high == low ? "bit " + high : "bits " + high + ":" + low);
        faults.append(" of ").append(mnemonic).append(" must be 0, found 0x");
        faults.append(Long.toHexString(found));
      }
      high = low;
    }
    throw malformed(word, faults.toString());
  }

  /** A field of a word that holds none of its codes. */
  static InstructionFormatException malformed(long word, String fault) {
    return new InstructionFormatException(String.format("word 0x%016x: %s", word, fault));
  }
}
