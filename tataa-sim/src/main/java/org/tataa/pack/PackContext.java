package org.tataa.pack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.ElementType;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;

/** What is known of the items' graphs, and the packed graph as far as it is made. */
final class PackContext {
  private final Graph graph;
  private final List<Map<String, NdTensor>> values;
  private final Map<String, Form> forms = new LinkedHashMap<>();
  private final Map<String, Boolean> shared = new HashMap<>();
  private final Map<String, NdTensor> constants = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Long> useful = new HashMap<>();
  private final Map<String, Double> rows = new HashMap<>();
  private final Map<String, String> copies = new LinkedHashMap<>();
  private final Places places;

  /**
   * Nothing is packed yet.
   *
   * @param graph graph of the first item
   * @param values of each item: constants, and the shapes of everything else
   */
  PackContext(Graph graph, List<Map<String, NdTensor>> values, Places places) {
    this.graph = graph;
    this.values = values;
    this.places = places;
  }

  /** Where rows of items are. */
  Places places() {
    return places;
  }

  int items() {
    return values.size();
  }

  boolean isConstant(String value) {
    return graph.constant(value) != null;
  }

  /** What an item has. */
  NdTensor of(String value, int item) {
    return Objects.requireNonNull(values.get(item).get(value), value);
  }

  int rank(String value) {
    return of(value, 0).rank();
  }

  /** Sizes of an axis, by item; 1 where a value has no such axis. */
  int[] sizes(String value, int axis) {
    int[] sizes = new int[items()];
    for (int item = 0; item < sizes.length; item++) {
      NdTensor own = of(value, item);
      sizes[item] = -axis > own.rank() ? 1 : own.dim(axis);
    }
    return sizes;
  }

  /** The form of a computed value. */
  Form form(String value) {
    Form form = forms.get(value);
    if (form == null) {
      throw new PackingException("value `" + value + "` has no packed form");
    }
    return form;
  }

  /** The axis along which a computed value is packed. */
  int axis(Node node, String value) {
    if (isConstant(value) || !(form(value) instanceof Form.Along along)) {
      throw cannot(node);
    }
    return along.axis();
  }

  Map<String, Form> forms() {
    return forms;
  }

  Map<String, NdTensor> constants() {
    return constants;
  }

  List<Node> nodes() {
    return nodes;
  }

  /** Multiply-accumulates that items need, by value of a product of two computed ones. */
  Map<String, Long> useful() {
    return useful;
  }

  /** Share of the rows that are of items, by value of a product with constant weights. */
  Map<String, Double> rows() {
    return rows;
  }

  /** Notes that products with constant weights that make a value have rows of nobody. */
  void noteRows(String value) {
    if (form(value) instanceof Form.Along along) {
      int[] sizes = sizes(value, along.axis());
      rows.put(value, (double) Arrays.stream(sizes).sum() / places.total(sizes));
    }
  }

  /** Values that are one item's, or of part of the rows, with the value of all of them. */
  Map<String, String> copies() {
    return copies;
  }

  static PackingException cannot(Node node) {
    return new PackingException(node + " cannot be applied to several items at once");
  }

  /**
   * Notes the form of a value.
   *
   * @throws PackingException if the items' shapes differ elsewhere
   */
  void put(Node node, String value, Form form) {
    for (int item = 1; item < items(); item++) {
      int[] first = of(value, 0).shape();
      int[] own = of(value, item).shape();
      for (int axis = 0; axis < own.length && own.length == first.length; axis++) {
        if (isPacked(form, axis - own.length)) {
          own[axis] = first[axis];
        }
      }
      if (!Arrays.equals(first, own)) {
        throw cannot(node);
      }
    }
    forms.put(value, form);
  }

  private static boolean isPacked(Form form, int axis) {
    return form instanceof Form.Along along
        ? along.axis() == axis
        : form instanceof Form.Diagonal d && (d.rows() == axis || d.columns() == axis);
  }

  /** Shape of a packed value. */
  int[] shape(String value, Form form) {
    int[] shape = of(value, 0).shape();
    for (int axis = 0; axis < shape.length; axis++) {
      if (isPacked(form, axis - shape.length)) {
        shape[axis] = places.total(sizes(value, axis - shape.length));
      }
    }
    return shape;
  }

  /** Adds a node that makes one value. */
  void add(Node node, List<String> inputs, Form form) {
    add(node, node.op(), inputs, node.attributes(), form);
  }

  /** Adds a node with another operator. */
  void add(Node node, String op, List<String> inputs, Map<String, Object> attributes, Form form) {
    if (node.outputs().stream().filter(output -> !output.isEmpty()).count() != 1
        || node.output().isEmpty()) {
      throw cannot(node);
    }
    put(node, node.output(), form);
    nodes.add(new Node(node.name(), op, inputs, List.of(node.output()), attributes));
  }

  /** Adds a node that makes a value only the packed graph has. */
  String extra(String value, String op, List<String> inputs, Map<String, Object> attributes) {
    nodes.add(new Node(value, op, inputs, List.of(value), attributes));
    return value;
  }

  /** Adds a constant only the packed graph has. */
  String constant(String name, NdTensor value) {
    constants.put(name, value);
    return name;
  }

  /** Adds integers only the packed graph has. */
  String indices(String name, int... numbers) {
    return constant(
        name, NdTensor.of(Arrays.stream(numbers).asLongStream().toArray(), numbers.length));
  }

  /** Whether all items have the same constant. */
  boolean isShared(String value) {
    return shared.computeIfAbsent(
        value,
        name -> {
          boolean same = true;
          for (int item = 1; item < items(); item++) {
            same &= isSame(of(name, 0), of(name, item));
          }
          return same;
        });
  }

  private static boolean isSame(NdTensor a, NdTensor b) {
    if (a == b) {
      return true;
    }
    return a.type() == b.type()
        && Arrays.equals(a.shape(), b.shape())
        && (a.type() == ElementType.FLOAT
            ? Arrays.equals(a.floats(), b.floats())
            : Arrays.equals(a.longs(), b.longs()));
  }

  /** A constant that is the same for all items; an empty name stays empty. */
  String shared(Node node, String value) {
    if (value.isEmpty()) {
      return value;
    }
    if (!isConstant(value) || !isShared(value)) {
      throw cannot(node);
    }
    return constant(value, of(value, 0));
  }

  /** A constant for values of a form, which have these sizes along the packed axes. */
  String constant(Node node, String value, Form form, int[] sizes) {
    if (form instanceof Form.Along along) {
      return along(node, value, along.axis(), sizes);
    }
    Form.Diagonal diagonal = (Form.Diagonal) form;
    boolean rows = isLong(value, diagonal.rows());
    boolean columns = isLong(value, diagonal.columns());
    if (rows && columns) {
      return diagonal(node, value, diagonal);
    }
    return along(node, value, rows ? diagonal.rows() : diagonal.columns(), sizes);
  }

  private boolean isLong(String value, int axis) {
    return Arrays.stream(sizes(value, axis)).anyMatch(size -> size != 1);
  }

  /** A constant broadcast to sizes of an axis and laid one after the other. */
  String along(Node node, String value, int axis, int[] sizes) {
    boolean isOne = !isLong(value, axis);
    if (isOne && isShared(value)) {
      return constant(value, of(value, 0));
    }
    List<NdTensor> parts = new ArrayList<>();
    for (int item = 0; item < items(); item++) {
      NdTensor own = of(value, item);
      int rank = Math.max(own.rank(), -axis);
      int[] shape = new int[rank];
      Arrays.fill(shape, 1);
      System.arraycopy(own.shape(), 0, shape, rank - own.rank(), own.rank());
      NdTensor part = own.reshaped(shape);
      if (isOne) {
        List<NdTensor> copies = Collections.nCopies(sizes[item], part);
        part = Tensors.concat(copies, rank + axis);
      } else if (part.dim(axis) != sizes[item]) {
        throw cannot(node);
      }
      parts.add(part);
    }
    for (NdTensor part : parts) {
      int[] shape = part.shape();
      shape[shape.length + axis] = parts.get(0).dim(axis);
      if (!Arrays.equals(shape, parts.get(0).shape())) {
        throw cannot(node);
      }
    }
    int at = parts.get(0).rank() + axis;
    int[] own = parts.stream().mapToInt(part -> part.dim(at)).toArray();
    // Padding is like the last row, so that it is finite if rows are.
    return constant(
        value + "/packed" + -axis,
        Tensors.placed(parts, at, places.offsets(own), places.total(own), true));
  }

  // Zero beside the diagonal, which belongs to nobody.
  private String diagonal(Node node, String value, Form.Diagonal form) {
    if (form.rows() != -2 || form.columns() != -1) {
      throw cannot(node);
    }
    int[] rows = sizes(value, -2);
    int[] columns = sizes(value, -1);
    int[] shape = shape(value, form);
    int outer = of(value, 0).size() / (rows[0] * columns[0]);
    NdTensor filled = Tensors.zeros(of(value, 0).type(), shape);
    int top = 0;
    int left = 0;
    for (int item = 0; item < items(); item++) {
      NdTensor own = of(value, item);
      if (own.size() != outer * rows[item] * columns[item]) {
        throw cannot(node);
      }
      for (int i = 0; i < outer * rows[item]; i++) {
        int to = (i / rows[item] * shape[shape.length - 2] + top + i % rows[item]);
        Tensors.copy(
            own, i * columns[item], filled, to * shape[shape.length - 1] + left, columns[item]);
      }
      top += rows[item];
      left += columns[item];
    }
    return constant(value + "/diagonal", filled);
  }

  /** Whether a node's first input alone is computed. */
  boolean hasConstantParameters(Node node) {
    return node.inputs().stream().skip(1).allMatch(input -> input.isEmpty() || isConstant(input));
  }

  /** The integers a constant input of an item holds; null if it was left out. */
  long @Nullable [] integers(String value, int item) {
    return value.isEmpty() ? null : of(value, item).longs();
  }
}
