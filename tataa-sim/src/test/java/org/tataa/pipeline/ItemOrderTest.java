package org.tataa.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ItemOrderTest {
  private static final List<List<Integer>> GROUPS =
      List.of(List.of(0, 3, 4), List.of(1), List.of(2, 5), List.of(6));

  @Test
  void oneThreadTakesShapeAfterShape() {
    assertEquals(List.of(0, 3, 4, 1, 2, 5, 6), ItemOrder.of(GROUPS, 1));
  }

  @Test
  void everyThreadFindsAShapeToCompile() {
    assertEquals(List.of(0, 1, 3, 4, 2, 6, 5), ItemOrder.of(GROUPS, 2));
    assertEquals(List.of(0, 1, 2, 6, 3, 4, 5), ItemOrder.of(GROUPS, 8));
  }

  @Test
  void nothingHasAnOrder() {
    assertEquals(List.of(), ItemOrder.of(List.of(), 2));
  }
}
