package org.tataa.tiling;

import org.tataa.tile.Buffer;

/**
 * Where a product's blocks are stored.
 *
 * @param buffer the buffer
 * @param base first byte of the first block
 * @param leading leading dimensions of the result
 * @param rows blocks along the rows
 * @param lanes blocks along the lanes
 * @param strides bytes from a block to the next: along each leading axis, the rows and the lanes
 */
@SuppressWarnings("ArrayRecordComponent")
record BlockTarget(Buffer buffer, long base, int[] leading, int rows, int lanes, long[] strides) {
  /** Blocks of the tiles of a layout. */
  static BlockTarget tiles(Geometry geometry, MatrixLayout layout, Buffer buffer, int[] leading) {
    int rows = Geometry.parts(layout.placement.rows(), geometry.rows());
    long lane = (long) layout.rowTiles * geometry.tileBytes();
    return dense(
        buffer,
        leading,
        new int[] {rows, layout.laneTiles},
        2L * geometry.rows() * geometry.outputs(),
        lane);
  }

  /**
   * Blocks along the rows, then along the lanes, then those of the leading axes.
   *
   * @param counts blocks along rows and lanes
   * @param block bytes from a block to the next along the rows
   * @param lane bytes from a block to the next along the lanes
   */
  static BlockTarget dense(Buffer buffer, int[] leading, int[] counts, long block, long lane) {
    long[] strides = new long[leading.length + 2];
    strides[leading.length] = block;
    strides[leading.length + 1] = lane;
    long group = lane * counts[1];
    for (int axis = leading.length - 1; axis >= 0; axis--) {
      strides[axis] = group;
      group *= leading[axis];
    }
    return new BlockTarget(buffer, 0, leading, counts[0], counts[1], strides);
  }
}
