package org.tataa.isa;

import org.jspecify.annotations.Nullable;

/**
 * What belongs to instructions, found by their words: open addressing, without an object per word.
 *
 * @param <T> what is found
 */
public final class WordTable<T> {
  // Fields of words are few and stand close together: multiplied by it all of them reach the
  // highest bits, which are the place.
  private static final long SPREAD = 0x9e3779b97f4a7c15L;

  private long[] words = new long[256];
  private @Nullable Object[] values = new Object[256];
  private int size;

  /** An empty table. */
  public WordTable() {}

  /**
   * What belongs to a word.
   *
   * @param word any word
   * @return null if nothing does
   */
  @SuppressWarnings("unchecked")
  public @Nullable T get(long word) {
    return (T) values[place(word)];
  }

  /**
   * Notes what belongs to a word, instead of what did.
   *
   * @param word any word
   * @param value what belongs to it
   */
  public void put(long word, T value) {
    int place = place(word);
    if (values[place] == null && 2 * ++size > words.length) {
      grow();
      place = place(word);
    }
    words[place] = word;
    values[place] = value;
  }

  // Where a word is, or the free place where it would be.
  private int place(long word) {
    int mask = words.length - 1;
    int place = (int) (word * SPREAD >>> Long.numberOfLeadingZeros(mask));
    while (values[place] != null && words[place] != word) {
      place = (place + 1) & mask;
    }
    return place;
  }

  private void grow() {
    long[] oldWords = words;
    Object[] oldValues = values;
    words = new long[2 * oldWords.length];
    values = new Object[words.length];
    for (int i = 0; i < oldWords.length; i++) {
      if (oldValues[i] != null) {
        int place = place(oldWords[i]);
        words[place] = oldWords[i];
        values[place] = oldValues[i];
      }
    }
  }
}
