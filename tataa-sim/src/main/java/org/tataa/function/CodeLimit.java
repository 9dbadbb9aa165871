package org.tataa.function;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.config.IsaProfile;

/**
 * Keeps values that become int8 codes from becoming -128, which as the high one of two packed
 * operands counts as +128 (arithmetic.md): what is below -127 becomes -127, what is above stays.
 *
 * <p>The extended instruction set has V.MAX. The published one has no comparison, but V.APP tells
 * the sign of a number that has overflowed: it makes a tiny number of infinity, and a certain large
 * one of minus infinity. So the distance from -127 is multiplied until it overflows, and what V.APP
 * makes of it selects. Exactly -127, whose distance does not overflow, becomes -126; minus infinity
 * becomes NaN, whose code is 0.
 */
public final class CodeLimit {
  private static final double LEAST = -127;

  // The largest number: times half a step of the values between -128 and -64 it overflows.
  private static final double LARGEST = 0x1.fep127;

  // V.APP of minus infinity times this is -1.
  private static final double TO_MINUS_ONE = 0x1.0ap-64;

  private static final LaneProgram EXTENDED = extended();
  private static final LaneProgram PUBLISHED = published();

  private CodeLimit() {}

  /** The limit of one value, with the operations of an instruction set. */
  public static LaneProgram of(IsaProfile isa) {
    return isa == IsaProfile.EXTENDED ? EXTENDED : PUBLISHED;
  }

  private static LaneProgram extended() {
    LaneProgram.Builder p = LaneProgram.builder("limit", 1);
    return p.build(p.max(p.input(0), p.constant(LEAST)));
  }

  private static LaneProgram published() {
    LaneProgram.Builder p = LaneProgram.builder("limit", 1);
    LaneProgram.Value x = p.input(0);
    LaneProgram.Value distance = p.add(x, p.constant(-LEAST));
    LaneProgram.Value sign = p.app(p.mul(distance, p.constant(LARGEST)));
    // 0 but for a tiny number above, -1 below.
    LaneProgram.Value below = p.mul(sign, p.constant(TO_MINUS_ONE));
    LaneProgram.Value kept = p.mul(x, p.add(below, p.constant(1)));
    return p.build(p.add(kept, p.mul(below, p.constant(-LEAST))));
  }

  /** The value that a program limits at its end, or null if it ends otherwise. */
  public static LaneProgram.@Nullable Value limited(LaneProgram program) {
    LaneProgram.Value value = limited(program, EXTENDED.steps());
    return value == null ? limited(program, PUBLISHED.steps()) : value;
  }

  private static LaneProgram.@Nullable Value limited(
      LaneProgram program, List<LaneProgram.Step> limit) {
    int base = program.steps().size() - limit.size();
    if (base < 0) {
      return null;
    }
    List<LaneProgram.Step> last = program.steps().subList(base, program.steps().size());
    LaneProgram.Value value = last.get(0).first();
    for (int i = 0; i < limit.size(); i++) {
      LaneProgram.Step expected =
          new LaneProgram.Step(
              limit.get(i).op(),
              moved(limit.get(i).first(), value, base),
              moved(limit.get(i).second(), value, base),
              limit.get(i).negateSecond());
      if (!last.get(i).equals(expected)) {
        return null;
      }
    }
    return value;
  }

  private static LaneProgram.Value moved(
      LaneProgram.Value value, LaneProgram.Value input, int base) {
    return switch (value.kind()) {
      case INPUT -> input;
      case CONSTANT -> value;
      case RESULT -> new LaneProgram.Value(LaneProgram.Kind.RESULT, base + value.index());
    };
  }
}
