package org.tataa.isa;

/**
 * A register as written: a slot of bank A or B, or a constant register.
 *
 * @param token where it stands
 * @param kind A, B or C
 * @param number 0..31, for C 0..7
 */
record Register(Token token, char kind, int number) {
  /** What an error calls a slot. */
  static final String SLOT = "a slot A0..A31 or B0..B31";

  /** Reads a register of one of some kinds; {@code what} names them for an error. */
  static Register read(LineParser line, String what, String kinds) {
    Token token = line.name(what);
    char kind = token.text().charAt(0);
    String digits = token.text().substring(1);
    if (kinds.indexOf(kind) >= 0 && digits.matches("\\d{1,2}")) {
      int number = Integer.parseInt(digits);
      if (number <= (kind == 'C' ? 7 : 31)) {
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
