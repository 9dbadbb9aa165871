package org.tataa.task;

import java.util.List;

/** Share of the items of which the model says what is right, in percent. */
public final class Accuracy implements Metric {
  /** Judges an item. */
  public interface Judge {
    /** Whether a reading of an item is right. */
    boolean isRight(int item, float[] reading);
  }

  private final Judge judge;

  /** A metric. */
  public Accuracy(Judge judge) {
    this.judge = judge;
  }

  @Override
  public String name() {
    return "accuracy %";
  }

  @Override
  public String dropUnit() {
    return "points";
  }

  @Override
  public double value(List<float[]> readings, int[] chosen) {
    int right = 0;
    for (int item : chosen) {
      right += judge.isRight(item, readings.get(item)) ? 1 : 0;
    }
    return 100.0 * right / chosen.length;
  }
}
