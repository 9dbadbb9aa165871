package org.tataa.function;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tataa.config.ArithmeticProfile;
import org.tataa.config.IsaProfile;
import org.tataa.numeric.Bf16Unit;
import org.tataa.numeric.Bfloat16;

/** Codes of every number there is, limited. */
class CodeLimitTest {
  private static final Bf16Unit UNIT = Bf16Unit.of(ArithmeticProfile.CORRECTED);

  @Test
  void noCodeIsBelowMinus127AndOthersStay() {
    int changed = 0;
    for (IsaProfile isa : IsaProfile.values()) {
      LaneProgram limit = CodeLimit.of(isa);
      assertThat(limit.isa()).isEqualTo(isa);
      for (int bits = 0; bits <= 0xffff; bits++) {
        float x = Bfloat16.toFloat(bits);
        if (Float.isNaN(x)) {
          continue;
        }
        float limited = Bfloat16.toFloat(limit.evaluate(UNIT, bits));
        String what = isa + " of " + x + " gives " + limited;
        if (isa == IsaProfile.PUBLISHED && x == Float.NEGATIVE_INFINITY) {
          assertThat(limited).isNaN();
        } else if (isa == IsaProfile.PUBLISHED && x == -127) {
          assertThat(code(limited)).isEqualTo(-126);
        } else if (code(limited) != Math.max(-127, code(x))) {
          throw new AssertionError(what);
        }
        changed += code(limited) == code(x) ? 0 : 1;
      }
    }
    assertThat(changed).isGreaterThan(20_000);
  }

  // Rounded to nearest even and saturated, as a STORE does it.
  private static int code(float x) {
    return (int) Math.max(-128, Math.min(127, Math.rint(x)));
  }

  @Test
  void isFoundAtTheEndOfAProgram() {
    for (IsaProfile isa : IsaProfile.values()) {
      LaneProgram.Builder p = LaneProgram.builder("limited", 2);
      LaneProgram.Value sum = p.add(p.input(0), p.input(1));
      LaneProgram program = p.build(p.apply(CodeLimit.of(isa), sum));
      assertThat(CodeLimit.limited(program)).isEqualTo(sum);
      assertThat(program.withResult(sum).expression()).isEqualTo("t0 = add x0, x1");
      LaneProgram.Builder q = LaneProgram.builder("limited inside", 2);
      LaneProgram other = q.build(q.mul(q.apply(CodeLimit.of(isa), q.input(0)), q.input(1)));
      assertThat(CodeLimit.limited(other)).isNull();
    }
  }
}
