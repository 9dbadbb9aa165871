package org.tataa.tiling;

import org.tataa.config.TataaConfig;

/**
 * Sizes of one core as tiling sees them. All in the field's units: rows and outputs of a result
 * block, lanes of a chunk (one DMPU's share of a vector), chunks of a vector.
 *
 * <p>A tile is {@code blocks} result blocks stacked in rows, the least number of them whose vectors
 * can be exchanged in groups of as many vectors as there are DMPUs.
 *
 * @param rows X rows of a result block; bytes of an X word
 * @param outputs columns of a result block; bytes of a Y word
 * @param columns lanes of a chunk
 * @param dmpus chunks of a vector
 * @param halves chunks of a row of a block: outputs per column
 * @param blocks blocks of a tile
 * @param exchanges whether STOREs empty whole groups and so exchange vectors with DMPUs; otherwise
 *     every vector is stored by itself
 * @param isSquare whether STORE can transpose
 */
record Geometry(
    int rows,
    int outputs,
    int columns,
    int dmpus,
    int halves,
    int blocks,
    boolean exchanges,
    boolean isSquare) {
  static Geometry of(TataaConfig config) {
    int dmpus = config.geometry().dmpus();
    int halves = config.geometry().outputsPerColumn();
    boolean exchanges =
        dmpus > 1
            && config.buffers().dmbDepth() >= dmpus
            && dmpus * dmpus <= config.maxStoreWords();
    int vectors = 4 * halves;
    return new Geometry(
        config.geometry().rows(),
        config.geometry().outputs(),
        config.geometry().columns(),
        dmpus,
        halves,
        exchanges ? dmpus / gcd(dmpus, vectors) : 1,
        exchanges,
        config.canTranspose());
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /** Rows of a tile. */
  int tileRows() {
    return rows * blocks;
  }

  /** Vectors of a tile. */
  int tileVectors() {
    return 4 * halves * blocks;
  }

  /** Elements of a vector. */
  int lanes() {
    return dmpus * columns;
  }

  /** Bytes of a vector. */
  int vectorBytes() {
    return 2 * lanes();
  }

  /** Bytes of a chunk. */
  int chunkBytes() {
    return 2 * columns;
  }

  /** Elements of a tile. */
  int tileElements() {
    return tileRows() * outputs;
  }

  /** Bytes of a bfloat16 tile. */
  int tileBytes() {
    return 2 * tileElements();
  }

  /** Vectors one STORE empties. */
  int storeVectors() {
    return exchanges ? dmpus : 1;
  }

  static int parts(int size, int each) {
    return (size + each - 1) / each;
  }

  /**
   * Index along the rows of a block that leaves the array as a beat. Bytes of X words are indices
   * in order, byte j is row {@code rows - 1 - j}, and rows leave a DMPU bottom first
   * (architecture.md, Data layout).
   */
  int indexOfBeat(int beat) {
    return rows - 4 - beat / 4 * 4 + beat % 4;
  }
}
