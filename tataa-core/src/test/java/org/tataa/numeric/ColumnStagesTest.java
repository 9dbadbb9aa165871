package org.tataa.numeric;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tataa.config.ArithmeticProfile;

/** The registers of the four stages, one after the other, against the operation at once. */
class ColumnStagesTest {
  private static int throughTheStages(ColumnStages stages, LaneOp op, int a, int b) {
    int bypass = stages.bypass(op, a, b);
    int first = stages.mantissa(a);
    int second = stages.mantissa(b);
    int exponentA = Bfloat16.exponent(a);
    int exponentB = Bfloat16.exponent(b);
    int distance = stages.distance(op, exponentA, exponentB);
    int exponent = stages.resultExponent(op, stages.exponent(op, exponentA, exponentB), distance);
    boolean swap = stages.shiftsFirst(op, distance);
    int large = swap ? second : first;
    int small = swap ? first : second;
    int value = stages.aligned(op, large) + stages.product(op, large, small, Math.abs(distance));
    return stages.pack(op, bypass, value < 0, Math.abs(value), exponent);
  }

  private static void check(ColumnStages stages, Bf16Unit unit, int a, int b) {
    for (LaneOp op : LaneOp.values()) {
      int expected = unit.apply(op, a, b);
      if (throughTheStages(stages, op, a, b) != expected || stages.apply(op, a, b) != expected) {
        String what = op + " " + Bfloat16.format(a) + " " + Bfloat16.format(b);
        assertEquals(expected, throughTheStages(stages, op, a, b), what);
        assertEquals(expected, stages.apply(op, a, b), what);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(ArithmeticProfile.class)
  void composedTheyAreTheOperation(ArithmeticProfile profile) {
    ColumnStages stages = ColumnStages.of(profile);
    Bf16Unit unit = Bf16Unit.of(profile);
    for (int a : CorrectedBf16Test.specials()) {
      for (int b : CorrectedBf16Test.specials()) {
        check(stages, unit, a, b);
      }
    }
    Random random = new Random(12);
    for (int i = 0; i < 100_000; i++) {
      int a = random.nextInt(1 << 16);
      // Exponents that are close make sums align and cancel.
      int b = i % 2 == 0 ? random.nextInt(1 << 16) : a ^ random.nextInt(1 << 10) ^ i << 14 & 0x8000;
      check(stages, unit, a, b);
    }
  }

  /** S0: of a sum the exponent goes along and the distance is signed; of a product both are one. */
  @ParameterizedTest
  @EnumSource(ArithmeticProfile.class)
  void exponentsOfTheFirstStage(ArithmeticProfile profile) {
    ColumnStages stages = ColumnStages.of(profile);
    assertEquals(130 + 120 - 127, stages.exponent(LaneOp.MUL, 130, 120));
    assertEquals(0, stages.distance(LaneOp.MUL, 130, 120));
    assertEquals(130, stages.exponent(LaneOp.ADD, 130, 120));
    assertEquals(10, stages.distance(LaneOp.ADD, 130, 120));
    assertEquals(-10, stages.distance(LaneOp.ADD, 120, 130));
    assertEquals(130, stages.resultExponent(LaneOp.ADD, 130, 10));
    assertEquals(130, stages.resultExponent(LaneOp.ADD, 120, -10));
  }

  /** What is decided in S0 is marked, and goes along whatever the other registers hold. */
  @ParameterizedTest
  @EnumSource(ArithmeticProfile.class)
  void whatIsDecidedIsMarked(ArithmeticProfile profile) {
    ColumnStages stages = ColumnStages.of(profile);
    Bf16Unit unit = Bf16Unit.of(profile);
    int two = 0x4000;
    int three = 0x4040;
    for (LaneOp op : LaneOp.values()) {
      boolean isComputed = op == LaneOp.MUL || op == LaneOp.ADD;
      int expected = isComputed ? 0 : ColumnStages.DECIDED | unit.apply(op, two, three);
      assertEquals(expected, stages.bypass(op, two, three), op.toString());
    }
    boolean isCorrected = profile == ArithmeticProfile.CORRECTED;
    int zero = isCorrected ? ColumnStages.DECIDED : 0;
    assertEquals(zero, stages.bypass(LaneOp.MUL, two, 0));
    int other = isCorrected ? ColumnStages.DECIDED | two : 0;
    assertEquals(other, stages.bypass(LaneOp.ADD, two, 0));
    assertEquals(0x1234, stages.pack(LaneOp.ADD, ColumnStages.DECIDED | 0x1234, true, 99, 77));
  }
}
