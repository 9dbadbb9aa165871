package org.tataa.kernel;

import org.tataa.config.ArrayGeometry;

/**
 * How the machine wants its data (architecture.md, Data layout). All matrices are row-major host
 * arrays; everything outside a matrix is padded with zero.
 */
public final class Layouts {
  private Layouts() {}

  /**
   * Array row whose result leaves as beat {@code beat} of a block: rows leave a DMPU bottom first.
   * The map is its own inverse.
   */
  public static int rowOfBeat(int beat) {
    int last = ArrayGeometry.ROWS_PER_DMPU - 1;
    return beat - beat % ArrayGeometry.ROWS_PER_DMPU + last - beat % ArrayGeometry.ROWS_PER_DMPU;
  }

  /**
   * X words for rows {@code firstRow..} of {@code a}: word k is column k. Logical row i of the
   * block is placed so that it leaves as beat i.
   *
   * @param a {@code [rows][depth]} row-major
   * @return {@code [depth][geometry.rows()]} bytes
   */
  public static byte[] xWords(ArrayGeometry geometry, byte[] a, int rows, int depth, int firstRow) {
    int width = geometry.rows();
    byte[] words = new byte[depth * width];
    for (int beat = 0; beat < width && firstRow + beat < rows; beat++) {
      int position = width - 1 - rowOfBeat(beat);
      int source = (firstRow + beat) * depth;
      for (int k = 0; k < depth; k++) {
        words[k * width + position] = a[source + k];
      }
    }
    return words;
  }

  /**
   * Y words for columns {@code firstColumn..} of {@code b}: word k is row k.
   *
   * @param b {@code [depth][columns]} row-major
   * @return {@code [depth][geometry.outputs()]} bytes
   */
  public static byte[] yWords(
      ArrayGeometry geometry, byte[] b, int columns, int depth, int firstColumn) {
    int width = geometry.outputs();
    byte[] words = new byte[depth * width];
    int count = Math.min(width, columns - firstColumn);
    for (int k = 0; k < depth; k++) {
      System.arraycopy(b, k * columns + firstColumn, words, k * width, count);
    }
    return words;
  }

  /** Little-endian bytes of bfloat16 patterns. */
  public static byte[] bf16Bytes(int[] patterns) {
    byte[] bytes = new byte[2 * patterns.length];
    for (int i = 0; i < patterns.length; i++) {
      bytes[2 * i] = (byte) patterns[i];
      bytes[2 * i + 1] = (byte) (patterns[i] >> 8);
    }
    return bytes;
  }

  /** The bfloat16 pattern at a byte position. */
  public static int bf16At(byte[] bytes, int position) {
    return (bytes[position] & 0xff) | (bytes[position + 1] & 0xff) << 8;
  }

  /** Number of parts of size {@code size} that cover {@code total}. */
  public static int parts(int total, int size) {
    return (total + size - 1) / size;
  }

  /**
   * First item of part {@code part} when {@code total} items are split evenly over {@code parts}.
   */
  public static int splitStart(int total, int parts, int part) {
    return (int) ((long) total * part / parts);
  }
}
