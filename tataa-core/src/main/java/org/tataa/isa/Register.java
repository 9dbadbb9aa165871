package org.tataa.isa;

/**
 * A register as written: a slot of bank A or B, or a constant register.
 *
 * @param token where it stands
 * @param kind A, B or C
 * @param number from 0
 */
record Register(Token token, char kind, int number) {
  /** Reads a slot; {@code or} names what else could be there. */
  static Register slot(LineParser line, String or, Encoding encoding) {
    int last = encoding.slots() - 1;
    return read(line, or + "a slot A0..A" + last + " or B0..B" + last, "AB", encoding);
  }

  /** Reads a slot or a constant register. */
  static Register source(LineParser line, Encoding encoding) {
    int last = encoding.slots() - 1;
    return read(line, "a source A0..A" + last + ", B0..B" + last + " or C0..C7", "ABC", encoding);
  }

  /** Reads a register of one of some kinds; {@code what} names them for an error. */
  static Register read(LineParser line, String what, String kinds, Encoding encoding) {
    Token token = line.name(what);
    char kind = token.text().charAt(0);
    String digits = token.text().substring(1);
    int most = String.valueOf(encoding.slots() - 1).length();
    if (kinds.indexOf(kind) >= 0 && digits.matches("\\d+") && digits.length() <= most) {
      int number = Integer.parseInt(digits);
      if (number < (kind == 'C' ? 8 : encoding.slots())) {
        return new Register(token, kind, number);
      }
    }
    throw token.error("found " + token + ", expected " + what);
  }

  /** The bank of a slot. */
  Bank bank() {
    return kind == 'A' ? Bank.A : Bank.B;
  }
}
