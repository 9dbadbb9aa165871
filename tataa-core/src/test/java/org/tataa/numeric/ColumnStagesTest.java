package org.tataa.numeric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tataa.config.ArithmeticProfile;

/** The four stages composed against the operation. */
class ColumnStagesTest {
  private static final int LANES = 1 << 14;

  private static void check(
      ArithmeticProfile profile, LaneOp op, int[] a, int[] b, ColumnRegisters registers) {
    Bf16Unit unit = Bf16Unit.of(profile);
    ColumnStages stages = ColumnStages.of(profile);
    stages.stage0(op, a, b, registers);
    stages.stage1(op, registers);
    stages.stage2(op, registers);
    stages.stage3(op, registers);
    for (int lane = 0; lane < a.length; lane++) {
      if (registers.result[lane] != unit.apply(op, a[lane], b[lane])) {
        fail(
            profile
                + " "
                + op
                + " "
                + Bfloat16.format(a[lane])
                + ", "
                + Bfloat16.format(b[lane])
                + ": stages "
                + Bfloat16.format(registers.result[lane])
                + ", operation "
                + Bfloat16.format(unit.apply(op, a[lane], b[lane])));
      }
    }
  }

  /** All mantissa pairs for all sign pairs and all classes of exponents and their differences. */
  @ParameterizedTest
  @EnumSource(ArithmeticProfile.class)
  void allMantissaPairsInEverySignAndExponentClass(ArithmeticProfile profile) {
    int[] a = new int[LANES];
    int[] b = new int[LANES];
    ColumnRegisters registers = new ColumnRegisters(LANES);
    int[][] exponents = new int[60][];
    int count = 0;
    for (int difference = -22; difference <= 22; difference++) {
      exponents[count++] = new int[] {127, 127 + difference};
    }
    int[][] edges = {
      {0, 0},
      {0, 127},
      {1, 1},
      {1, 2},
      {1, 126},
      {63, 64},
      {64, 64},
      {200, 182},
      {254, 254},
      {254, 1},
      {255, 127},
      {255, 255},
      {255, 0},
      {190, 191}
    };
    for (int[] edge : edges) {
      exponents[count++] = edge;
    }
    for (int pair = 0; pair < count; pair++) {
      for (int signs = 0; signs < 4; signs++) {
        for (int lane = 0; lane < LANES; lane++) {
          a[lane] = (signs & 1) << 15 | exponents[pair][0] << 7 | lane >> 7;
          b[lane] = (signs & 2) << 14 | exponents[pair][1] << 7 | lane & 0x7f;
        }
        check(profile, LaneOp.MUL, a, b, registers);
        check(profile, LaneOp.ADD, a, b, registers);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(ArithmeticProfile.class)
  void randomOperandsForEveryOperation(ArithmeticProfile profile) {
    Random random = new Random(7);
    int[] a = new int[LANES];
    int[] b = new int[LANES];
    ColumnRegisters registers = new ColumnRegisters(LANES);
    for (int round = 0; round < 64; round++) {
      for (int lane = 0; lane < LANES; lane++) {
        a[lane] = random.nextInt(1 << 16);
        b[lane] = random.nextInt(1 << 16);
      }
      for (LaneOp op : LaneOp.values()) {
        check(profile, op, a, b, registers);
      }
    }
  }

  @Test
  void registersReadLikeWaveformValues() {
    ColumnRegisters registers = new ColumnRegisters(1);
    ColumnStages stages = ColumnStages.of(ArithmeticProfile.CORRECTED);
    int[] a = {0x4040};
    int[] b = {0xbf00};
    stages.stage0(LaneOp.MUL, a, b, registers);
    stages.stage1(LaneOp.MUL, registers);
    stages.stage2(LaneOp.MUL, registers);
    stages.stage3(LaneOp.MUL, registers);
    assertEquals("expA=80 expB=7e exp=127 manA=0c0(192) manB=180(-128)", registers.describe(0, 0));
    assertTrue(registers.describe(0, 3).endsWith("result=0xbfc0=-1.5"));
  }
}
