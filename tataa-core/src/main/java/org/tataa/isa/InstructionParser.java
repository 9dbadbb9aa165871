package org.tataa.isa;

import java.util.Arrays;
import java.util.Locale;
import org.tataa.numeric.LaneOp;

/** Reads one instruction line after its labels; {@link Assembler} describes the language. */
final class InstructionParser {
  private static final int WORD_BYTES = 32;
  private static final int VECTOR_BYTES = 256;

  private final LineParser line;
  private final Encoding encoding;

  InstructionParser(LineParser line, Encoding encoding) {
    this.line = line;
    this.encoding = encoding;
  }

  Instruction parse(Token mnemonic) {
    Instruction instruction =
        switch (mnemonic.text().toUpperCase(Locale.ROOT)) {
          case "HALT" -> new Halt();
          case "CONFIG.SCALE" -> configScale();
          case "CONFIG.CONST" -> configConst();
          case "LOAD.M" -> loadM();
          case "LOAD.V" -> loadV();
          case "MATMUL" -> matMul();
          case "STORE.M" -> store(StoreMode.ACC_TO_INT8, StoreMode.ACC_TO_BF16);
          case "STORE.V" -> store(StoreMode.BF16_TO_INT8, StoreMode.BF16_TO_BF16);
          case "STORE.S" -> storeSlots(mnemonic);
          case "V.MUL" -> vector(LaneOp.MUL);
          case "V.ADD" -> vector(LaneOp.ADD);
          case "V.APP" -> vector(LaneOp.APP);
          case "V.MAX" -> vector(LaneOp.MAX);
          case "V.MIN" -> vector(LaneOp.MIN);
          case "V.FLOOR" -> vector(LaneOp.FLOOR);
          case "V.EXP2I" -> vector(LaneOp.EXP2I);
          default -> throw unknown(mnemonic);
        };
    line.end();
    return instruction;
  }

  private Token.SyntaxException unknown(Token mnemonic) {
    return mnemonic.error(
        "unknown mnemonic "
            + mnemonic
            + ", expected NOP, HALT, CONFIG.SCALE,"
            + " CONFIG.CONST, LOAD.M, LOAD.V, MATMUL, V.MUL, V.ADD, V.APP, V.MAX, V.MIN,"
            + " V.FLOOR, V.EXP2I, STORE.M"
            + (encoding.hasStoreSlots() ? ", STORE.V or STORE.S" : " or STORE.V"));
  }

  private Instruction vector(LaneOp op) {
    return VectorOpParser.parse(op, line, encoding);
  }

  private int attribute(String name, int min, int max) {
    expectAttribute(name);
    return line.intValue(name, min, max);
  }

  private void expectAttribute(String name) {
    keyword("`" + name + "=`", name);
    line.expect("=");
  }

  private String keyword(String what, String... allowed) {
    Token token = line.name(what);
    if (!Arrays.asList(allowed).contains(token.text())) {
      throw token.error("found " + token + ", expected " + what);
    }
    return token.text();
  }

  private long address() {
    line.expect(",");
    expectAttribute("addr");
    return line.value("addr", 0, Fields.MAX_ADDRESS);
  }

  private Instruction configScale() {
    int mantissa = attribute("man", Short.MIN_VALUE, Short.MAX_VALUE);
    line.expect(",");
    return new ConfigScale(mantissa, attribute("shift", 0, 31));
  }

  private Instruction configConst() {
    int index = Register.read(line, "a constant register C0..C7", "C", encoding).number();
    line.expect(",");
    return new ConfigConst(index, line.intValue("constant", 0, 0xffff));
  }

  private Instruction loadM() {
    Operand operand = Operand.valueOf(keyword("X or Y", "X", "Y"));
    line.expect(",");
    int tile = attribute("tile", 0, 1);
    line.expect(",");
    int depth = attribute("depth", 1, encoding.depth());
    long address = address();
    int bytes = line.accept(",") ? attribute("bytes", 0, 0xffff) : depth * WORD_BYTES;
    return new LoadM(operand, tile, depth, address, bytes);
  }

  private Instruction loadV() {
    Register slot = Register.slot(line, "", encoding);
    long address = address();
    int bytes = line.accept(",") ? attribute("bytes", 0, 0xffff) : VECTOR_BYTES;
    return new LoadV(slot.bank(), slot.number(), address, bytes);
  }

  private Instruction matMul() {
    int x = attribute("x", 0, 1);
    line.expect(",");
    int y = attribute("y", 0, 1);
    line.expect(",");
    int depth = attribute("depth", 1, encoding.depth());
    boolean clear = false;
    boolean drain = false;
    if (line.accept(",")) {
      clear = keyword("`clear` or `drain`", "clear", "drain").equals("clear");
      drain = !clear;
      if (clear && line.accept(",")) {
        keyword("`drain`", "drain");
        drain = true;
      }
    }
    return new MatMul(x, y, depth, clear, drain);
  }

  private Instruction store(StoreMode toInt8, StoreMode toBf16) {
    StoreMode mode = keyword("`int8` or `bf16`", "int8", "bf16").equals("int8") ? toInt8 : toBf16;
    line.expect(",");
    int words = attribute("words", 1, 256);
    long address = address();
    int bytes = words * WORD_BYTES * (mode == StoreMode.ACC_TO_BF16 ? 2 : 1);
    boolean transpose = false;
    if (line.accept(",")) {
      transpose = keyword("`bytes=` or `transpose`", "bytes", "transpose").equals("transpose");
      if (!transpose) {
        line.expect("=");
        bytes = line.intValue("bytes", 0, 0xffff);
        if (line.accept(",")) {
          keyword("`transpose`", "transpose");
          transpose = true;
        }
      }
    }
    return new Store(mode, transpose, words, address, bytes);
  }

  private Instruction storeSlots(Token mnemonic) {
    if (!encoding.hasStoreSlots()) {
      throw unknown(mnemonic);
    }
    boolean isSums = keyword("`sums` or `vectors`", "sums", "vectors").equals("sums");
    line.expect(",");
    int words = attribute("words", 1, 256);
    line.expect("->");
    Register slot = Register.slot(line, "", encoding);
    StoreMode mode = isSums ? StoreMode.ACC_TO_BF16 : StoreMode.BF16_TO_BF16;
    return new StoreSlots(mode, slot.bank(), slot.number(), words);
  }
}
