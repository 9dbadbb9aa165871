package org.tataa.compiler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.Graph;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.graph.Operators;

/**
 * Where the elements of a value come from when nodes that only move data are looked through. The
 * nodes are executed on tensors of element numbers, so every spelling of a head split, a fused
 * projection, a rotation or a window partition is understood alike.
 */
final class Views {
  /** Values behind moved elements; a value that computes something is an anchor. */
  private final Graph graph;

  private final Operators operators;
  private final Map<String, NdTensor> shapes;
  private final List<String> anchors = new ArrayList<>();
  private final Map<String, Integer> anchorIds = new HashMap<>();
  private final Map<String, NdTensor> views = new HashMap<>();

  /**
   * The features of a token matrix of an anchor, in some order.
   *
   * @param anchor value that is computed
   * @param features for every feature of the view, that of the anchor
   */
  record Resolved(String anchor, FeatureMap features) {}

  /** Tells which elements of an anchor are which token and feature. */
  interface Placements {
    Placement of(String anchor);
  }

  Views(Graph graph, int opset, Map<String, NdTensor> shapes) {
    this.graph = graph;
    this.shapes = shapes;
    operators = new Operators(opset);
  }

  /** Whether a value is made by a node that only moves elements. */
  boolean isMoved(String value) {
    Node node = graph.producer(value);
    return node != null && (Operators.MOVEMENT.contains(node.op()) || node.op().equals("Neg"));
  }

  NdTensor shape(String value) {
    NdTensor shape = shapes.get(value);
    if (shape == null) {
      throw new IllegalStateException("value " + value + " has no shape");
    }
    return shape;
  }

  /** Name of the anchor of a code. */
  String anchor(long code) {
    return anchors.get((int) (Math.abs(code) >> 32) - 1);
  }

  /** Element of the anchor of a code. */
  static int element(long code) {
    return (int) (Math.abs(code) & 0xffff_ffffL);
  }

  /** Codes of the elements of a value: 0 for padding, negative for a changed sign. */
  NdTensor of(String value) {
    NdTensor view = views.get(value);
    if (view != null) {
      return view;
    }
    if (!isMoved(value)) {
      long id = anchorIds.computeIfAbsent(value, this::number);
      long[] codes = new long[shape(value).size()];
      Arrays.setAll(codes, i -> (id + 1) << 32 | i);
      return NdTensor.of(codes, shape(value).shape());
    }
    Node node = graph.producer(value);
    if (node == null) {
      throw new IllegalStateException("value " + value + " is not moved");
    }
    boolean all = node.op().equals("Concat");
    @Nullable NdTensor[] in = new NdTensor[node.inputs().size()];
    for (int i = 0; i < in.length; i++) {
      String input = node.inputs().get(i);
      in[i] = input.isEmpty() ? null : i == 0 || all ? of(input) : shapes.get(input);
    }
    NdTensor[] out = operators.apply(node, in);
    for (int i = 0; i < Math.min(out.length, node.outputs().size()); i++) {
      if (!node.outputs().get(i).isEmpty()) {
        views.put(node.outputs().get(i), out[i]);
      }
    }
    int index = node.outputs().indexOf(value);
    if (index >= out.length) {
      throw new GraphException(node + " has no result " + index);
    }
    return out[index];
  }

  private int number(String value) {
    anchors.add(value);
    return anchors.size() - 1;
  }

  /**
   * Understands a value as a token matrix with the tokens of one anchor.
   *
   * @param placement how the value is to be a token matrix
   * @return null if tokens change places, several anchors are mixed or features differ from token
   *     to token
   */
  @Nullable Resolved resolve(String value, Placement placement, Placements placements) {
    if (!isMoved(value)) {
      boolean same = placements.of(value).equals(placement);
      return same ? new Resolved(value, FeatureMap.identity(placement.features)) : null;
    }
    return resolve(of(value), placement, placements);
  }

  /** As {@link #resolve(String, Placement, Placements)} for codes. */
  @Nullable Resolved resolve(NdTensor codes, Placement placement, Placements placements) {
    long[] code = codes.longs();
    if (code.length == 0 || code[0] == 0) {
      return null;
    }
    String anchor = anchor(code[0]);
    Placement source = placements.of(anchor);
    if (!source.sameTokens(placement)) {
      return null;
    }
    int[] rows = placement.rows();
    int[] columns = placement.columns();
    int[] sourceRows = source.rows();
    int[] sourceColumns = source.columns();
    int[] map = new int[placement.features];
    boolean[] negative = new boolean[placement.features];
    Arrays.fill(map, -1);
    long id = Math.abs(code[0]) >> 32;
    for (int i = 0; i < code.length; i++) {
      if (Math.abs(code[i]) >> 32 != id) {
        return null;
      }
      int element = element(code[i]);
      int feature = columns[i];
      if (sourceRows[element] != rows[i]
          || (map[feature] >= 0
              && (map[feature] != sourceColumns[element] || negative[feature] != code[i] < 0))) {
        return null;
      }
      map[feature] = sourceColumns[element];
      negative[feature] = code[i] < 0;
    }
    return new Resolved(anchor, new FeatureMap(map, negative));
  }
}
