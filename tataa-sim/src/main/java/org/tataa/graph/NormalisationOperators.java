package org.tataa.graph;

import java.util.Map;

/** SoftMax and its relatives, and normalisations. */
final class NormalisationOperators {
  private NormalisationOperators() {}

  static void register(Map<String, OperatorFunction> table) {
    Operators.single(
        table,
        (node, in) -> Softmaxes.softmax(in.get(0), axis(node), node.has(Softmaxes.ZERO_HIDDEN)),
        "Softmax");
    Operators.single(
        table, (node, in) -> Softmaxes.logarithmic(in.get(0), axis(node)), "LogSoftmax");
    Operators.single(table, (node, in) -> Softmaxes.hardmax(in.get(0), axis(node)), "Hardmax");
    table.put(
        "LayerNormalization",
        (node, in) ->
            Normalisations.layer(
                in.get(0), in.get(1), in.orNull(2), epsilon(node), axis(node), true));
    OperatorFunction rms =
        (node, in) -> {
          NdTensor[] all =
              Normalisations.layer(
                  in.get(0), in.get(1), in.orNull(2), epsilon(node), axis(node), false);
          return new NdTensor[] {all[0], all[2]};
        };
    table.put("RMSNormalization", rms);
    table.put("SimplifiedLayerNormalization", rms);
    Operators.single(table, NormalisationOperators::batch, "BatchNormalization");
    Operators.single(
        table,
        (node, in) -> {
          NdTensor x = in.get(0);
          return Normalisations.grouped(x, x.dim(1), in.get(1), in.get(2), epsilon(node));
        },
        "InstanceNormalization");
    Operators.single(table, NormalisationOperators::group, "GroupNormalization");
    Operators.single(table, NormalisationOperators::standardised, "MeanVarianceNormalization");
    Operators.single(table, NormalisationOperators::unitLength, "LpNormalization");
  }

  private static long axis(Node node) {
    return node.integer("axis", -1);
  }

  private static float epsilon(Node node) {
    return node.number("epsilon", 1e-5f);
  }

  private static NdTensor batch(Node node, Arguments in) {
    if (node.integer("training_mode", 0) != 0) {
      throw new GraphException("training_mode 1 is not supported");
    }
    NdTensor x = in.get(0);
    int channels = x.rank() < 2 ? 1 : x.dim(1);
    for (int i = 1; i < 5; i++) {
      if (in.get(i).size() != channels) {
        throw new GraphException("expected " + channels + " channels, found " + in.get(i));
      }
    }
    if (!in.areKnown()) {
      return x.withoutData();
    }
    float[] scale = in.get(1).floats();
    float[] bias = in.get(2).floats();
    float[] mean = in.get(3).floats();
    float[] variance = in.get(4).floats();
    double epsilon = epsilon(node);
    int inner = 1;
    for (int i = 2; i < x.rank(); i++) {
      inner *= x.dim(i);
    }
    float[] from = x.floats();
    float[] to = new float[from.length];
    for (int i = 0; i < to.length; i++) {
      int c = i / inner % channels;
      to[i] = (float) ((from[i] - mean[c]) * scale[c] / Math.sqrt(variance[c] + epsilon) + bias[c]);
    }
    return NdTensor.of(to, x.shape());
  }

  private static NdTensor group(Node node, Arguments in) {
    int groups = DataMovement.checked(node.integer("num_groups", 1));
    return Normalisations.grouped(in.get(0), groups, in.get(1), in.get(2), epsilon(node));
  }

  private static NdTensor standardised(Node node, Arguments in) {
    NdTensor x = in.get(0);
    long[] given = node.integers("axes");
    long[] axes = given == null ? new long[] {0, 2, 3} : given;
    NdTensor mean = Reductions.reduce(x, Reductions.Kind.MEAN, axes, true, false);
    NdTensor centred = minus(x, mean);
    NdTensor squares = Elementwise.unary(centred, v -> v * v);
    NdTensor variance = Reductions.reduce(squares, Reductions.Kind.MEAN, axes, true, false);
    return Elementwise.binary(
        centred, variance, (v, s) -> v / (Math.sqrt(s) + 1e-9), Math::floorDiv);
  }

  private static NdTensor minus(NdTensor a, NdTensor b) {
    return Elementwise.binary(a, b, (x, y) -> x - y, (x, y) -> x - y);
  }

  private static NdTensor unitLength(Node node, Arguments in) {
    NdTensor x = in.get(0);
    long p = node.integer("p", 2);
    if (p != 1 && p != 2) {
      throw new GraphException("p " + p + " is not supported");
    }
    NdTensor norm =
        Reductions.reduce(
            x,
            p == 1 ? Reductions.Kind.NORM1 : Reductions.Kind.NORM2,
            new long[] {axis(node)},
            true,
            false);
    return Elementwise.binary(x, norm, (v, n) -> n == 0 ? 0 : v / n, Math::floorDiv);
  }
}
