package org.tataa.simd.vector;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.tataa.simd.ArrayClock;

/**
 * One pass from the last PE to the first: a vector of factors is multiplied and stored again one PE
 * further, where the factors before it have been taken away already.
 */
final class VectorArrayClock implements ArrayClock {
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final int LANES = INTS.length();

  private final int columns;
  private final int size;

  VectorArrayClock(int rows, int columns) {
    this.columns = columns;
    size = rows * columns;
  }

  @Override
  public void clock(int[] factorX, int[] factorW, int[] left, int[] top, int[] lo, int[] hi) {
    int whole = INTS.loopBound(size);
    for (int i = size - 1; i >= whole; i--) {
      int product = factorX[i] * factorW[i];
      lo[i] += (product << 16) >> 16;
      hi[i] += (product + 0x8000) >> 16;
      factorX[i + 1] = factorX[i];
      factorW[i + columns] = factorW[i];
    }
    move(factorX, factorW, lo, hi, whole);
    System.arraycopy(top, 0, factorW, 0, columns);
    for (int row = 0, i = 0; row < left.length; row++, i += columns) {
      factorX[i] = left[row];
    }
  }

  private void move(int[] factorX, int[] factorW, int[] lo, int[] hi, int whole) {
    for (int i = whole - LANES; i >= 0; i -= LANES) {
      IntVector x = IntVector.fromArray(INTS, factorX, i);
      IntVector w = IntVector.fromArray(INTS, factorW, i);
      IntVector product = x.mul(w);
      IntVector low =
          product
              .lanewise(VectorOperators.LSHL, 16)
              .lanewise(VectorOperators.ASHR, 16)
              .add(IntVector.fromArray(INTS, lo, i));
      IntVector high =
          product
              .add(0x8000)
              .lanewise(VectorOperators.ASHR, 16)
              .add(IntVector.fromArray(INTS, hi, i));
      low.intoArray(lo, i);
      high.intoArray(hi, i);
      x.intoArray(factorX, i + 1);
      w.intoArray(factorW, i + columns);
    }
  }
}
