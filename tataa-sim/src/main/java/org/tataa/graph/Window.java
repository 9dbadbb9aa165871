package org.tataa.graph;

import java.util.Arrays;

/**
 * Where a kernel lies on an image of any number of axes, for convolutions and pooling.
 *
 * @param image dimensions of the image
 * @param kernel dimensions of the kernel
 * @param strides steps of the kernel
 * @param dilations steps within the kernel
 * @param before padding before each axis
 * @param after padding behind each axis
 * @param result number of places per axis
 */
@SuppressWarnings("ArrayRecordComponent")
record Window(
    int[] image,
    int[] kernel,
    long[] strides,
    long[] dilations,
    long[] before,
    long[] after,
    int[] result) {

  /** The window a node describes, on an image {@code [n][c][axes]}. */
  static Window of(Node node, NdTensor x, int[] kernel) {
    int axes = x.rank() - 2;
    if (axes < 1 || kernel.length != axes) {
      throw new GraphException("kernel " + Arrays.toString(kernel) + " does not fit an image " + x);
    }
    int[] image = Arrays.copyOfRange(x.shape(), 2, x.rank());
    long[] strides = positive(node, "strides", axes);
    long[] dilations = positive(node, "dilations", axes);
    long[] pads = node.integers("pads");
    if (pads != null && pads.length != 2 * axes) {
      throw new GraphException("pads " + Arrays.toString(pads) + " are not " + 2 * axes);
    }
    String automatic = node.text("auto_pad", "NOTSET");
    boolean isCeil = node.integer("ceil_mode", 0) != 0;
    long[] before = new long[axes];
    long[] after = new long[axes];
    int[] result = new int[axes];
    for (int i = 0; i < axes; i++) {
      long reach = dilations[i] * (kernel[i] - 1L) + 1;
      switch (automatic) {
        case "NOTSET" -> {
          before[i] = pads == null ? 0 : pads[i];
          after[i] = pads == null ? 0 : pads[i + axes];
        }
        case "VALID" -> {}
        case "SAME_UPPER", "SAME_LOWER" -> {
          long places = (image[i] + strides[i] - 1) / strides[i];
          long missing = Math.max(0, (places - 1) * strides[i] + reach - image[i]);
          before[i] = automatic.equals("SAME_UPPER") ? missing / 2 : missing - missing / 2;
          after[i] = missing - before[i];
        }
        default -> throw new GraphException("auto_pad " + automatic + " is not supported");
      }
      long room = image[i] + before[i] + after[i] - reach;
      if (room < 0) {
        throw new GraphException(
            "kernel " + Arrays.toString(kernel) + " is larger than image " + x);
      }
      long places = room / strides[i] + 1;
      // One more if part of the kernel is left, unless it would start in the padding behind.
      if (isCeil && room % strides[i] != 0 && places * strides[i] < image[i] + before[i]) {
        places++;
      }
      result[i] = DataMovement.checked(places);
    }
    return new Window(image, kernel, strides, dilations, before, after, result);
  }

  private static long[] positive(Node node, String attribute, int axes) {
    long[] values = node.integers(attribute);
    if (values == null) {
      long[] ones = new long[axes];
      Arrays.fill(ones, 1);
      return ones;
    }
    if (values.length != axes || Arrays.stream(values).anyMatch(v -> v <= 0)) {
      throw new GraphException(
          attribute + " " + Arrays.toString(values) + " are not " + axes + " positive");
    }
    return values;
  }

  /** Elements of the kernel. */
  int kernelSize() {
    return NdTensor.resultElements(kernel);
  }

  /** Places of the kernel. */
  int places() {
    return NdTensor.resultElements(result);
  }

  /** Elements of the image. */
  int imageSize() {
    return NdTensor.resultElements(image);
  }

  /** For each place of the kernel and each element of it the element of the image, or -1. */
  int[][] sources() {
    int[][] sources = new int[places()][kernelSize()];
    int[] toStrides = DataMovement.strides(result);
    int[] kernelStrides = DataMovement.strides(kernel);
    int[] imageStrides = DataMovement.strides(image);
    for (int place = 0; place < sources.length; place++) {
      for (int element = 0; element < sources[place].length; element++) {
        int position = 0;
        for (int axis = 0; axis < image.length && position >= 0; axis++) {
          long at =
              place / toStrides[axis] % result[axis] * strides[axis]
                  + element / kernelStrides[axis] % kernel[axis] * dilations[axis]
                  - before[axis];
          position = at < 0 || at >= image[axis] ? -1 : position + (int) at * imageStrides[axis];
        }
        sources[place][element] = position;
      }
    }
    return sources;
  }
}
