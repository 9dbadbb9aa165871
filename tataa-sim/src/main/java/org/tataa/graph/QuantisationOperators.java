package org.tataa.graph;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Integer codes of floats, and products of codes. */
final class QuantisationOperators {
  private QuantisationOperators() {}

  static void register(Map<String, OperatorFunction> table) {
    Operators.single(table, QuantisationOperators::quantise, "QuantizeLinear");
    Operators.single(table, QuantisationOperators::dequantise, "DequantizeLinear");
    table.put("DynamicQuantizeLinear", QuantisationOperators::dynamic);
    Operators.single(
        table,
        (node, in) ->
            LinearAlgebra.matmul(
                centred(in.get(0), in.orNull(2), -2), centred(in.get(1), in.orNull(3), -1)),
        "MatMulInteger");
    Operators.single(
        table,
        (node, in) ->
            Convolution.conv(
                node,
                centred(in.get(0), in.orNull(2), 1),
                centred(in.get(1), in.orNull(3), 0),
                null),
        "ConvInteger");
    Operators.single(table, QuantisationOperators::matmul, "QLinearMatMul");
    Operators.single(table, QuantisationOperators::conv, "QLinearConv");
  }

  // For each element of x the element of a scale: one for all, per slice of an axis, or per block.
  private static int[] parameters(NdTensor x, NdTensor scale, Node node) {
    if (scale.size() == 1 && scale.rank() <= 1) {
      return new int[x.size()];
    }
    int axis = DataMovement.axis(node.integer("axis", 1), x.rank());
    int[] strides = DataMovement.strides(x.shape());
    int[] index = new int[x.size()];
    if (scale.rank() == 1) {
      if (scale.size() != x.dim(axis)) {
        throw new GraphException("scale " + scale + " does not fit axis " + axis + " of " + x);
      }
      Arrays.setAll(index, i -> i / strides[axis] % x.dim(axis));
      return index;
    }
    int block = DataMovement.checked(node.integer("block_size", 0));
    int[] blocks = x.shape();
    if (block > 0) {
      blocks[axis] = (blocks[axis] + block - 1) / block;
    }
    if (block == 0 || !Arrays.equals(blocks, scale.shape())) {
      throw new GraphException(
          "scale " + scale + " does not fit " + x + " in blocks of " + block + " of axis " + axis);
    }
    int[] to = DataMovement.strides(blocks);
    for (int i = 0; i < index.length; i++) {
      for (int d = 0; d < blocks.length; d++) {
        int at = i / strides[d] % x.dim(d);
        index[i] += (d == axis ? at / block : at) * to[d];
      }
    }
    return index;
  }

  private static void requireSameSize(NdTensor scale, @Nullable NdTensor zero) {
    if (zero != null && zero.size() != scale.size()) {
      throw new GraphException("zero point " + zero + " does not fit scale " + scale);
    }
  }

  private static NdTensor quantise(Node node, Arguments in) {
    NdTensor x = in.get(0);
    NdTensor scale = in.get(1);
    NdTensor zero = in.orNull(2);
    requireSameSize(scale, zero);
    if (!in.areKnown()) {
      return NdTensor.unknown(ElementType.INT, x.shape());
    }
    int[] index = parameters(x, scale, node);
    long type = node.integer(Operators.ELEMENT_TYPE, 2);
    long[] to = new long[x.size()];
    for (int i = 0; i < to.length; i++) {
      float quotient = (float) (x.at(i) / scale.floats()[index[i]]);
      to[i] = saturated(type, quotient, zero == null ? 0 : zero.longs()[index[i]]);
    }
    return NdTensor.of(to, x.shape());
  }

  // Clamped before the cast, so that a code beyond 64 bits saturates too.
  private static long saturated(long type, double value, long zero) {
    double code = Math.rint(Math.max(-0x1p40, Math.min(0x1p40, value)));
    return Math.max(OnnxTypes.low(type), Math.min(OnnxTypes.high(type), (long) code + zero));
  }

  private static NdTensor dequantise(Node node, Arguments in) {
    NdTensor x = in.get(0);
    NdTensor scale = in.get(1);
    NdTensor zero = in.orNull(2);
    requireSameSize(scale, zero);
    if (!in.areKnown()) {
      return NdTensor.unknown(ElementType.FLOAT, x.shape());
    }
    int[] index = parameters(x, scale, node);
    float[] to = new float[x.size()];
    for (int i = 0; i < to.length; i++) {
      double code = x.at(i) - (zero == null ? 0 : zero.at(index[i]));
      to[i] = (float) (code * scale.floats()[index[i]]);
    }
    return NdTensor.of(to, x.shape());
  }

  private static NdTensor[] dynamic(Node node, Arguments in) {
    NdTensor x = in.get(0);
    if (!x.isKnown()) {
      return new NdTensor[] {
        NdTensor.unknown(ElementType.INT, x.shape()),
        NdTensor.unknown(ElementType.FLOAT),
        NdTensor.unknown(ElementType.INT)
      };
    }
    float low = 0;
    float high = 0;
    for (float value : x.floats()) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    float scale = (high - low) / 255;
    long zero = scale == 0 ? 0 : saturated(2, -low / scale, 0);
    long[] to = new long[x.size()];
    for (int i = 0; i < to.length; i++) {
      to[i] = scale == 0 ? 0 : saturated(2, x.floats()[i] / scale, zero);
    }
    return new NdTensor[] {
      NdTensor.of(to, x.shape()), NdTensor.of(new float[] {scale}), NdTensor.of(new long[] {zero})
    };
  }

  // Codes without their zero point, which may differ along one axis.
  private static NdTensor centred(NdTensor x, @Nullable NdTensor zero, int axis) {
    if (zero == null) {
      return x;
    }
    NdTensor offset = zero;
    if (zero.rank() == 1 && zero.size() > 1) {
      int[] shape = new int[x.rank()];
      Arrays.fill(shape, 1);
      shape[axis < 0 ? axis + shape.length : axis] = zero.size();
      offset = zero.reshaped(shape);
    } else if (zero.size() == 1) {
      offset = zero.reshaped();
    }
    return Elementwise.binary(x, offset, (a, b) -> a - b, (a, b) -> a - b);
  }

  private static NdTensor matmul(Node node, Arguments in) {
    NdTensor sums =
        LinearAlgebra.matmul(centred(in.get(0), in.get(2), -2), centred(in.get(3), in.get(5), -1));
    NdTensor rows = axisOfScale(in.get(1), sums.rank(), sums.rank() - 2);
    NdTensor columns = axisOfScale(in.get(4), sums.rank(), sums.rank() - 1);
    return requantised(node, sums, product(rows, columns), in.get(6), in.get(7));
  }

  private static NdTensor conv(Node node, Arguments in) {
    NdTensor sums =
        Convolution.conv(
            node, centred(in.get(0), in.get(2), 1), centred(in.get(3), in.get(5), 0), in.orNull(8));
    NdTensor scale = product(in.get(1).reshaped(), axisOfScale(in.get(4), sums.rank(), 1));
    return requantised(node, sums, scale, in.get(6), in.get(7));
  }

  private static NdTensor product(NdTensor a, NdTensor b) {
    return Elementwise.binary(a, b, (x, y) -> x * y, (x, y) -> x * y);
  }

  private static NdTensor axisOfScale(NdTensor scale, int rank, int axis) {
    if (scale.size() == 1) {
      return scale.reshaped();
    }
    if (scale.rank() != 1) {
      return scale;
    }
    int[] shape = new int[rank];
    Arrays.fill(shape, 1);
    shape[axis] = scale.size();
    return scale.reshaped(shape);
  }

  private static NdTensor requantised(
      Node node, NdTensor sums, NdTensor scale, NdTensor resultScale, NdTensor resultZero) {
    long type = node.integer(Operators.ELEMENT_TYPE, 2);
    NdTensor real =
        Elementwise.binary(
            Elementwise.cast(sums, ElementType.FLOAT), scale, (a, b) -> a * b, Math::addExact);
    if (!real.isKnown() || !resultScale.isKnown() || !resultZero.isKnown()) {
      return NdTensor.unknown(ElementType.INT, real.shape());
    }
    if (resultScale.size() != 1 || resultZero.size() != 1) {
      throw new GraphException("a scale of the result per axis is not supported");
    }
    long[] to = new long[real.size()];
    for (int i = 0; i < to.length; i++) {
      to[i] = saturated(type, real.floats()[i] / resultScale.floats()[0], resultZero.longs()[0]);
    }
    return NdTensor.of(to, real.shape());
  }
}
