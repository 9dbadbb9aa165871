package org.tataa.tiling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tataa.tensor.ConstantOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.Movement;
import org.tataa.tensor.StateOp;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.UploadOp;
import org.tataa.tensor.Value;
import org.tataa.tile.Buffer;
import org.tataa.tile.HostStep;
import org.tataa.tile.Layout;
import org.tataa.tile.Work;

/**
 * Finds the vectors of an operand for the tiles of a result: in the place where the operand is, if
 * it is there in the result's order; as vectors of constants or of values the host gives; else
 * moved by the host.
 */
final class Operands {
  /** An element that is zero, whatever its operand. */
  private static final int ZERO = -2;

  /** DMPUs of both parities. */
  private static final int BOTH = -1;

  private final TensorProgram program;
  private final Emission emission;
  private final Geometry geometry;
  private final IdentityHashMap<Layout, PlaceIndex> indices = new IdentityHashMap<>();
  private final Map<Masked, VectorSet> sets = new HashMap<>();
  private final Map<Found, Optional<AffineFit>> fits = new HashMap<>();
  private final Map<Shown, int[]> wholes = new HashMap<>();

  // A whole operand of a shape as a layout shows it, whatever its elements are; layouts are
  // compared by identity.
  private record Shown(MatrixLayout layout, List<Integer> shape) {
    static Shown of(MatrixLayout layout, Value operand) {
      return new Shown(layout, Arrays.stream(padded(operand)).boxed().toList());
    }
  }

  private record Found(Shown shown, MatrixLayout stored) {}

  // Where DMPUs of the other parity have 0; or no DMPUs.
  private record Masked(Shown shown, int parity) {}

  Operands(TensorProgram program, Emission emission) {
    this.program = program;
    this.emission = emission;
    geometry = emission.geometry;
  }

  /** Whether a value's vectors can be placed freely. */
  boolean isFree(Value value) {
    Sources.Source source = emission.sources.of(value);
    if (!source.isSingle()) {
      return false;
    }
    TensorOp op = program.producer(source.anchor());
    return op instanceof ConstantOp || op instanceof UploadOp;
  }

  /** The expression that makes a value; null if it is made in another way. */
  @Nullable MapOp maker(Value value) {
    return program.producer(value) instanceof MapOp map ? map : null;
  }

  /** Vectors of an operand where they are; null if they are not in the order of the layout. */
  @Nullable VectorAccess inPlace(MatrixLayout layout, Value operand) {
    Sources.Source source = emission.sources.of(operand);
    if (source.anchor() != operand || !source.isSingle()) {
      VectorAccess copied =
          inPlace(layout, operand, new Sources.Source(List.of(operand), null, null));
      if (copied != null) {
        return copied;
      }
    }
    return source.isSingle() ? inPlace(layout, operand, source) : null;
  }

  private @Nullable VectorAccess inPlace(
      MatrixLayout layout, Value operand, Sources.Source source) {
    int[] wanted = null;
    for (Stored stored : emission.where(source.anchor())) {
      if (stored.layout() instanceof MatrixLayout matrix
          && matrix.order == layout.order
          && matrix.placement.equals(layout.placement)
          && source.element() == null
          && operand.size() == source.anchor().size()
          && Arrays.equals(padded(operand), layout.placement.shape())) {
        return same(stored.buffer(), layout);
      }
      AffineFit fit;
      if (source.element() == null && stored.layout() instanceof MatrixLayout matrix) {
        fit =
            fits.computeIfAbsent(
                    new Found(Shown.of(layout, operand), matrix),
                    key ->
                        Optional.ofNullable(
                            find(layout, wantedInPlace(layout, operand, source), matrix)))
                .orElse(null);
      } else {
        wanted = wanted == null ? wantedInPlace(layout, operand, source) : wanted;
        fit = find(layout, wanted, stored.layout());
      }
      if (fit != null
          && fit.isInside(loops(layout), geometry.vectorBytes(), stored.buffer().bytes())) {
        return new VectorAccess(stored.buffer(), fit.bases(), fit.strides());
      }
    }
    return null;
  }

  private int[] wantedInPlace(MatrixLayout layout, Value operand, Sources.Source source) {
    return source.element() == null
        ? wholes.computeIfAbsent(
            Shown.of(layout, operand),
            key -> wanted(places(layout, operand), layout, operand, source))
        : wanted(places(layout, operand), layout, operand, source);
  }

  // What is the same for all rows is wanted for padding rows too, so that the vectors of the last
  // tile are those of the others; so for lanes.
  private static int[] places(MatrixLayout layout, Value operand) {
    int[] shape = padded(operand);
    boolean sameRows = shape[layout.placement.rowAxis] == 1 && layout.placement.rows() > 1;
    boolean sameLanes = shape[layout.placement.laneAxis] == 1 && layout.placement.lanes() > 1;
    return sameRows || sameLanes ? layout.table(sameRows, sameLanes) : layout.elements();
  }

  private static int[] padded(Value value) {
    return Placement.last(value, false).shape();
  }

  private VectorAccess same(Buffer buffer, MatrixLayout layout) {
    long[] bases = new long[geometry.tileVectors()];
    Arrays.setAll(bases, vector -> (long) vector * geometry.vectorBytes());
    return new VectorAccess(buffer, bases, strides(layout));
  }

  /** Bytes from a group, lane tile and row tile to the next. */
  long[] strides(MatrixLayout layout) {
    long tile = geometry.tileBytes();
    return new long[] {tile * layout.rowTiles * layout.laneTiles, tile * layout.rowTiles, tile};
  }

  private @Nullable AffineFit find(MatrixLayout layout, int[] wanted, Layout stored) {
    PlaceIndex index = indices.computeIfAbsent(stored, PlaceIndex::new);
    int lanes = geometry.lanes();
    int width = geometry.tileVectors();
    long[][] table = new long[width][layout.tiles()];
    for (int tile = 0; tile < layout.tiles(); tile++) {
      for (int vector = 0; vector < width; vector++) {
        int from = tile * geometry.tileElements() + vector * lanes;
        long start = index.find(wanted, from, lanes, geometry.columns());
        if (start == -1) {
          return null;
        }
        table[vector][tile] = start == AffineFit.FREE ? start : 2 * start;
      }
    }
    return AffineFit.of(table, loops(layout));
  }

  static int[] loops(MatrixLayout layout) {
    return new int[] {layout.groups(), layout.laneTiles, layout.rowTiles};
  }

  // Elements of the operand's anchor by place of the layout.
  private int[] wanted(int[] elements, MatrixLayout layout, Value operand, Sources.Source source) {
    int[] broadcast = broadcast(padded(operand), layout.placement.shape());
    int[] wanted = new int[elements.length];
    for (int place = 0; place < wanted.length; place++) {
      int element = elements[place];
      if (element < 0) {
        wanted[place] = VectorSet.ANY;
      } else {
        int from = source.element(broadcast == null ? element : broadcast[element]);
        wanted[place] = from < 0 ? ZERO : from;
      }
    }
    return wanted;
  }

  private int @Nullable [] broadcast(int[] from, int[] to) {
    if (Arrays.equals(from, to)) {
      return null;
    }
    return emission.sources.moved(new Movement.Broadcast(), from, to);
  }

  /**
   * Vectors of a free operand, or of any operand moved by the host. Padding repeats the last row
   * and lane, so that it wraps and saturates no more than real elements.
   */
  VectorAccess placed(MatrixLayout layout, Value operand) {
    Sources.Source source = emission.sources.of(operand);
    if (!source.isSingle()) {
      return moved(layout, operand);
    }
    TensorOp op = program.producer(source.anchor());
    VectorSet set = set(layout, operand, source, BOTH);
    int[] elements = set.elements();
    Buffer buffer;
    if (op instanceof ConstantOp constant) {
      buffer = emission.constant(operand.name(), bytes(constant.bits(), elements));
    } else {
      for (int i = 0; i < elements.length; i++) {
        elements[i] = elements[i] == ZERO ? -1 : elements[i];
      }
      Layout table = new TableLayout("vectors for " + layout.describe(), elements);
      buffer = emission.buffer(operand.name(), 2L * elements.length);
      if (op instanceof UploadOp upload) {
        Work work = new Work(Work.Kind.HOST, operand.name(), 0, 0);
        emission.add(new HostStep.Upload(work, upload.operand(), buffer, table));
      } else {
        move(operand.name(), source.anchors(), null, identity(source.anchor()), buffer, table);
      }
    }
    return new VectorAccess(buffer, set.bases(), set.strides());
  }

  private VectorSet set(MatrixLayout layout, Value operand, Sources.Source source, int parity) {
    return source.element() == null
        ? sets.computeIfAbsent(
            new Masked(Shown.of(layout, operand), parity),
            key -> newSet(layout, operand, source, parity))
        : newSet(layout, operand, source, parity);
  }

  /** Vectors of a constant operand in the DMPUs of a parity, and 0 in the others. */
  VectorAccess masked(MatrixLayout layout, Value operand, int parity) {
    Sources.Source source = emission.sources.of(operand);
    if (!(program.producer(source.anchor()) instanceof ConstantOp constant)) {
      throw new IllegalArgumentException(operand.name() + " is not constant");
    }
    VectorSet set = set(layout, operand, source, parity);
    String name = operand.name() + (parity == 0 ? "/even" : "/odd");
    return new VectorAccess(
        emission.constant(name, bytes(constant.bits(), set.elements())),
        set.bases(),
        set.strides());
  }

  private VectorSet newSet(MatrixLayout layout, Value operand, Sources.Source source, int parity) {
    int[] wanted = wanted(layout.repeated(), layout, operand, source);
    for (int place = 0; place < wanted.length; place++) {
      if (parity != BOTH && place / geometry.columns() % 2 != parity) {
        wanted[place] = ZERO;
      }
    }
    return new VectorSet(wanted, loops(layout), geometry.tileVectors(), geometry.lanes());
  }

  private static int[] identity(Value value) {
    int[] identity = new int[value.size()];
    Arrays.setAll(identity, i -> i);
    return identity;
  }

  private VectorAccess moved(MatrixLayout layout, Value operand) {
    Sources.Source source = emission.sources.of(operand);
    int[] elements = layout.elements();
    int[] broadcast = broadcast(padded(operand), layout.placement.shape());
    int[] wanted = new int[elements.length];
    for (int place = 0; place < wanted.length; place++) {
      wanted[place] =
          elements[place] < 0 || broadcast == null ? elements[place] : broadcast[elements[place]];
    }
    VectorSet set = new VectorSet(wanted, loops(layout), geometry.tileVectors(), geometry.lanes());
    Layout table = new TableLayout("vectors for " + layout.describe(), set.elements());
    Buffer buffer = emission.buffer(operand.name(), 2L * table.places());
    int[] element = new int[operand.size()];
    Arrays.setAll(element, source::element);
    move(operand.name(), source.anchors(), source.which(), element, buffer, table);
    return new VectorAccess(buffer, set.bases(), set.strides());
  }

  /** Has the host move elements of stored values, constants or given values. */
  void move(
      String name,
      List<Value> anchors,
      byte @Nullable [] which,
      int[] element,
      Buffer to,
      Layout layout) {
    List<HostStep.Source> sources = new ArrayList<>();
    int width = 2;
    for (Value anchor : anchors) {
      Stored stored = stored(anchor);
      width = anchor.element() == Element.INT8 ? 1 : 2;
      sources.add(new HostStep.Source(stored.buffer(), stored.layout()));
    }
    Work work = new Work(Work.Kind.HOST, name, 0, 0);
    emission.add(new HostStep.Move(work, sources, width, which, element, to, layout));
  }

  /** Has the host write rows to a state. */
  void append(StateOp state, Buffer to, Layout layout) {
    Value rows = state.rows();
    Sources.Source source = emission.sources.of(rows);
    int[] element = new int[rows.size()];
    Arrays.setAll(element, source::element);
    HostStep.Source from = null;
    if (source.isSingle() && Arrays.stream(element).allMatch(e -> e >= 0)) {
      Stored stored = stored(source.anchor());
      int[] placeOf = stored.layout().placeOf();
      int[] places = Arrays.stream(element).map(e -> placeOf[e]).toArray();
      from =
          new HostStep.Source(
              stored.buffer(),
              TableLayout.ofPlaces(stored.layout().describe(), stored.layout().places(), places));
    } else {
      int width = rows.element() == Element.INT8 ? 1 : 2;
      Buffer buffer = emission.buffer(rows.name(), (long) width * rows.size());
      Layout rowMajor = new TableLayout("row-major", identity(rows));
      move(rows.name(), source.anchors(), source.which(), element, buffer, rowMajor);
      from = new HostStep.Source(buffer, rowMajor);
    }
    Work work = new Work(Work.Kind.HOST, state.name(), 0, 0);
    emission.add(new HostStep.Append(work, state, from, to, layout));
  }

  /** A place of an anchor; a constant or given value is placed row by row. */
  Stored stored(Value anchor) {
    List<Stored> places = emission.where(anchor);
    if (!places.isEmpty()) {
      return places.get(0);
    }
    int[] elements = identity(anchor);
    TensorOp op = program.producer(anchor);
    Layout layout = new TableLayout("row-major", elements);
    Stored stored;
    if (op instanceof ConstantOp constant) {
      byte[] content =
          anchor.element() == Element.INT8
              ? int8(constant.bits())
              : bytes(constant.bits(), elements);
      stored = new Stored(emission.constant(anchor.name(), content), layout);
    } else if (op instanceof UploadOp upload) {
      stored = new Stored(emission.buffer(anchor.name(), 2L * elements.length), layout);
      Work work = new Work(Work.Kind.HOST, anchor.name(), 0, 0);
      emission.add(new HostStep.Upload(work, upload.operand(), stored.buffer(), layout));
    } else {
      throw new IllegalStateException("nothing has stored " + anchor);
    }
    emission.alsoStored(anchor, stored);
    return stored;
  }

  private static byte[] int8(short[] bits) {
    byte[] content = new byte[bits.length];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) bits[i];
    }
    return content;
  }

  private static byte[] bytes(short[] bits, int[] elements) {
    byte[] content = new byte[2 * elements.length];
    for (int i = 0; i < elements.length; i++) {
      int pattern = elements[i] < 0 ? 0 : bits[elements[i]];
      content[2 * i] = (byte) pattern;
      content[2 * i + 1] = (byte) (pattern >> 8);
    }
    return content;
  }
}
