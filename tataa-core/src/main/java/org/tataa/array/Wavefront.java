package org.tataa.array;

/**
 * Something that happens to the sums of all PEs between the same two words: on diagonal 0 first,
 * and one clock later on each next one. What it does need not be done until it has passed the last.
 */
final class Wavefront {
  private boolean isOn;
  private int cut;
  private int diagonals;

  /** Whether it is under way. */
  boolean isOn() {
    return isOn;
  }

  /** The first kept word that the sums on its diagonals must not have. */
  int cut() {
    return cut;
  }

  /** Whether it has passed a diagonal. */
  boolean covers(int diagonal) {
    return isOn && diagonal < diagonals;
  }

  /** Whether it lies before a kept word. */
  boolean isBefore(int word) {
    return isOn && cut < word;
  }

  /**
   * Starts on diagonal 0, or goes on to the next one.
   *
   * @param before the first word that the sums on the diagonal do not have yet
   * @return false, with nothing done, if it is not the next diagonal or not the same place
   */
  boolean advance(int diagonal, int before) {
    if (isOn ? diagonal != diagonals || before != cut : diagonal != 0 || before < 0) {
      return false;
    }
    isOn = true;
    cut = before;
    diagonals = diagonal + 1;
    return true;
  }

  /** The oldest words are no longer kept. */
  void drop(int words) {
    cut -= words;
  }

  /** What it does has been done. */
  void end() {
    isOn = false;
  }
}
