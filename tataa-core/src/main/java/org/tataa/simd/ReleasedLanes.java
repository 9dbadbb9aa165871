package org.tataa.simd;

import org.tataa.config.ArithmeticProfile;
import org.tataa.numeric.Bf16Unit;
import org.tataa.numeric.LaneOp;

/** Lane operations in RELEASED_RTL arithmetic, one by one: that profile is for comparisons. */
final class ReleasedLanes implements LaneKernel {
  private final Bf16Unit unit = Bf16Unit.of(ArithmeticProfile.RELEASED_RTL);

  @Override
  public void apply(
      LaneOp op,
      short[] a,
      int aFrom,
      int aFlip,
      short[] b,
      int bFrom,
      int bFlip,
      short[] result,
      int resultFrom,
      int lanes) {
    for (int i = 0; i < lanes; i++) {
      int first = (a[aFrom + i] ^ aFlip) & 0xffff;
      int second = (b[bFrom + i] ^ bFlip) & 0xffff;
      result[resultFrom + i] = (short) unit.apply(op, first, second);
    }
  }
}
