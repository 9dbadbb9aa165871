package org.tataa.isa;

import org.jspecify.annotations.Nullable;
import org.tataa.numeric.LaneOp;

/** Reads the operands of one vector operation; {@link Assembler} describes the language. */
final class VectorOpParser {
  private final LineParser line;
  private final Encoding encoding;

  /** Slot of A, slot of B, constant; -1 while not given. */
  private final int[] numbers = {-1, -1, -1};

  private @Nullable Register destination;

  private VectorOpParser(LineParser line, Encoding encoding) {
    this.line = line;
    this.encoding = encoding;
  }

  static VectorOp parse(LaneOp op, LineParser line, Encoding encoding) {
    return new VectorOpParser(line, encoding).parse(op);
  }

  private VectorOp parse(LaneOp op) {
    OperandSelect select = sources(op);
    line.expect("->");
    boolean writeBack = !line.peek().text().equals("DMB");
    if (writeBack) {
      destination = Register.slot(line, "DMB or ", encoding);
    } else {
      line.next();
    }
    while (line.accept(",")) {
      unusedField();
    }
    Register target = destination;
    return new VectorOp(
        op,
        select,
        Math.max(numbers[0], 0),
        Math.max(numbers[1], 0),
        Math.max(numbers[2], 0),
        writeBack,
        target == null ? Bank.A : target.bank(),
        target == null ? 0 : target.number());
  }

  private OperandSelect sources(LaneOp op) {
    Token start = line.peek();
    String form1 = sign();
    Register register1 = source();
    form1 += register1.kind();
    if (op.operands() == 1 && !line.peek().is(",")) {
      return OperandSelect.of(form1)
          .orElseThrow(
              () -> start.error("source -" + register1.kind() + ", expected A, -A, B or C"));
    }
    if (!line.accept(",")) {
      throw line.expected("`,` and a second source");
    }
    String form2 = sign();
    Register register2 = source();
    if (register1.kind() == register2.kind() && register1.number() != register2.number()) {
      throw register2
          .token()
          .error(
              "found "
                  + register2.token()
                  + ", expected "
                  + register1.token()
                  + ": a bank delivers one slot");
    }
    String forms = form1 + "," + form2 + register2.kind();
    return OperandSelect.of(form1, form2 + register2.kind())
        .orElseThrow(
            () ->
                start.error(
                    "sources " + forms + ", expected one of A,B A,A B,B A,-B A,C -A,C C,B C,-B"));
  }

  private String sign() {
    return line.accept("-") ? "-" : "";
  }

  private Register source() {
    Register register = Register.source(line, encoding);
    numbers[register.kind() - 'A'] = register.number();
    return register;
  }

  /** A field that the word holds although the operation does not use it. */
  private void unusedField() {
    String expected = "one of a=, b=, c=, dest= that is not given yet";
    Token name = line.name(expected);
    int index = "abc".indexOf(name.text());
    if (name.text().length() == 1 && index >= 0 && numbers[index] < 0) {
      line.expect("=");
      numbers[index] = line.intValue(name.text(), 0, index == 2 ? 7 : encoding.slots() - 1);
    } else if (name.text().equals("dest") && destination == null) {
      line.expect("=");
      destination = Register.slot(line, "", encoding);
    } else {
      throw name.error("found " + name + ", expected " + expected);
    }
  }
}
