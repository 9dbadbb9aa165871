package org.tataa.tiling;

/**
 * An order of the rows of a block in which a transposed STORE can follow the product at once.
 *
 * <p>A drained block has the two halves of a row in neighbouring DMPUs, a transposed STORE needs
 * one half in all of them. Two loads bring one half together: one that begins at a beat of the half
 * has it in the even DMPUs, one that begins a beat before or behind such a beat in the odd ones.
 * The beats of a load follow each other, so its rows do too, where a transposed STORE wants those
 * of a DMPU to follow each other. So the bytes of the product's X words are put in an order that
 * makes up for it.
 */
final class Weave {
  private Weave() {}

  /** Whether a machine's blocks can be read so. */
  static boolean fits(Geometry geometry) {
    return geometry.halves() == 2
        && geometry.blocks() == 1
        && geometry.dmpus() == geometry.tileVectors()
        && geometry.exchanges()
        && geometry.isSquare();
  }

  /** Row that leaves the array as a beat, the two halves counted as one. */
  static int row(Geometry geometry, int beat) {
    int pairs = geometry.dmpus() / 2;
    int number = beat % geometry.dmpus();
    int dmpu = number < pairs ? 2 * number : 2 * (number - pairs) + 1;
    return geometry.rows() - 4 - 4 * dmpu + beat / geometry.dmpus();
  }

  /** For each row of a block the byte of X words it stands at. */
  static int[] bytes(Geometry geometry) {
    int[] bytes = new int[geometry.rows()];
    for (int beat = 0; beat < bytes.length; beat++) {
      bytes[row(geometry, beat)] = geometry.indexOfBeat(beat);
    }
    return bytes;
  }

  /**
   * First byte of a load within a woven tile.
   *
   * @param vector the vector of an exchanged tile it is for
   * @param parity 0 for the chunks of even DMPUs, 1 for those of odd ones
   */
  static long offset(Geometry geometry, int vector, int parity) {
    int first = vector / 2 * 2 * geometry.dmpus() + vector % 2;
    int chunk = parity == 0 ? first : first + geometry.dmpus() - 1;
    return (long) chunk * geometry.chunkBytes();
  }
}
