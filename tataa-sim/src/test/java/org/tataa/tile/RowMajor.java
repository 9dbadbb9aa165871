package org.tataa.tile;

import java.util.stream.IntStream;

/**
 * Elements in their order.
 *
 * @param places how many
 */
public record RowMajor(int places) implements Layout {
  @Override
  public int[] elements() {
    return IntStream.range(0, places).toArray();
  }

  @Override
  public int[] placeOf() {
    return elements();
  }

  @Override
  public String describe() {
    return "row-major " + places;
  }
}
