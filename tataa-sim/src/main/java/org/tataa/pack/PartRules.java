package org.tataa.pack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;

/**
 * Attention of a pair, by parts of the queries that see the same keys: the blocks of an item those
 * of the item, which are a slice of all, and the block both share all keys, of which every query
 * has those of the other item hidden. So little more is multiplied than for each item alone.
 */
final class PartRules {
  private PartRules() {}

  /** Queries times keys. */
  static void scores(PackContext context, Node node) {
    String a = node.input(0);
    String b = node.input(1);
    for (int axis : new int[] {-2, -1}) {
      if (!context.places().isPair(context.sizes(node.output(), axis))) {
        throw PackContext.cannot(node);
      }
    }
    List<Places.Part> parts = context.places().parts();
    for (int number = 0; number < parts.size(); number++) {
      Places.Part part = parts.get(number);
      add(
          context,
          node,
          number,
          List.of(
              slice(context, a, -2, part.from(), part.to()),
              slice(context, b, -1, part.keys(), part.keysTo())));
      context.useful().put(name(node, number), products(context, a, node.output(), part));
    }
    context.put(node, node.output(), new Form.Parts(false));
  }

  /** Weights times values, the parts joined again. */
  static void mean(PackContext context, Node node) {
    String a = node.input(0);
    String b = node.input(1);
    if (!context.places().isPair(context.sizes(b, -2))) {
      throw PackContext.cannot(node);
    }
    List<Places.Part> parts = context.places().parts();
    List<String> rows = new ArrayList<>();
    for (int number = 0; number < parts.size(); number++) {
      Places.Part part = parts.get(number);
      String weights = Form.Parts.name(a, number);
      add(
          context,
          node,
          number,
          List.of(weights, slice(context, b, -2, part.keys(), part.keysTo())));
      rows.add(name(node, number));
      context.useful().put(name(node, number), products(context, node.output(), a, part));
    }
    Form form = new Form.Along(-2);
    context.put(node, node.output(), form);
    context.noteRows(node.output());
    context.extra(
        node.output(), "Concat", rows, Map.of("axis", (long) context.rank(node.output()) - 2));
  }

  // Multiply-accumulates of a part that the items need: their rows times their keys, for each
  // feature of one value and each leading index of another.
  private static long products(
      PackContext context, String features, String scores, Places.Part part) {
    long queries = 0;
    for (int row = part.from(); row < part.to(); row++) {
      queries += context.places().item(row) >= 0 ? 1 : 0;
    }
    NdTensor all = context.of(scores, 0);
    long heads = (long) all.size() / all.dim(-1) / all.dim(-2);
    return queries * context.places().length() * heads * context.of(features, 0).dim(-1);
  }

  /** Work element by element. */
  static void elementwise(PackContext context, Node node) {
    boolean isApart = node.op().equals("Identity") || node.op().equals("Cast");
    List<Places.Part> parts = context.places().parts();
    for (int number = 0; number < parts.size(); number++) {
      List<String> inputs = new ArrayList<>();
      for (String input : node.inputs()) {
        if (input.isEmpty()) {
          inputs.add(input);
        } else if (context.isConstant(input)) {
          inputs.add(constant(context, node, input, number));
        } else if (context.form(input) instanceof Form.Parts own) {
          isApart &= own.isApart();
          inputs.add(Form.Parts.name(input, number));
        } else {
          throw PackContext.cannot(node);
        }
      }
      add(context, node, number, inputs);
    }
    context.put(node, node.output(), new Form.Parts(isApart));
  }

  // Of a constant for all queries and keys of an item those of a part; zero where the query is of
  // one item and the key of the other.
  private static String constant(PackContext context, Node node, String value, int number) {
    Places places = context.places();
    Places.Part part = places.parts().get(number);
    boolean byRow = isLong(context, node, value, -2) || !context.isShared(value);
    boolean byKey = isLong(context, node, value, -1);
    if (!byRow && !byKey) {
      return context.shared(node, value);
    }
    NdTensor first = context.of(value, 0);
    int rank = Math.max(2, first.rank());
    int[] shape = new int[rank];
    Arrays.fill(shape, 1);
    System.arraycopy(first.shape(), 0, shape, rank - first.rank(), first.rank());
    int ownRows = shape[rank - 2];
    int ownKeys = shape[rank - 1];
    int outer = first.size() / ownRows / ownKeys;
    shape[rank - 2] = byRow ? part.to() - part.from() : 1;
    shape[rank - 1] = byKey ? part.keysTo() - part.keys() : 1;
    NdTensor cut = Tensors.zeros(first.type(), shape);
    for (int i = 0; i < cut.size() / shape[rank - 1]; i++) {
      int row = byRow ? part.from() + i % shape[rank - 2] : -1;
      for (int j = 0; j < shape[rank - 1]; j++) {
        int key = byKey ? part.keys() + j : -1;
        int item = row >= 0 ? places.seen(row) : places.item(key);
        boolean isOwn = item >= 0 && (key < 0 || places.item(key) == item);
        if (!isOwn) {
          continue;
        }
        // A row of padding is like the last one of the item whose keys it sees.
        int ownRow = ownRows == 1 ? 0 : Math.min(places.length() - 1, row - places.offset(item));
        int ownKey = ownKeys == 1 ? 0 : places.within(key);
        int from = (i / shape[rank - 2] % outer * ownRows + ownRow) * ownKeys + ownKey;
        Tensors.copy(context.of(value, item), from, cut, i * shape[rank - 1] + j, 1);
      }
    }
    return context.constant(Form.Parts.name(value, number), cut);
  }

  private static boolean isLong(PackContext context, Node node, String value, int axis) {
    int[] sizes = context.sizes(value, axis);
    if (!context.places().isPair(sizes) && Arrays.stream(sizes).anyMatch(size -> size != 1)) {
      throw PackContext.cannot(node);
    }
    return context.places().isPair(sizes);
  }

  /** SoftMax along the keys. */
  static void softmax(PackContext context, Node node) {
    String x = node.input(0);
    Places places = context.places();
    List<Places.Part> parts = places.parts();
    for (int number = 0; number < parts.size(); number++) {
      Places.Part part = parts.get(number);
      String scores = Form.Parts.name(x, number);
      NdTensor apart = apart(places, part);
      if (apart != null) {
        String constant = context.constant("packed items apart/part" + number, apart);
        scores = context.extra(scores + "/apart", "Add", List.of(scores, constant), Map.of());
      }
      add(context, node, number, List.of(scores));
    }
    context.put(node, node.output(), new Form.Parts(true));
  }

  // Hides keys that are not of the item a query sees; null if there are none.
  private static @Nullable NdTensor apart(Places places, Places.Part part) {
    int keys = part.keysTo() - part.keys();
    float[] addends = new float[(part.to() - part.from()) * keys];
    boolean hides = false;
    for (int i = 0; i < addends.length; i++) {
      boolean isSeen = places.item(part.keys() + i % keys) == places.seen(part.from() + i / keys);
      addends[i] = isSeen ? 0 : Float.NEGATIVE_INFINITY;
      hides |= !isSeen;
    }
    return hides ? NdTensor.of(addends, addends.length / keys, keys) : null;
  }

  private static String name(Node node, int part) {
    return Form.Parts.name(node.output(), part);
  }

  private static void add(PackContext context, Node node, int part, List<String> inputs) {
    String name = name(node, part);
    context.copies().put(name, node.output());
    context
        .nodes()
        .add(
            new Node(
                Form.Parts.name(node.name(), part),
                node.op(),
                inputs,
                List.of(name),
                node.attributes()));
  }

  // Rows of a value; itself if they are all.
  private static String slice(PackContext context, String value, int axis, int from, int to) {
    if (from == 0 && to == context.places().total(context.sizes(value, axis))) {
      return value;
    }
    String rows = value + "[" + from + ":" + to + "]";
    if (context.copies().putIfAbsent(rows, value) == null) {
      context.extra(
          rows,
          "Slice",
          List.of(
              value,
              context.indices("packed row " + from, from),
              context.indices("packed row " + to, to),
              context.indices(
                  "packed axis " + (context.rank(value) + axis), context.rank(value) + axis)),
          Map.of());
    }
    return rows;
  }
}
