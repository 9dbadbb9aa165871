package org.tataa.onnx;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.ElementType;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;

/** Operator MatMulNBits of ONNX Runtime: weights of 2, 4 or 8 bits become float constants. */
final class PackedWeights {
  private PackedWeights() {}

  static void register(Map<String, Rewrite.Rule> rules) {
    rules.put("com.microsoft.MatMulNBits", PackedWeights::apply);
  }

  private static void apply(Node node, Rewrite to) {
    int depth = (int) node.integer("K", 0);
    int columns = (int) node.integer("N", 0);
    int bits = (int) node.integer("bits", 4);
    int block = (int) node.integer("block_size", 0);
    if (depth <= 0 || columns <= 0 || block <= 0 || (bits != 2 && bits != 4 && bits != 8)) {
      throw new GraphException(
          "K="
              + depth
              + ", N="
              + columns
              + ", bits="
              + bits
              + ", block_size="
              + block
              + " are not supported");
    }
    if (!node.input(4).isEmpty()) {
      throw new GraphException("input g_idx is not supported");
    }
    NdTensor codes = to.requireConstant(node, 1, "B");
    NdTensor scales = to.requireConstant(node, 2, "scales");
    NdTensor zeros = node.input(3).isEmpty() ? null : to.requireConstant(node, 3, "zero_points");
    NdTensor.elements(new int[] {depth, columns});
    String weights =
        to.value(
            NdTensor.of(
                decoded(codes, scales, zeros, depth, columns, bits, block), depth, columns));
    if (node.input(5).isEmpty()) {
      to.result(0, "MatMul", node.input(0), weights);
    } else {
      to.result(0, "Add", to.op("MatMul", node.input(0), weights), node.input(5));
    }
  }

  // Codes [column][block of the depth][bytes], the first code in the low bits of a byte.
  private static float[] decoded(
      NdTensor codes,
      NdTensor scales,
      @Nullable NdTensor zeros,
      int depth,
      int columns,
      int bits,
      int block) {
    int blocks = (depth + block - 1) / block;
    int bytes = (block * bits + 7) / 8;
    int zeroBytes = (blocks * bits + 7) / 8;
    boolean isPacked = zeros != null && zeros.type() == ElementType.INT;
    int expectedZeros = zeros == null ? 0 : isPacked ? columns * zeroBytes : columns * blocks;
    if (codes.size() != columns * blocks * bytes
        || scales.size() != columns * blocks
        || (zeros != null && zeros.size() != expectedZeros)) {
      throw new GraphException(
          "B " + codes + ", scales " + scales + " and zero_points " + zeros + " do not fit");
    }
    float[] weights = new float[depth * columns];
    for (int column = 0; column < columns; column++) {
      for (int k = 0; k < depth; k++) {
        int of = column * blocks + k / block;
        long code = code(codes, of * bytes, k % block, bits);
        double zero =
            zeros == null
                ? 1 << (bits - 1)
                : isPacked ? code(zeros, column * zeroBytes, k / block, bits) : zeros.at(of);
        weights[k * columns + column] = (float) ((code - zero) * scales.at(of));
      }
    }
    return weights;
  }

  private static long code(NdTensor packed, int base, int number, int bits) {
    int perByte = 8 / bits;
    long value = packed.longs()[base + number / perByte];
    return value >> number % perByte * bits & (1 << bits) - 1;
  }
}
