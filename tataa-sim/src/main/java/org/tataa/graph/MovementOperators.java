package org.tataa.graph;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Operators that only move elements. */
final class MovementOperators {
  private MovementOperators() {}

  static void register(Map<String, OperatorFunction> table) {
    Operators.single(table, (node, in) -> in.get(0), "Identity");
    table.put("Dropout", MovementOperators::dropout);
    Operators.single(
        table,
        (node, in) ->
            DataMovement.reshape(
                in.get(0), in.known(1, "the shape").longs(), node.integer("allowzero", 0) != 0),
        "Reshape");
    Operators.single(table, (node, in) -> flatten(in.get(0), node.integer("axis", 1)), "Flatten");
    Operators.single(
        table, (node, in) -> DataMovement.squeeze(in.get(0), axes(node, in)), "Squeeze");
    Operators.single(table, MovementOperators::unsqueeze, "Unsqueeze");
    Operators.single(
        table, (node, in) -> DataMovement.transpose(in.get(0), node.integers("perm")), "Transpose");
    Operators.single(
        table, (node, in) -> DataMovement.concat(in.all(), node.integer("axis", 0)), "Concat");
    table.put("Split", MovementOperators::split);
    Operators.single(table, MovementOperators::slice, "Slice");
    Operators.single(
        table,
        (node, in) -> DataMovement.gather(in.get(0), in.get(1), node.integer("axis", 0)),
        "Gather");
    Operators.single(
        table,
        (node, in) ->
            DataMovement.expand(in.get(0), DataMovement.shapeOf(in.known(1, "the shape"))),
        "Expand");
    Operators.single(
        table, (node, in) -> DataMovement.tile(in.get(0), in.known(1, "repeats").longs()), "Tile");
    Operators.single(table, Padding::apply, "Pad");
    Operators.single(table, (node, in) -> Convolution.patches(node, in.get(0)), "Patches");
    Operators.single(table, MovementOperators::triangle, "Trilu");
    Operators.single(table, (node, in) -> depthToSpace(in.get(0), node), "DepthToSpace");
    Operators.single(table, (node, in) -> spaceToDepth(in.get(0), node), "SpaceToDepth");
  }

  /** Axes from the second input, or from the attribute, or null. */
  static long @Nullable [] axes(Node node, Arguments in) {
    NdTensor input = in.orNull(1);
    return input == null ? node.integers("axes") : in.known(1, "axes").longs();
  }

  private static NdTensor[] dropout(Node node, Arguments in) {
    NdTensor training = in.orNull(2);
    if (training != null && (!training.isKnown() || training.at(0) != 0)) {
      throw new GraphException("input training_mode is not supported: elements would be random");
    }
    NdTensor x = in.get(0);
    if (node.outputs().size() < 2) {
      return new NdTensor[] {x};
    }
    long[] all = new long[x.size()];
    Arrays.fill(all, 1);
    return new NdTensor[] {x, NdTensor.ofBool(all, x.shape())};
  }

  private static NdTensor flatten(NdTensor x, long along) {
    int axis = along == x.rank() ? x.rank() : DataMovement.axis(along, x.rank());
    int rows = 1;
    int columns = 1;
    for (int i = 0; i < x.rank(); i++) {
      rows *= i < axis ? x.dim(i) : 1;
      columns *= i < axis ? 1 : x.dim(i);
    }
    return x.reshaped(rows, columns);
  }

  private static NdTensor unsqueeze(Node node, Arguments in) {
    long[] axes = axes(node, in);
    if (axes == null) {
      throw new GraphException("axes are missing");
    }
    return DataMovement.unsqueeze(in.get(0), axes);
  }

  private static NdTensor slice(Node node, Arguments in) {
    NdTensor axes = in.orNull(3);
    NdTensor steps = in.orNull(4);
    return DataMovement.slice(
        in.get(0),
        in.known(1, "starts").longs(),
        in.known(2, "ends").longs(),
        axes == null ? null : axes.longs(),
        steps == null ? null : in.known(4, "steps").longs());
  }

  private static NdTensor triangle(Node node, Arguments in) {
    NdTensor diagonal = in.orNull(1);
    NdTensor x = in.get(0);
    if (!in.areKnown()) {
      return x.withoutData();
    }
    return DataMovement.triangle(
        x, node.integer("upper", 1) != 0, diagonal == null ? 0 : diagonal.longs()[0]);
  }

  // Equal parts, the last one shorter, unless sizes are given.
  private static NdTensor[] split(Node node, Arguments in) {
    NdTensor x = in.get(0);
    long axis = node.integer("axis", 0);
    if (in.orNull(1) != null) {
      return DataMovement.split(x, axis, in.known(1, "sizes").longs());
    }
    long count = node.integer("num_outputs", node.outputs().size());
    int dim = x.dim(DataMovement.axis(axis, x.rank()));
    if (count <= 0 || count > Math.max(1, dim) && dim > 0) {
      throw new GraphException("cannot split " + x + " into " + count + " parts");
    }
    long each = (dim + count - 1) / count;
    long[] parts = new long[(int) count];
    Arrays.fill(parts, each);
    parts[parts.length - 1] = dim - each * (count - 1);
    return DataMovement.split(x, axis, parts);
  }

  private static NdTensor depthToSpace(NdTensor x, Node node) {
    int block = block(x, node);
    int depth = x.dim(1) / (block * block);
    boolean isDcr = node.text("mode", "DCR").equals("DCR");
    NdTensor parts =
        isDcr
            ? x.reshaped(x.dim(0), block, block, depth, x.dim(2), x.dim(3))
            : x.reshaped(x.dim(0), depth, block, block, x.dim(2), x.dim(3));
    long[] perm = isDcr ? new long[] {0, 3, 4, 1, 5, 2} : new long[] {0, 1, 4, 2, 5, 3};
    return DataMovement.transpose(parts, perm)
        .reshaped(x.dim(0), depth, x.dim(2) * block, x.dim(3) * block);
  }

  private static NdTensor spaceToDepth(NdTensor x, Node node) {
    int block = block(x, node);
    NdTensor parts =
        x.reshaped(x.dim(0), x.dim(1), x.dim(2) / block, block, x.dim(3) / block, block);
    return DataMovement.transpose(parts, new long[] {0, 3, 5, 1, 2, 4})
        .reshaped(x.dim(0), x.dim(1) * block * block, x.dim(2) / block, x.dim(3) / block);
  }

  private static int block(NdTensor x, Node node) {
    long block = node.integer("blocksize", 0);
    if (x.rank() != 4 || block <= 0) {
      throw new GraphException("blocksize " + block + " does not fit " + x);
    }
    return DataMovement.checked(block);
  }
}
