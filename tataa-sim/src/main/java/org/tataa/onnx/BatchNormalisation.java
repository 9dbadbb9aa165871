package org.tataa.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.ElementType;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;

/**
 * Operator BatchNormalization at inference: with constant parameters a factor and an addend per
 * channel, which a convolution before it takes into its weights.
 */
final class BatchNormalisation {
  private BatchNormalisation() {}

  static void register(Map<String, Rewrite.Rule> rules) {
    rules.put("BatchNormalization", BatchNormalisation::apply);
  }

  private static void apply(Node node, Rewrite to) {
    if (node.integer("spatial", 1) != 1) {
      throw new GraphException("attribute spatial 0 is not supported");
    }
    boolean isTraining =
        node.integer("training_mode", 0) != 0
            || node.outputs().stream().filter(o -> !o.isEmpty()).count() > 1;
    if (isTraining) {
      throw new GraphException("attribute training_mode 1 is not supported");
    }
    float epsilon = node.number("epsilon", 1e-5f);
    float[][] affine = affine(node, to, epsilon);
    if (affine.length == 0 || !(folded(node, to, affine) || scaled(node, to, affine))) {
      to.add(
          new Node(
              node.name(), node.op(), node.inputs(), node.outputs(), Map.of("epsilon", epsilon)));
    }
  }

  // Factor and addend of each channel, or nothing if a parameter is computed.
  private static float[][] affine(Node node, Rewrite to, double epsilon) {
    float[][] parameters = new float[4][];
    for (int i = 0; i < 4; i++) {
      NdTensor value = to.constant(node.input(i + 1));
      if (value == null || value.type() != ElementType.FLOAT) {
        return new float[0][];
      }
      parameters[i] = value.floats();
      if (parameters[i].length != parameters[0].length) {
        return new float[0][];
      }
    }
    int channels = parameters[0].length;
    float[][] affine = new float[2][channels];
    for (int c = 0; c < channels; c++) {
      double factor = parameters[0][c] / Math.sqrt(parameters[3][c] + epsilon);
      affine[0][c] = (float) factor;
      affine[1][c] = (float) (parameters[1][c] - parameters[2][c] * factor);
    }
    return affine;
  }

  private static boolean folded(Node node, Rewrite to, float[][] affine) {
    Node conv = to.producer(node.input(0));
    if (conv == null || !conv.op().equals("Conv") || to.uses(conv.output()) != 1) {
      return false;
    }
    NdTensor weights = to.constant(conv.input(1));
    @Nullable NdTensor bias =
        conv.input(2).isEmpty()
            ? NdTensor.of(new float[affine[0].length], affine[0].length)
            : to.constant(conv.input(2));
    if (weights == null
        || bias == null
        || weights.dim(0) != affine[0].length
        || bias.size() != affine[0].length) {
      return false;
    }
    float[] kernels = weights.floats().clone();
    int each = kernels.length / affine[0].length;
    for (int i = 0; i < kernels.length; i++) {
      kernels[i] *= affine[0][i / each];
    }
    float[] sums = new float[affine[0].length];
    for (int c = 0; c < sums.length; c++) {
      sums[c] = affine[1][c] + bias.floats()[c] * affine[0][c];
    }
    List<String> inputs = new ArrayList<>();
    inputs.add(conv.input(0));
    inputs.add(to.value(NdTensor.of(kernels, weights.shape())));
    inputs.add(to.value(NdTensor.of(sums, sums.length)));
    to.remove(conv);
    to.add(new Node(conv.name(), "Conv", inputs, node.outputs(), conv.attributes()));
    return true;
  }

  private static boolean scaled(Node node, Rewrite to, float[][] affine) {
    int rank = to.rank(node.input(0));
    if (rank < 2) {
      return false;
    }
    int[] shape = new int[rank - 1];
    Arrays.fill(shape, 1);
    shape[0] = affine[0].length;
    String factor = to.value(NdTensor.of(affine[0], shape));
    String addend = to.value(NdTensor.of(affine[1], shape));
    to.result(0, "Add", to.op("Mul", node.input(0), factor), addend);
    return true;
  }
}
