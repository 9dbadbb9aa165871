package org.tataa.pipeline;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.Compiler;
import org.tataa.config.ArrayGeometry;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.pack.PackedGraph;
import org.tataa.pack.Packing;
import org.tataa.pack.PackingException;

/**
 * Puts short items of a batch together, as many as fit one block of the array, and long ones in
 * pairs whose ends share one.
 */
final class ItemPacker {
  private final Compiler compiler;
  private final Set<String> fixed;
  private final int rows;
  private final int block;
  private final int align;
  private final List<Map<String, NdTensor>> items;
  private final Map<Object, Graph> graphs = new HashMap<>();

  /**
   * A packer for a batch.
   *
   * @param fixed inputs with the same values in every run of a shape
   */
  ItemPacker(
      Compiler compiler,
      Set<String> fixed,
      ArrayGeometry geometry,
      List<Map<String, NdTensor>> items) {
    this.compiler = compiler;
    this.fixed = fixed;
    this.items = items;
    rows = Math.min(geometry.rows(), geometry.outputs());
    block = Math.max(geometry.rows(), geometry.outputs());
    // A part of the rows of a block is in place where vectors begin.
    align = Math.max(1, geometry.dmpus() * geometry.columns() / geometry.outputs());
  }

  /** Every item by itself. */
  List<Pack> alone() {
    List<Pack> packs = new ArrayList<>();
    for (int item = 0; item < items.size(); item++) {
      packs.add(pack(List.of(item)));
    }
    return packs;
  }

  /** Shapes of an item's inputs. */
  static List<List<Integer>> shapes(Map<String, NdTensor> item) {
    return item.values().stream().map(NdTensor::dims).toList();
  }

  /**
   * The items in as few packs as possible, of about as many rows if that is possible too.
   *
   * @param most items of a pack
   * @param pairs whether long items are packed in pairs
   * @return null if every item would be alone
   * @throws PackingException if the model does not allow it
   */
  @Nullable List<Pack> packed(int most, boolean pairs) {
    List<Integer> order = new ArrayList<>();
    int[] length = new int[items.size()];
    for (int item = 0; item < length.length; item++) {
      Map<String, NdTensor> inputs = items.get(item);
      length[item] = Packing.rows(graph(inputs), compiler.model().opset(), inputs);
      order.add(item);
    }
    order.sort(Comparator.comparingInt(item -> -length[item]));
    int shortest = order.isEmpty() ? 0 : length[order.get(order.size() - 1)];
    int count = 0;
    while (count < order.size() && length[order.get(count)] + shortest > rows) {
      count++;
    }
    List<Pack> alone = longOnes(order.subList(0, count), length, pairs);
    List<Integer> shared = order.subList(count, order.size());
    List<List<Integer>> packs = fewest(shared, length, most);
    if (packs.size() + alone.size() == order.size()) {
      return null;
    }
    List<List<Integer>> even = even(shared, packs.size());
    boolean fits =
        even.stream()
            .allMatch(
                pack ->
                    pack.size() <= most
                        && pack.stream().mapToInt(item -> length[item]).sum() <= rows);
    List<Pack> all = packs(fits ? even : packs);
    all.addAll(alone);
    all.sort(Comparator.comparingInt(pack -> Collections.min(pack.items())));
    return all;
  }

  // Pairs of equal items whose ends share a block, where the model allows it; others alone.
  private List<Pack> longOnes(List<Integer> numbers, int[] length, boolean pairs) {
    List<Pack> packs = new ArrayList<>();
    Map<Object, Integer> open = new HashMap<>();
    Map<Object, PackedGraph> byForm = new HashMap<>();
    for (int item : numbers) {
      Map<String, NdTensor> inputs = items.get(item);
      Integer other = open.remove(shapes(inputs));
      if (other != null) {
        packs.add(pack(List.of(other, item), byForm));
      } else if (pairs && Packing.arePair(length[item], block, align) && canPair(inputs, byForm)) {
        open.put(shapes(inputs), item);
      } else {
        packs.add(pack(List.of(item)));
      }
    }
    open.values().forEach(item -> packs.add(pack(List.of(item))));
    return packs;
  }

  private boolean canPair(Map<String, NdTensor> item, Map<Object, PackedGraph> byForm) {
    try {
      byForm.computeIfAbsent(List.of(shapes(item), shapes(item)), form -> pair(item));
      return true;
    } catch (PackingException e) {
      return false;
    }
  }

  private PackedGraph pair(Map<String, NdTensor> item) {
    return Packing.pair(graph(item), compiler.model().opset(), item, block, align);
  }

  // Longest first, each into the first pack with room for it.
  private List<List<Integer>> fewest(List<Integer> order, int[] length, int most) {
    List<List<Integer>> packs = new ArrayList<>();
    List<Integer> filled = new ArrayList<>();
    for (int item : order) {
      int pack = 0;
      while (pack < packs.size()
          && (packs.get(pack).size() >= most || filled.get(pack) + length[item] > rows)) {
        pack++;
      }
      if (pack == packs.size()) {
        packs.add(new ArrayList<>());
        filled.add(0);
      }
      packs.get(pack).add(item);
      filled.set(pack, filled.get(pack) + length[item]);
    }
    return packs;
  }

  // In turn, longest first: packs of about as many rows, and items of equal lengths come to packs
  // of equal forms, which are compiled once.
  private static List<List<Integer>> even(List<Integer> order, int count) {
    List<List<Integer>> packs = new ArrayList<>();
    for (int pack = 0; pack < count; pack++) {
      packs.add(new ArrayList<>());
    }
    for (int i = 0; i < order.size(); i++) {
      packs.get(i % count).add(order.get(i));
    }
    return packs;
  }

  private List<Pack> packs(List<List<Integer>> chosen) {
    Map<Object, PackedGraph> byForm = new HashMap<>();
    List<Pack> packs = new ArrayList<>();
    for (List<Integer> pack : chosen) {
      packs.add(pack(pack, byForm));
    }
    return packs;
  }

  /** One pack of some items. */
  Pack pack(List<Integer> numbers) {
    return pack(numbers, new HashMap<>());
  }

  private Pack pack(List<Integer> numbers, Map<Object, PackedGraph> byForm) {
    List<Map<String, NdTensor>> members = numbers.stream().map(items::get).toList();
    if (members.size() == 1) {
      Object form = shapes(members.get(0));
      return new Pack(List.copyOf(numbers), members.get(0), null, graphs.get(form), form);
    }
    List<List<List<Integer>>> form = members.stream().map(ItemPacker::shapes).toList();
    PackedGraph graph =
        byForm.computeIfAbsent(
            form,
            key ->
                areLong(members)
                    ? pair(members.get(0))
                    : Packing.pack(
                        members.stream().map(this::graph).toList(),
                        compiler.model().opset(),
                        members));
    return new Pack(List.copyOf(numbers), graph.inputs(members), graph, graph.graph(), form);
  }

  private boolean areLong(List<Map<String, NdTensor>> members) {
    Map<String, NdTensor> first = members.get(0);
    return Packing.rows(graph(first), compiler.model().opset(), first) > rows;
  }

  private Graph graph(Map<String, NdTensor> item) {
    return graphs.computeIfAbsent(
        shapes(item), key -> compiler.fused(Compiler.shapes(item, fixed)));
  }
}
