package org.tataa.simd.vector;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.tataa.simd.ArrayClock;

/** Factors are read wherever they stand. */
final class VectorArrayClock implements ArrayClock {
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final int LANES = INTS.length();

  @Override
  public void accumulate(
      int[] factorX, int xFrom, int[] factorW, int wFrom, int[] lo, int[] hi, int count) {
    int whole = INTS.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      IntVector x = IntVector.fromArray(INTS, factorX, xFrom + i);
      IntVector product = x.mul(IntVector.fromArray(INTS, factorW, wFrom + i));
      IntVector low = product.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
      IntVector high = product.add(0x8000).lanewise(VectorOperators.ASHR, 16);
      low.add(IntVector.fromArray(INTS, lo, i)).intoArray(lo, i);
      high.add(IntVector.fromArray(INTS, hi, i)).intoArray(hi, i);
    }
    for (int i = whole; i < count; i++) {
      int product = factorX[xFrom + i] * factorW[wFrom + i];
      lo[i] += (product << 16) >> 16;
      hi[i] += (product + 0x8000) >> 16;
    }
  }

  @Override
  public boolean wantsFixedPlaces() {
    return false;
  }
}
