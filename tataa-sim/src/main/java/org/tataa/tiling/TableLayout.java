package org.tataa.tiling;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.tile.Layout;

/** A layout given by its table. */
final class TableLayout implements Layout {
  private final String text;
  private final int[] elements;
  private int @Nullable [] placeOf;

  /** A layout from the element of each place. */
  TableLayout(String text, int[] elements) {
    this.text = text;
    this.elements = elements;
  }

  /** A layout from a place of each element. */
  static TableLayout ofPlaces(String text, int places, int[] placeOf) {
    int[] elements = new int[places];
    Arrays.fill(elements, -1);
    for (int element = 0; element < placeOf.length; element++) {
      if (placeOf[element] >= 0) {
        elements[placeOf[element]] = element;
      }
    }
    TableLayout layout = new TableLayout(text, elements);
    layout.placeOf = placeOf;
    return layout;
  }

  @Override
  public int places() {
    return elements.length;
  }

  @Override
  public int[] elements() {
    return elements;
  }

  @Override
  public synchronized int[] placeOf() {
    int[] known = placeOf;
    if (known == null) {
      known = MatrixLayout.inverse(elements);
      placeOf = known;
    }
    return known;
  }

  @Override
  public String describe() {
    return text;
  }
}
