package org.tataa.config;

/**
 * The shape of one core's processing-element array (architecture.md).
 *
 * <p>A DMPU always has {@value #ROWS_PER_DMPU} rows, because the four PEs of one of its columns are
 * the four stages of one bfloat16 unit.
 *
 * @param dmpus dual-mode processing units stacked in one core, 1..32
 * @param columns PE columns of each DMPU, 1..64
 * @param outputsPerColumn int8 outputs a column computes at once: 2 (packed in one DSP) or 1
 */
public record ArrayGeometry(int dmpus, int columns, int outputsPerColumn) {
  /** Rows of one DMPU: the pipeline depth of the bfloat16 unit. */
  public static final int ROWS_PER_DMPU = 4;

  /**
   * Checks the ranges.
   *
   * @param dmpus dual-mode processing units stacked in one core, 1..32
   * @param columns PE columns of each DMPU, 1..64
   * @param outputsPerColumn int8 outputs a column computes at once: 2 (packed in one DSP) or 1
   * @throws IllegalArgumentException naming the component that is out of range
   */
  public ArrayGeometry {
    Checks.range("dmpus", dmpus, 1, 32);
    Checks.range("columns", columns, 1, 64);
    Checks.range("outputsPerColumn", outputsPerColumn, 1, 2);
  }

  /** {@return rows of the int8 array, {@code 4 * dmpus}; also the bytes of one X word} */
  public int rows() {
    return ROWS_PER_DMPU * dmpus;
  }

  /** {@return output columns of a result block; also the bytes of one Y word} */
  public int outputs() {
    return columns * outputsPerColumn;
  }

  /** {@return processing elements of one core} */
  public int processingElements() {
    return rows() * columns;
  }

  /** {@return bfloat16 lanes of one core} */
  public int lanes() {
    return dmpus * columns;
  }

  /** {@return bytes of one bfloat16 vector: two per lane} */
  public int vectorBytes() {
    return 2 * lanes();
  }

  /**
   * {@return cycles between the first PE and the last seeing the same operand: the systolic skew}
   */
  public int skew() {
    return rows() - 1 + columns - 1;
  }
}
