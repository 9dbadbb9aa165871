package org.tataa.tiling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tataa.config.TataaConfig;
import org.tataa.tensor.SampledHash;
import org.tataa.tensor.Value;
import org.tataa.tile.Buffer;
import org.tataa.tile.StoredValue;
import org.tataa.tile.TileStep;

/** What tiling has produced so far: steps, where values are, constants. */
final class Emission {
  final TataaConfig config;
  final Geometry geometry;
  final Sources sources;
  final KnownFits fits;
  private final List<TileStep> steps = new ArrayList<>();
  private final List<StoredValue> values = new ArrayList<>();
  private final Map<Value, List<Stored>> stored = new HashMap<>();
  private final Map<Content, Buffer> constants = new HashMap<>();
  private final Set<String> names = new HashSet<>();
  private final Map<Ordered, MatrixLayout> layouts = new HashMap<>();

  private record Ordered(Placement placement, TileOrder order) {}

  /** The bytes of a constant, compared one by one. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Content(byte[] bytes) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Content content && Arrays.equals(content.bytes, bytes);
    }

    @Override
    public int hashCode() {
      return SampledHash.of(bytes.length, i -> bytes[i]);
    }
  }

  Emission(TataaConfig config, Geometry geometry, Sources sources) {
    this.config = config;
    this.geometry = geometry;
    this.sources = sources;
    fits = new KnownFits(geometry);
  }

  /** A layout in one of the two orders that need no weaving. */
  MatrixLayout layout(Placement placement, boolean isExchanged) {
    return layout(placement, TileOrder.of(isExchanged));
  }

  /** A layout; equal ones are one, so that their tables are made once. */
  MatrixLayout layout(Placement placement, TileOrder order) {
    return layouts.computeIfAbsent(
        new Ordered(placement, order), key -> new MatrixLayout(geometry, placement, order));
  }

  void add(TileStep step) {
    steps.add(step);
  }

  List<TileStep> steps() {
    return steps;
  }

  List<StoredValue> values() {
    return values;
  }

  /** A buffer with a name of its own. */
  Buffer buffer(String name, long bytes) {
    return Buffer.of(unique(name), bytes);
  }

  /** A constant buffer; equal contents share one. */
  Buffer constant(String name, byte[] content) {
    return constants.computeIfAbsent(
        new Content(content), key -> Buffer.constant(unique(name), content));
  }

  /** A name no buffer has yet. */
  String unique(String name) {
    String candidate = name;
    for (int i = 2; !names.add(candidate); i++) {
      candidate = name + "." + i;
    }
    return candidate;
  }

  /** Notes where a value is, from the last step on. */
  void stored(Value value, Stored where) {
    stored.computeIfAbsent(value, key -> new ArrayList<>()).add(where);
    values.add(new StoredValue(value, steps.size() - 1, where.buffer(), where.layout()));
  }

  /** Notes another place of a value that need not be compared. */
  void alsoStored(Value value, Stored where) {
    stored.computeIfAbsent(value, key -> new ArrayList<>()).add(where);
  }

  /** All places of a value, in the order in which they were made. */
  List<Stored> where(Value value) {
    return stored.getOrDefault(value, List.of());
  }
}
