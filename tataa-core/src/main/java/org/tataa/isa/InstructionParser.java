package org.tataa.isa;

import java.util.Locale;
import org.tataa.numeric.LaneOp;

/** Reads one instruction line, after its label. */
final class InstructionParser {
  private static final int MAX_NOPS = 1 << 24;

  private final LineParser line;
  private final int defaultWordBytes;

  InstructionParser(LineParser line, int defaultWordBytes) {
    this.line = line;
    this.defaultWordBytes = defaultWordBytes;
  }

  /** Count of a NOP line; 1 for any other line. Consumes the count only. */
  static int nopCount(LineParser line) {
    return line.peek().kind() == Token.Kind.END ? 1 : line.intValue("NOP count", 0, MAX_NOPS);
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
          case "STORE.M" -> store(true);
          case "STORE.V" -> store(false);
          case "V.MUL" -> vector(LaneOp.MUL);
          case "V.ADD" -> vector(LaneOp.ADD);
          case "V.APP" -> vector(LaneOp.APP);
          case "V.MAX" -> vector(LaneOp.MAX);
          case "V.MIN" -> vector(LaneOp.MIN);
          case "V.FLOOR" -> vector(LaneOp.FLOOR);
          case "V.EXP2I" -> vector(LaneOp.EXP2I);
          default ->
              throw LineParser.error(
                  mnemonic,
                  "unknown mnemonic " + mnemonic + ", expected NOP, HALT, CONFIG.SCALE,"
                      + " CONFIG.CONST, LOAD.M, LOAD.V, MATMUL, V.MUL, V.ADD, V.APP, V.MAX, V.MIN,"
                      + " V.FLOOR, V.EXP2I, STORE.M or STORE.V");
        };
    line.end();
    return instruction;
  }

  private int attribute(String name, int min, int max) {
    Token token = line.peek();
    String found = line.name("`" + name + "=`");
    if (!found.equals(name)) {
      throw LineParser.error(token, "found " + token + ", expected `" + name + "=`");
    }
    line.expect("=");
    return line.intValue(name, min, max);
  }

  private long address() {
    Token token = line.peek();
    if (!line.name("`addr=`").equals("addr")) {
      throw LineParser.error(token, "found " + token + ", expected `addr=`");
    }
    line.expect("=");
    return line.value("addr", 0, Fields.MAX_ADDRESS);
  }

  private Instruction configScale() {
    int mantissa = attribute("man", Short.MIN_VALUE, Short.MAX_VALUE);
    line.expect(",");
    return new ConfigScale(mantissa, attribute("shift", 0, 31));
  }

  private Instruction configConst() {
    int index = register('C', 7);
    line.expect(",");
    return new ConfigConst(index, line.intValue("constant", 0, 0xffff));
  }

  private Instruction loadM() {
    Token token = line.peek();
    String operand = line.name("X or Y");
    if (!operand.equals("X") && !operand.equals("Y")) {
      throw LineParser.error(token, "found " + token + ", expected X or Y");
    }
    line.expect(",");
    int tile = attribute("tile", 0, 1);
    line.expect(",");
    int depth = attribute("depth", 1, 512);
    line.expect(",");
    long address = address();
    int bytes =
        line.accept(",") ? attribute("bytes", 0, 0xffff) : Math.min(depth * defaultWordBytes, 0xffff);
    return new LoadM(operand.equals("X") ? Operand.X : Operand.Y, tile, depth, address, bytes);
  }

  private Instruction loadV() {
    Token token = line.peek();
    String name = line.name("a slot A0..A31 or B0..B31");
    Bank bank = bankOf(token, name);
    int slot = number(token, name, 31);
    line.expect(",");
    long address = address();
    int bytes = line.accept(",") ? attribute("bytes", 0, 0xffff) : 8 * defaultWordBytes;
    return new LoadV(bank, slot, address, bytes);
  }

  private Instruction matMul() {
    int x = attribute("x", 0, 1);
    line.expect(",");
    int y = attribute("y", 0, 1);
    line.expect(",");
    int depth = attribute("depth", 1, 512);
    boolean clear = false;
    boolean drain = false;
    while (line.accept(",")) {
      Token token = line.peek();
      String flag = line.name("clear or drain");
      if (flag.equals("clear") && !clear && !drain) {
        clear = true;
      } else if (flag.equals("drain") && !drain) {
        drain = true;
      } else {
        throw LineParser.error(
            token, "found " + token + ", expected clear, then drain, each at most once");
      }
    }
    return new MatMul(x, y, depth, clear, drain);
  }

  private Instruction store(boolean sums) {
    Token token = line.peek();
    String type = line.name("int8 or bf16");
    if (!type.equals("int8") && !type.equals("bf16")) {
      throw LineParser.error(token, "found " + token + ", expected int8 or bf16");
    }
    boolean int8 = type.equals("int8");
    StoreMode mode =
        sums
            ? int8 ? StoreMode.ACC_TO_INT8 : StoreMode.ACC_TO_BF16
            : int8 ? StoreMode.BF16_TO_INT8 : StoreMode.BF16_TO_BF16;
    line.expect(",");
    int words = attribute("words", 1, 256);
    line.expect(",");
    long address = address();
    int bytes = words * defaultWordBytes * (mode == StoreMode.ACC_TO_BF16 ? 2 : 1);
    boolean transpose = false;
    if (line.accept(",")) {
      if (line.peek().text().equals("transpose")) {
        line.next();
        transpose = true;
      } else {
        bytes = attribute("bytes", 0, 0xffff);
        if (line.accept(",")) {
          Token flag = line.peek();
          if (!line.name("transpose").equals("transpose")) {
            throw LineParser.error(flag, "found " + flag + ", expected transpose");
          }
          transpose = true;
        }
      }
    }
    return new Store(mode, transpose, words, address, Math.min(bytes, 0xffff));
  }

  private record Source(Token token, boolean negative, char kind, int number) {}

  private Source source() {
    boolean negative = line.accept("-");
    Token token = line.peek();
    String name = line.name("a source A0..A31, B0..B31 or C0..C7");
    char kind = name.charAt(0);
    if (kind != 'A' && kind != 'B' && kind != 'C') {
      throw LineParser.error(
          token, "found " + token + ", expected a source A0..A31, B0..B31 or C0..C7");
    }
    return new Source(token, negative, kind, number(token, name, kind == 'C' ? 7 : 31));
  }

  private Instruction vector(LaneOp op) {
    Source first = source();
    Source second = line.accept(",") ? source() : null;
    int[] slots = new int[3];
    slots[first.kind() - 'A'] = first.number();
    OperandSelect select;
    if (second == null) {
      if (op.operands() == 2) {
        throw line.expected("`,` and a second source");
      }
      select = single(first);
    } else {
      slots[second.kind() - 'A'] = second.number();
      select = pair(first, second);
    }
    line.expect("->");
    Token token = line.peek();
    String target = line.name("DMB or a slot A0..A31 or B0..B31");
    boolean writeBack = !target.equals("DMB");
    Bank bank = writeBack ? bankOf(token, target) : Bank.A;
    int slot = writeBack ? number(token, target, 31) : 0;
    while (line.accept(",")) {
      Token extra = line.peek();
      String name = line.name("a=, b=, c= or dest=");
      line.expect("=");
      switch (name) {
        case "a" -> slots[0] = line.intValue("a", 0, 31);
        case "b" -> slots[1] = line.intValue("b", 0, 31);
        case "c" -> slots[2] = line.intValue("c", 0, 7);
        case "dest" -> {
          Token destination = line.peek();
          String text = line.name("a slot A0..A31 or B0..B31");
          bank = bankOf(destination, text);
          slot = number(destination, text, 31);
        }
        default ->
            throw LineParser.error(extra, "found " + extra + ", expected a=, b=, c= or dest=");
      }
    }
    return new VectorOp(op, select, slots[0], slots[1], slots[2], writeBack, bank, slot);
  }

  private static OperandSelect single(Source source) {
    return switch (source.kind()) {
      case 'A' -> source.negative() ? OperandSelect.NEG_A_C : OperandSelect.A_B;
      case 'B' -> positive(source, OperandSelect.B_B);
      default -> positive(source, OperandSelect.C_B);
    };
  }

  private static OperandSelect positive(Source source, OperandSelect select) {
    if (source.negative()) {
      throw LineParser.error(
          source.token(), "-" + source.token().text() + " cannot be a first source");
    }
    return select;
  }

  private static OperandSelect pair(Source first, Source second) {
    String form =
        (first.negative() ? "-" : "") + first.kind() + (second.negative() ? ",-" : ",")
            + second.kind();
    OperandSelect select =
        switch (form) {
          case "A,B" -> OperandSelect.A_B;
          case "A,A" -> OperandSelect.A_A;
          case "B,B" -> OperandSelect.B_B;
          case "A,-B" -> OperandSelect.A_NEG_B;
          case "A,C" -> OperandSelect.A_C;
          case "-A,C" -> OperandSelect.NEG_A_C;
          case "C,B" -> OperandSelect.C_B;
          case "C,-B" -> OperandSelect.C_NEG_B;
          default ->
              throw LineParser.error(
                  first.token(),
                  "sources " + form + " cannot be combined, expected A,B A,A B,B A,-B A,C -A,C C,B"
                      + " or C,-B");
        };
    if (first.kind() == second.kind() && first.number() != second.number()) {
      throw LineParser.error(
          second.token(),
          "found " + second.token() + ", expected `" + first.token().text()
              + "`: one bank delivers one slot");
    }
    return select;
  }

  private int register(char kind, int max) {
    Token token = line.peek();
    String name = line.name(kind + "0.." + kind + max);
    if (name.charAt(0) != kind) {
      throw LineParser.error(token, "found " + token + ", expected " + kind + "0.." + kind + max);
    }
    return number(token, name, max);
  }

  private static Bank bankOf(Token token, String name) {
    if (name.charAt(0) != 'A' && name.charAt(0) != 'B') {
      throw LineParser.error(token, "found " + token + ", expected a slot A0..A31 or B0..B31");
    }
    return name.charAt(0) == 'A' ? Bank.A : Bank.B;
  }

  private static int number(Token token, String name, int max) {
    String digits = name.substring(1);
    if (!digits.matches("\\d{1,2}") || Integer.parseInt(digits) > max) {
      throw LineParser.error(
          token,
          "found " + token + ", expected " + name.charAt(0) + "0.." + name.charAt(0) + max);
    }
    return Integer.parseInt(digits);
  }
}
