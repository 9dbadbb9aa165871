package org.tataa.tiling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tataa.tensor.ContractOp;
import org.tataa.tensor.Value;
import org.tataa.tile.Loops;

/**
 * How an operand of a product lies in operand words: the bytes of a word are indices along one axis
 * (rows of the array for X, outputs for Y), words one after the other along the contracted axis.
 *
 * @param value the operand as the product sees it, of any rank from 2
 * @param byteAxis axis along the bytes of a word
 * @param depthAxis the contracted axis
 * @param wordBytes bytes of a word
 * @param weave for each row of a block its byte; null if they are in order
 */
@SuppressWarnings("ArrayRecordComponent")
record WordTarget(Value value, int byteAxis, int depthAxis, int wordBytes, int @Nullable [] weave) {
  /**
   * What a product wants of an operand.
   *
   * @param isFirst whether the operand is a, {@code [..][M][K]}, otherwise b, {@code [..][K][N]}
   */
  static WordTarget of(Geometry geometry, ContractOp op, boolean isFirst) {
    Value value = isFirst ? op.a() : op.b();
    int rank = value.rank();
    boolean isY = (op.columns() == ContractOp.Columns.M) == isFirst;
    return new WordTarget(
        value,
        isFirst ? rank - 2 : rank - 1,
        isFirst ? rank - 1 : rank - 2,
        isY ? geometry.outputs() : geometry.rows(),
        null);
  }

  /** The same with rows woven. */
  WordTarget woven(Geometry geometry) {
    return new WordTarget(value, byteAxis, depthAxis, wordBytes, Weave.bytes(geometry));
  }

  /** The same with rows in the order in which they leave the array. */
  WordTarget inBeats(Geometry geometry) {
    int[] bytes = new int[geometry.rows()];
    Arrays.setAll(bytes, geometry::indexOfBeat);
    return new WordTarget(value, byteAxis, depthAxis, wordBytes, bytes);
  }

  /** The byte of a word, from 0, at which an index of a block of the byte axis stands. */
  int byteOf(int index) {
    return weave == null ? index : weave[index];
  }

  /** Words blocks the byte axis needs. */
  int blocks() {
    return Geometry.parts(value.dim(byteAxis), wordBytes);
  }

  int depth() {
    return value.dim(depthAxis);
  }

  /**
   * An arrangement.
   *
   * @param placeOf for each element of the operand its byte; not to be changed
   * @param bytes bytes of all words
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Arrangement(int[] placeOf, int bytes) {}

  /** One word after the other without gaps: {@code [leading axes][block][depth]}. */
  Arrangement dense(KnownFits known) {
    return known.arrangement(this, outer(0), depth(), 0, depth());
  }

  /**
   * Arrangements that stores of whole tiles can write, best first: the block of bytes inside or
   * outside of the last leading axes, with room behind each run of words for what a store spills.
   * Each is made when it is asked for: the first one often fits.
   */
  List<Supplier<Arrangement>> candidates(KnownFits known, int roundTo, int spill) {
    List<Supplier<Arrangement>> candidates = new ArrayList<>();
    int leading = value.rank() - 2;
    for (int inside = 0; inside <= leading; inside++) {
      int blocks = inside;
      int[] axes = outer(inside);
      candidates.add(() -> arrange(known, axes, depth(), blocks, roundTo, spill));
      if (inside > 0) {
        int padded = Geometry.parts(depth(), roundTo) * roundTo;
        candidates.add(() -> arrange(known, axes, padded + spill, blocks, roundTo, spill));
      }
    }
    return candidates;
  }

  // Leading axes with the block (-1) before the last `inside` of them.
  private int[] outer(int inside) {
    int leading = value.rank() - 2;
    int[] axes = new int[leading + 1];
    int count = 0;
    for (int axis = 0; axis < value.rank(); axis++) {
      if (axis == byteAxis || axis == depthAxis) {
        continue;
      }
      if (count == leading - inside) {
        axes[count++] = -1;
      }
      axes[count++] = axis;
    }
    if (count == leading) {
      axes[count] = -1;
    }
    return axes;
  }

  private Arrangement arrange(
      KnownFits known, int[] axes, int segment, int inside, int roundTo, int spill) {
    int run = segment;
    for (int i = axes.length - inside; i < axes.length; i++) {
      run *= value.dim(axes[i]);
    }
    int padded = Geometry.parts(run, roundTo) * roundTo + spill;
    return known.arrangement(this, axes, segment, inside, padded);
  }

  /**
   * Makes an arrangement.
   *
   * @param axes leading axes, -1 for blocks
   * @param segment words from a row of words to the next
   * @param inside how many of the axes are in a run
   * @param runWords words of a run
   */
  Arrangement arranged(int[] axes, int segment, int inside, int runWords) {
    int[] shape = value.shape();
    int[] stride = new int[shape.length];
    int blockStride = 0;
    int words = segment;
    for (int i = axes.length - 1; i >= 0; i--) {
      if (i == axes.length - 1 - inside) {
        words = runWords;
      }
      if (axes[i] < 0) {
        blockStride = words;
        words *= blocks();
      } else {
        stride[axes[i]] = words;
        words *= shape[axes[i]];
      }
    }
    stride[depthAxis] = 1;
    int[] placeOf = new int[value.size()];
    int last = shape.length - 1;
    int[] inRow = new int[shape[last]];
    for (int i = 0; i < inRow.length; i++) {
      inRow[i] = place(last, i, stride, blockStride);
    }
    int[] outer = Arrays.copyOf(shape, last);
    int[] index = new int[last];
    for (int row = 0; row < placeOf.length; row += inRow.length) {
      int start = 0;
      for (int axis = 0; axis < last; axis++) {
        start += place(axis, index[axis], stride, blockStride);
      }
      for (int i = 0; i < inRow.length; i++) {
        placeOf[row + i] = start + inRow[i];
      }
      Loops.advance(index, outer);
    }
    return new Arrangement(placeOf, Math.max(1, words) * wordBytes);
  }

  // What an index along an axis adds to the place.
  private int place(int axis, int index, int[] stride, int blockStride) {
    return axis == byteAxis
        ? index / wordBytes * blockStride * wordBytes + byteOf(index % wordBytes)
        : index * stride[axis] * wordBytes;
  }

  /**
   * Places of an anchor's elements, a number of them, from those of the elements that show them.
   */
  static int[] through(Arrangement arrangement, Sources.Source source, int size) {
    if (source.element() == null && size == arrangement.placeOf().length) {
      return arrangement.placeOf();
    }
    int[] places = new int[size];
    Arrays.fill(places, -1);
    for (int element = arrangement.placeOf().length - 1; element >= 0; element--) {
      int from = source.element(element);
      if (from >= 0) {
        places[from] = arrangement.placeOf()[element];
      }
    }
    return places;
  }
}
