package org.tataa.tiling;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.tile.Buffer;
import org.tataa.tile.Loops;

/**
 * Where the words of a product's operand are.
 *
 * @param buffer the buffer
 * @param fit base and strides of the result's leading axes and then of the operand's blocks, bytes
 */
record WordAccess(Buffer buffer, AffineFit fit) {
  /**
   * Where words are in a place.
   *
   * @param target what is wanted
   * @param places for each element of the operand its byte, -1 for none
   * @param leading leading dimensions of the result; the operand's may be 1
   * @param align what addresses must be a multiple of
   * @return null if they are not there as words
   */
  static @Nullable AffineFit fit(WordTarget target, int[] places, int[] leading, int align) {
    int[] shape = target.value().shape();
    int[] strides = new int[shape.length];
    int stride = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= shape[axis];
    }
    int[] loops = loops(target, leading);
    long[][] table = new long[1][AffineFit.iterations(loops)];
    int[] index = new int[loops.length];
    for (int i = 0; i < table[0].length; i++) {
      int element = 0;
      for (int axis = 0; axis < leading.length; axis++) {
        element += shape[axis] == 1 ? 0 : index[axis] * strides[axis];
      }
      long base = base(target, places, strides, element, index[leading.length]);
      if (base < 0 || base % align != 0) {
        return null;
      }
      table[0][i] = base;
      Loops.advance(index, loops);
    }
    return AffineFit.of(table, loops);
  }

  /** Words of a buffer; null if some are outside. */
  static @Nullable WordAccess inside(
      WordTarget target, Buffer buffer, AffineFit fit, int[] leading) {
    int bytes = target.depth() * target.wordBytes();
    return fit.isInside(loops(target, leading), bytes, buffer.bytes())
        ? new WordAccess(buffer, fit)
        : null;
  }

  private static int[] loops(WordTarget target, int[] leading) {
    int[] loops = Arrays.copyOf(leading, leading.length + 1);
    loops[leading.length] = target.blocks();
    return loops;
  }

  // First byte of a block's words, or -1 if they do not follow each other.
  private static long base(WordTarget target, int[] places, int[] strides, int first, int block) {
    int word = target.wordBytes();
    int bytes = Math.min(word, target.value().dim(target.byteAxis()) - block * word);
    int corner = first + block * word * strides[target.byteAxis()];
    long base = (long) places[corner] - target.byteOf(0);
    int depth = target.depth();
    int wordStride = strides[target.depthAxis()];
    int byteStride = strides[target.byteAxis()];
    for (int k = 0; k < depth; k++) {
      for (int b = 0; b < bytes; b++) {
        int element = corner + k * wordStride + b * byteStride;
        if (places[element] != base + (long) k * word + target.byteOf(b)) {
          return -1;
        }
      }
    }
    return base;
  }
}
