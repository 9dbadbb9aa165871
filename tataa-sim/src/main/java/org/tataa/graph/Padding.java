package org.tataa.graph;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Operator Pad in all its modes. */
final class Padding {
  private Padding() {}

  static NdTensor apply(Node node, Arguments in) {
    NdTensor x = in.get(0);
    NdTensor fill = in.orNull(2);
    NdTensor axes = in.orNull(3);
    long[] pads = spread(in.known(1, "pads").longs(), axes == null ? null : axes.longs(), x.rank());
    String mode = node.text("mode", "constant");
    if (fill != null && !fill.isKnown()) {
      x = x.withoutData();
    }
    return pad(x, pads, mode, fill == null || !fill.isKnown() ? 0 : fill.at(0));
  }

  // Pads of some axes as pads of all.
  private static long[] spread(long[] pads, long @Nullable [] axes, int rank) {
    if (axes == null) {
      if (pads.length != 2 * rank) {
        throw new GraphException("pads " + Arrays.toString(pads) + " do not fit rank " + rank);
      }
      return pads;
    }
    if (pads.length != 2 * axes.length) {
      throw new GraphException("pads " + Arrays.toString(pads) + " do not fit axes");
    }
    long[] all = new long[2 * rank];
    for (int i = 0; i < axes.length; i++) {
      int axis = DataMovement.axis(axes[i], rank);
      all[axis] = pads[i];
      all[axis + rank] = pads[i + axes.length];
    }
    return all;
  }

  private static NdTensor pad(NdTensor x, long[] pads, String mode, double fill) {
    int rank = x.rank();
    int[] shape = new int[rank];
    for (int i = 0; i < rank; i++) {
      shape[i] = DataMovement.checked(x.dim(i) + pads[i] + pads[i + rank]);
    }
    int size = NdTensor.resultElements(shape);
    int[][] sources = new int[rank][];
    for (int axis = 0; axis < rank; axis++) {
      sources[axis] = new int[shape[axis]];
      for (int i = 0; i < shape[axis]; i++) {
        sources[axis][i] = source(i - pads[axis], x.dim(axis), mode);
      }
    }
    if (!x.isKnown()) {
      return NdTensor.unknown(x.type(), shape);
    }
    int[] to = DataMovement.strides(shape);
    int[] from = DataMovement.strides(x.shape());
    int[] index = new int[size];
    for (int i = 0; i < size; i++) {
      int position = 0;
      for (int axis = 0; axis < rank && position >= 0; axis++) {
        int at = sources[axis][i / to[axis] % shape[axis]];
        position = at < 0 ? -1 : position + at * from[axis];
      }
      index[i] = position;
    }
    return DataMovement.take(x, shape, index, fill);
  }

  // Where an element comes from, -1 for the fill value.
  private static int source(long at, int dim, String mode) {
    if (at >= 0 && at < dim) {
      return (int) at;
    }
    if (dim == 0 && !mode.equals("constant")) {
      throw new GraphException("mode " + mode + " needs elements to copy");
    }
    return switch (mode) {
      case "constant" -> -1;
      case "edge" -> at < 0 ? 0 : dim - 1;
      case "wrap" -> (int) Math.floorMod(at, (long) dim);
      case "reflect" -> {
        // Mirrored at both ends, without repeating them, as often as it takes.
        int period = Math.max(1, 2 * (dim - 1));
        int folded = (int) Math.floorMod(at, (long) period);
        yield folded < dim ? folded : period - folded;
      }
      default -> throw new GraphException("mode " + mode + " is not supported");
    };
  }
}
