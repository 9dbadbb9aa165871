package org.tataa.graph;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Convolutions over any number of axes, as products with the image under the kernel. */
final class Convolution {
  private Convolution() {}

  /**
   * The fused operator Patches: windows of an image {@code [n][c][axes]} as rows, {@code
   * [n][places][c * kernel]}; attribute {@code kernel}, and those of Conv.
   */
  static NdTensor patches(Node node, NdTensor x) {
    long[] kernel = node.integers("kernel");
    if (kernel == null) {
      throw new GraphException("kernel is missing");
    }
    int[] size = new int[kernel.length];
    Arrays.setAll(size, i -> DataMovement.checked(kernel[i]));
    Window window = Window.of(node, x, size);
    int channels = x.dim(1);
    int[] shape = {x.dim(0), window.places(), channels * window.kernelSize()};
    NdTensor.resultElements(shape);
    if (!x.isKnown()) {
      return NdTensor.unknown(x.type(), shape);
    }
    int[][] sources = window.sources();
    int[] index = new int[NdTensor.resultElements(shape)];
    int next = 0;
    for (int n = 0; n < x.dim(0); n++) {
      for (int[] place : sources) {
        for (int c = 0; c < channels; c++) {
          int base = (n * channels + c) * window.imageSize();
          for (int source : place) {
            index[next++] = source < 0 ? -1 : base + source;
          }
        }
      }
    }
    return DataMovement.take(x, shape, index, 0);
  }

  static NdTensor conv(Node node, NdTensor x, NdTensor w, @Nullable NdTensor bias) {
    int groups = DataMovement.checked(node.integer("group", 1));
    if (w.rank() != x.rank()
        || groups == 0
        || x.dim(1) != w.dim(1) * groups
        || w.dim(0) % groups != 0
        || (bias != null && bias.size() != w.dim(0))) {
      throw new GraphException(
          "kernels " + w + " and bias " + bias + " do not fit " + x + " in " + groups + " groups");
    }
    long[] declared = node.integers("kernel_shape");
    int[] kernel = Arrays.copyOfRange(w.shape(), 2, w.rank());
    if (declared != null
        && !Arrays.equals(declared, Arrays.stream(kernel).asLongStream().toArray())) {
      throw new GraphException(
          "kernel_shape " + Arrays.toString(declared) + " does not fit kernels " + w);
    }
    Window window = Window.of(node, x, kernel);
    int[] shape = x.shape();
    shape[1] = w.dim(0);
    System.arraycopy(window.result(), 0, shape, 2, kernel.length);
    NdTensor.resultElements(shape);
    if (!x.isKnown() || !w.isKnown() || (bias != null && !bias.isKnown())) {
      return NdTensor.unknown(x.type(), shape);
    }
    NdTensor product = product(window, x, w, groups, shape);
    if (bias == null) {
      return product;
    }
    int[] perChannel = new int[x.rank()];
    Arrays.fill(perChannel, 1);
    perChannel[1] = w.dim(0);
    return Elementwise.binary(product, bias.reshaped(perChannel), Double::sum, Long::sum);
  }

  // Per item and group: kernels [out][depth] times columns [depth][places].
  private static NdTensor product(Window window, NdTensor x, NdTensor w, int groups, int[] shape) {
    int places = window.places();
    int depth = w.dim(1) * window.kernelSize();
    int outputs = w.dim(0) / groups;
    int channels = w.dim(1);
    int[][] sources = window.sources();
    int[] index = new int[NdTensor.resultElements(new int[] {depth, places})];
    NdTensor[] parts = new NdTensor[x.dim(0) * groups];
    for (int part = 0; part < parts.length; part++) {
      int base = part * channels * window.imageSize();
      for (int c = 0, next = 0; c < channels; c++, base += window.imageSize()) {
        for (int element = 0; element < window.kernelSize(); element++) {
          for (int place = 0; place < places; place++) {
            int source = sources[place][element];
            index[next++] = source < 0 ? -1 : base + source;
          }
        }
      }
      NdTensor columns = DataMovement.take(x, new int[] {depth, places}, index, 0);
      int[] rows = new int[outputs * depth];
      int first = part % groups * outputs * depth;
      Arrays.setAll(rows, i -> first + i);
      NdTensor kernels = DataMovement.take(w, new int[] {outputs, depth}, rows, 0);
      parts[part] = LinearAlgebra.matmul(kernels, columns);
    }
    if (parts.length == 0) {
      return NdTensor.of(new float[0], shape);
    }
    return DataMovement.concat(Arrays.asList(parts), 0).reshaped(shape);
  }
}
