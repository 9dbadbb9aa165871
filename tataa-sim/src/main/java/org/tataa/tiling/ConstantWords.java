package org.tataa.tiling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Supplier;

/**
 * Operand words of constants that were arranged before: programs of the same model for other
 * lengths of a text share most weights. They are kept as long as the constants are. Several threads
 * may share them.
 */
public final class ConstantWords {
  /**
   * Words with where blocks of them begin.
   *
   * @param words not to be changed
   * @param fit base and strides, as {@link WordAccess#fit}
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Placed(byte[] words, AffineFit fit) {}

  @SuppressWarnings("ArrayRecordComponent")
  private record Entry(WordTarget target, int[] leading, int align, Placed placed) {
    boolean isFor(WordTarget other, int[] otherLeading, int otherAlign) {
      return Arrays.equals(target.value().shape(), other.value().shape())
          && target.byteAxis() == other.byteAxis()
          && target.depthAxis() == other.depthAxis()
          && target.wordBytes() == other.wordBytes()
          && Arrays.equals(target.weave(), other.weave())
          && Arrays.equals(leading, otherLeading)
          && align == otherAlign;
    }
  }

  // Arrays are equal if they are the same, which is what is wanted here.
  @SuppressWarnings("UndefinedEquals")
  private final Map<short[], List<Entry>> known = new WeakHashMap<>();

  /** Nothing is known yet. */
  public ConstantWords() {}

  /**
   * Words of a constant.
   *
   * @param bits its elements
   * @param target what is wanted
   * @param leading leading dimensions of the result
   * @param align what addresses must be a multiple of
   * @param make arranges them
   */
  Placed of(short[] bits, WordTarget target, int[] leading, int align, Supplier<Placed> make) {
    synchronized (known) {
      for (Entry entry : known.getOrDefault(bits, List.of())) {
        if (entry.isFor(target, leading, align)) {
          return entry.placed();
        }
      }
    }
    Placed placed = make.get();
    synchronized (known) {
      known
          .computeIfAbsent(bits, key -> new ArrayList<>())
          .add(new Entry(target, leading, align, placed));
    }
    return placed;
  }
}
