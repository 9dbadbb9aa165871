package org.tataa.array;

import org.jspecify.annotations.Nullable;
import org.tataa.numeric.Bfloat16;

/**
 * What one PE holds as a stage of a bfloat16 column, register by register.
 *
 * @param stage 0..3, the row in the DMPU
 * @param lane lane in the core
 * @param r what stands in L and R
 * @param m what stands in M
 * @param p what stands in P
 */
public record StageView(int stage, int lane, Content r, Content m, Content p) {
  /**
   * One register.
   *
   * @param instruction index of the instruction it belongs to, or -1 if no operation is there
   * @param text operation and values, in hex and decimal
   */
  public record Content(int instruction, String text) {
    @Override
    public String toString() {
      return instruction < 0 ? "empty" : "#" + instruction + " " + text;
    }
  }

  /** The view of a PE among the operations in flight. */
  static StageView of(PeView pe, int lane, VectorPipeline operations) {
    int stage = pe.row();
    return new StageView(
        stage,
        lane,
        content(
            operations.at(VectorPipeline.position(stage, 0)),
            beforeM(stage, pe.l(), pe.rLo(), pe.rExponent(), pe.rDistance()),
            pe.rBypass()),
        content(
            operations.at(VectorPipeline.position(stage, 1)),
            inM(stage, pe.mHi(), pe.mLo(), pe.mExponent(), pe.mDistance()),
            pe.mBypass()),
        content(
            operations.at(VectorPipeline.position(stage, 2)),
            inP(stage, (int) pe.pHi(), (int) pe.pLo(), pe.pExponent(), pe.pDistance()),
            pe.pBypass()));
  }

  private static Content content(
      VectorPipeline.@Nullable Operation operation, String values, int bypass) {
    if (operation == null) {
      return new Content(-1, "");
    }
    String decided = bypass == 0 ? "" : " bypass=" + Bfloat16.format(bypass & 0xffff);
    return new Content(operation.index, operation.op() + " " + values + decided);
  }

  // L and R hold what P of the stage before held.
  private static String beforeM(int stage, int first, int second, int exponent, int distance) {
    return stage == 0
        ? "a=" + Bfloat16.format(first) + " b=" + Bfloat16.format(second)
        : inP(stage - 1, first, second, exponent, distance);
  }

  private static String inM(int stage, int hi, int lo, int exponent, int distance) {
    return switch (stage) {
      case 0 ->
          mantissas("manA", hi, "manB", lo)
              + String.format(" expA=%02x expB=%02x", exponent, distance);
      case 1 -> mantissas("manA", hi, "manB", lo) + exponents(exponent, "distance", distance);
      case 2 ->
          String.format(
              "hi=%06x(%d) lo=%06x(%d) exp=%d", hi & 0xffffff, hi, lo & 0xffffff, lo, exponent);
      default -> String.format("sign=%d magnitude=%06x(%d) exp=%d", hi, lo, lo, exponent);
    };
  }

  private static String inP(int stage, int hi, int lo, int exponent, int distance) {
    return switch (stage) {
      case 0 -> mantissas("manA", hi, "manB", lo) + exponents(exponent, "distance", distance);
      case 1 -> mantissas("large", hi, "small", lo) + exponents(exponent, "shift", distance);
      case 2 -> String.format("value=%06x(%d) exp=%d", lo & 0xffffff, lo, exponent);
      default -> "result=" + Bfloat16.format(lo);
    };
  }

  private static String mantissas(String first, int hi, String second, int lo) {
    return String.format("%s=%03x(%d) %s=%03x(%d)", first, hi & 0x1ff, hi, second, lo & 0x1ff, lo);
  }

  private static String exponents(int exponent, String name, int distance) {
    return " exp=" + exponent + " " + name + "=" + distance;
  }

  /** One line in the form a waveform viewer would show. */
  @Override
  public String toString() {
    return "S" + stage + " lane " + lane + "  L,R " + r + "  M " + m + "  P " + p;
  }
}
