package org.tataa.graph;

import java.util.Map;

/** Products of matrices, convolutions among them. */
final class ProductOperators {
  private ProductOperators() {}

  static void register(Map<String, OperatorFunction> table) {
    Operators.single(table, (node, in) -> LinearAlgebra.matmul(in.get(0), in.get(1)), "MatMul");
    Operators.single(table, (node, in) -> linear(in), "Linear");
    Operators.single(
        table, (node, in) -> LinearAlgebra.gemm(node, in.get(0), in.get(1), in.orNull(2)), "Gemm");
    Operators.single(
        table,
        (node, in) -> {
          if (in.get(0).type() != ElementType.FLOAT) {
            throw new GraphException("expected float values, found " + in.get(0));
          }
          return Convolution.conv(node, in.get(0), in.get(1), in.orNull(2));
        },
        "Conv");
    Operators.single(
        table, (node, in) -> Einsum.apply(node.text("equation", ""), in.all()), "Einsum");
    table.put("LinearAttention", LinearAttention::apply);
  }

  private static NdTensor linear(Arguments in) {
    NdTensor product = LinearAlgebra.matmul(in.get(0), in.get(1));
    NdTensor bias = in.orNull(2);
    return bias == null ? product : Elementwise.binary(product, bias, Double::sum, Long::sum);
  }
}
