package org.tataa.isa;

import java.util.Optional;
import org.tataa.numeric.LaneOp;

/**
 * Source 1 and source 2 of a vector operation; the ordinal is the encoding (isa.md, Operand
 * select).
 *
 * <p>One-operand operations (V.APP, V.FLOOR, V.EXP2I) use source 1 only.
 */
public enum OperandSelect {
  /** A, B. */
  A_B("A", "B"),
  /** A, A. */
  A_A("A", "A"),
  /** B, B. */
  B_B("B", "B"),
  /** A, -B. */
  A_NEG_B("A", "-B"),
  /** A, C. */
  A_C("A", "C"),
  /** -A, C. */
  NEG_A_C("-A", "C"),
  /** C, B. */
  C_B("C", "B"),
  /** C, -B. */
  C_NEG_B("C", "-B");

  private final String source1;
  private final String source2;
  private final char kind1;
  private final char kind2;

  OperandSelect(String source1, String source2) {
    this.source1 = source1;
    this.source2 = source2;
    kind1 = source1.charAt(source1.length() - 1);
    kind2 = source2.charAt(source2.length() - 1);
  }

  /** {@return source 1 as written: A, -A, B or C} */
  public String source1() {
    return source1;
  }

  /** {@return source 2 as written: A, B, -B or C} */
  public String source2() {
    return source2;
  }

  /** {@return what source 1 is: A, B or C} */
  public char kind1() {
    return kind1;
  }

  /** {@return what source 2 is: A, B or C} */
  public char kind2() {
    return kind2;
  }

  /** {@return whether the sign of source 1 is flipped} */
  public boolean negates1() {
    return source1.length() > 1;
  }

  /** {@return whether the sign of source 2 is flipped} */
  public boolean negates2() {
    return source2.length() > 1;
  }

  /**
   * Whether an operation reads bank A under this selection.
   *
   * @param op the operation; with one operand it uses source 1 only
   * @return whether the value is used
   */
  public boolean readsA(LaneOp op) {
    return reads('A', op);
  }

  /**
   * Whether an operation reads bank B under this selection.
   *
   * @param op the operation; with one operand it uses source 1 only
   * @return whether the value is used
   */
  public boolean readsB(LaneOp op) {
    return reads('B', op);
  }

  /**
   * Whether an operation reads the constant register under this selection.
   *
   * @param op the operation; with one operand it uses source 1 only
   * @return whether the value is used
   */
  public boolean readsConstant(LaneOp op) {
    return reads('C', op);
  }

  private boolean reads(char kind, LaneOp op) {
    return kind1 == kind || (op.operands() == 2 && kind2 == kind);
  }

  /** The selection with these two sources, if there is one. */
  static Optional<OperandSelect> of(String source1, String source2) {
    for (OperandSelect select : values()) {
      if (select.source1.equals(source1) && select.source2.equals(source2)) {
        return Optional.of(select);
      }
    }
    return Optional.empty();
  }

  /** The selection a one-operand operation stands for when only source 1 is written: the first. */
  static Optional<OperandSelect> of(String source1) {
    for (OperandSelect select : values()) {
      if (select.source1.equals(source1)) {
        return Optional.of(select);
      }
    }
    return Optional.empty();
  }
}
