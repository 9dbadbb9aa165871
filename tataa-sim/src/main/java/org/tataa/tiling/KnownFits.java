package org.tataa.tiling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tataa.tensor.SampledHash;
import org.tataa.tile.Buffer;

/**
 * How words fit to places, found once for layers that are alike: their layouts are the same objects
 * ({@link Emission#layout(Placement, TileOrder)}) and so are, through {@link #same}, their tables.
 */
final class KnownFits {
  /** A table, compared number by number. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Content(int[] numbers) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Content content && Arrays.equals(content.numbers, numbers);
    }

    @Override
    public int hashCode() {
      return SampledHash.of(numbers.length, i -> numbers[i]);
    }
  }

  // Tables and layouts of keys are the same objects if they are equal.
  @SuppressWarnings("ArrayRecordComponent")
  private record Lanes(MatrixLayout layout, int[] places) {}

  @SuppressWarnings("ArrayRecordComponent")
  private record Rows(MatrixLayout layout, List<Integer> target, int[] places) {}

  @SuppressWarnings("ArrayRecordComponent")
  private record Words(List<Integer> target, int[] places, List<Integer> leading, int align) {}

  private record Arranged(
      List<Integer> target, List<Integer> axes, int segment, int inside, int run) {}

  @SuppressWarnings("ArrayRecordComponent")
  private record Seen(int[] places, int @Nullable [] element, int size) {}

  @SuppressWarnings("ArrayRecordComponent")
  private record Blocks(Placement placement, List<Integer> target, int @Nullable [] element) {}

  @SuppressWarnings("ArrayRecordComponent")
  private record Table(int[] placeOf, int places) {}

  private final Geometry geometry;
  private final Map<Arranged, WordTarget.Arrangement> arrangements = new HashMap<>();
  private final Map<Content, int[]> tables = new HashMap<>();
  private final Map<Lanes, Optional<LaneWords>> lanes = new HashMap<>();
  private final Map<Rows, Optional<RowWords>> rows = new HashMap<>();
  private final Map<Words, Optional<AffineFit>> words = new HashMap<>();

  private final Map<Seen, int[]> seen = new HashMap<>();
  private final Map<Seen, Optional<int[]>> shown = new HashMap<>();
  private final Map<Blocks, Optional<BlockWords>> blocks = new HashMap<>();
  private final Map<Table, TableLayout> layouts = new HashMap<>();

  KnownFits(Geometry geometry) {
    this.geometry = geometry;
  }

  /** The first table that had the same numbers; not to be written to. */
  int[] same(int[] table) {
    return tables.computeIfAbsent(new Content(table), Content::numbers);
  }

  /** As {@link WordTarget#arranged}. */
  WordTarget.Arrangement arrangement(
      WordTarget target, int[] axes, int segment, int inside, int run) {
    return arrangements.computeIfAbsent(
        new Arranged(numbers(target), list(axes), segment, inside, run),
        key -> target.arranged(axes, segment, inside, run));
  }

  /** As {@link WordTarget#through}; not to be written to. */
  int[] through(WordTarget.Arrangement arrangement, Sources.Source source, int size) {
    return seen.computeIfAbsent(
        new Seen(arrangement.placeOf(), source.element(), size),
        key -> same(WordTarget.through(arrangement, source, size)));
  }

  /** Places of elements that show others; null if some show none, or one without a place. */
  int @Nullable [] places(Sources.Source source, int[] placeOf, int size) {
    if (source.element() == null && placeOf.length == size) {
      return placeOf;
    }
    return shown
        .computeIfAbsent(
            new Seen(placeOf, source.element(), size),
            key -> Optional.ofNullable(shown(source, placeOf, size)))
        .orElse(null);
  }

  private static int @Nullable [] shown(Sources.Source source, int[] placeOf, int size) {
    int[] places = new int[size];
    for (int i = 0; i < size; i++) {
      int element = source.element(i);
      if (element < 0 || element >= placeOf.length) {
        return null;
      }
      places[i] = placeOf[element];
    }
    return places;
  }

  /** Bytes at places of elements, as words. */
  TableLayout layout(int bytes, int[] placeOf) {
    int[] same = same(placeOf);
    return layouts.computeIfAbsent(
        new Table(same, bytes), key -> TableLayout.ofPlaces("int8 words", bytes, same));
  }

  /** As {@link LaneWords#fit}. */
  @Nullable LaneWords lanes(MatrixLayout layout, int[] places) {
    int[] same = same(places);
    return lanes
        .computeIfAbsent(
            new Lanes(layout, same),
            key -> Optional.ofNullable(LaneWords.fit(geometry, layout, same)))
        .orElse(null);
  }

  /** As {@link RowWords#fit}. */
  @Nullable RowWords rows(MatrixLayout layout, WordTarget target, int[] places) {
    int[] same = same(places);
    return rows.computeIfAbsent(
            new Rows(layout, numbers(target), same),
            key -> Optional.ofNullable(RowWords.fit(geometry, layout, target, same)))
        .orElse(null);
  }

  /** As {@link BlockWords#fit}. */
  @Nullable BlockWords blocks(Placement placement, WordTarget target, Sources.Source source) {
    return blocks
        .computeIfAbsent(
            new Blocks(placement, numbers(target), source.element()),
            key -> Optional.ofNullable(BlockWords.fit(this, geometry, placement, target, source)))
        .orElse(null);
  }

  /** As {@link WordAccess#fit}, inside a buffer. */
  @Nullable WordAccess access(
      WordTarget target, Buffer buffer, int[] places, int[] leading, int align) {
    int[] same = same(places);
    AffineFit fit =
        words
            .computeIfAbsent(
                new Words(numbers(target), same, list(leading), align),
                key -> Optional.ofNullable(WordAccess.fit(target, same, leading, align)))
            .orElse(null);
    return fit == null ? null : WordAccess.inside(target, buffer, fit, leading);
  }

  // All of a target but which value it is.
  private static List<Integer> numbers(WordTarget target) {
    List<Integer> numbers = new ArrayList<>();
    numbers.addAll(List.of(target.byteAxis(), target.depthAxis(), target.wordBytes()));
    numbers.addAll(list(target.value().shape()));
    if (target.weave() != null) {
      numbers.add(-1);
      numbers.addAll(list(target.weave()));
    }
    return numbers;
  }

  private static List<Integer> list(int[] numbers) {
    return Arrays.stream(numbers).boxed().toList();
  }
}
