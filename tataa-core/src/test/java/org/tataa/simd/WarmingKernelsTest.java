package org.tataa.simd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tataa.numeric.LaneOp;

/** Kernels that change while they are in use. */
class WarmingKernelsTest {
  private static final int LANES = 128;

  @Test
  void resultsAreTheSameBeforeAndAfterTheChange() throws InterruptedException {
    HostKernels vector = Implementations.named("vector");
    WarmingKernels warming = new WarmingKernels(HostKernels.scalar(), vector);
    LaneKernel expected = HostKernels.scalar().lanes();
    LaneKernel kernel = warming.lanes();
    Random random = new Random(3);
    short[] a = new short[LANES];
    short[] b = new short[LANES];
    short[] first = new short[LANES];
    short[] second = new short[LANES];
    assertThat(warming.isHot()).isFalse();
    warming.start();
    // Long enough on any machine; it ends when the change has come.
    for (int round = 0; round < 10_000; round++) {
      boolean wasHot = warming.isHot();
      for (LaneOp op : LaneOp.values()) {
        for (int lane = 0; lane < LANES; lane++) {
          a[lane] = (short) random.nextInt();
          b[lane] = (short) random.nextInt();
        }
        expected.apply(op, a, 0, 0, b, 0, 0x8000, first, 0, LANES);
        kernel.apply(op, a, 0, 0, b, 0, 0x8000, second, 0, LANES);
        assertThat(second).as("%s, round %d", op, round).isEqualTo(first);
      }
      if (wasHot) {
        return;
      }
      Thread.sleep(5);
    }
    // Never faster than plain Java here: then plain Java goes on, and was right all the time.
    assertThat(warming.isHot()).isFalse();
  }
}
