package org.tataa.numeric;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tataa.config.ArithmeticProfile;

/** Operations of a lane as isa.md and timing.md list them. */
class LaneOpTest {
  @ParameterizedTest
  @CsvSource({
    "MUL, 2, false, true",
    "ADD, 2, false, false",
    "APP, 1, false, true",
    "MAX, 2, true, false",
    "MIN, 2, true, false",
    "FLOOR, 1, true, false",
    "EXP2I, 1, true, false"
  })
  void operandsProfileAndMode(LaneOp op, int operands, boolean isExtension, boolean isMultiply) {
    assertEquals(operands, op.operands());
    assertEquals(isExtension, op.isExtension());
    assertEquals(isMultiply, op.isMultiplyType());
  }

  /** Of 2.75 and 1.5 every operation gives something else. */
  @ParameterizedTest
  @CsvSource({"MUL, 4.125", "ADD, 4.25", "MAX, 2.75", "MIN, 1.5", "FLOOR, 2", "EXP2I, 4"})
  void aUnitAppliesTheOperationThatIsNamed(LaneOp op, float expected) {
    int a = Bfloat16.fromFloat(2.75f);
    int b = Bfloat16.fromFloat(1.5f);
    for (ArithmeticProfile profile : ArithmeticProfile.values()) {
      assertEquals(expected, Bfloat16.toFloat(Bf16Unit.of(profile).apply(op, a, b)));
    }
    assertEquals(
        0x5f37 - (a >> 1), Bf16Unit.of(ArithmeticProfile.CORRECTED).apply(LaneOp.APP, a, b));
  }
}
