package org.tataa.tiling;

import org.tataa.tile.Address;
import org.tataa.tile.Buffer;

/**
 * Where the vectors of an operand are, for the tiles of another value.
 *
 * @param buffer the buffer
 * @param bases for each vector of a tile its bytes from the start of the buffer in tile 0; {@link
 *     AffineFit#FREE} for vectors in which no lane is wanted
 * @param strides bytes from a group, a lane tile and a row tile to the next
 */
@SuppressWarnings("ArrayRecordComponent")
record VectorAccess(Buffer buffer, long[] bases, long[] strides) {
  /** Vectors every tile reads anew when a loop advances, and 0 for a loop that changes nothing. */
  int changing(int loop) {
    return strides[loop] == 0 ? 0 : bases.length;
  }

  /** The same from an iteration of a loop on. */
  VectorAccess from(int loop, int iteration) {
    long[] moved = bases.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += moved[i] == AffineFit.FREE ? 0 : iteration * strides[loop];
    }
    return new VectorAccess(buffer, moved, strides);
  }

  /** The address of a vector; one nobody wants is read where one before it is, with its rows. */
  Address address(int vector, int[] order) {
    int known = vector;
    while (known > 0 && bases[known] == AffineFit.FREE) {
      known--;
    }
    while (bases[known] == AffineFit.FREE) {
      known++;
    }
    long base = bases[known];
    long[] ordered = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      ordered[i] = strides[order[i]];
    }
    return new Address(buffer, base, ordered);
  }
}
