package org.tataa.tiling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tataa.config.IsaProfile;
import org.tataa.function.LaneProgram;
import org.tataa.tensor.Element;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.Scale;
import org.tataa.tensor.Value;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.Work;

/**
 * Makes int8 operand words of bfloat16 tiles.
 *
 * <p>A transposed STORE of four vectors writes a word for each lane, with the rows as bytes, if the
 * machine can transpose. Where words of rows are wanted, their blocks are transposed once more, by
 * a product with the identity. Anything else is stored as it comes and moved by the host.
 */
final class CodeTiler {
  /** Most operations, and operands, of an expression whose parts are computed once more. */
  private static final int MOST_AGAIN = 8;

  private final Emission emission;
  private final Geometry geometry;
  private final Loader loader;
  private final Operands operands;
  private final WovenOperand woven;
  private final @Nullable TransposedStores stores;

  CodeTiler(Emission emission, Loader loader, Operands operands, WovenOperand woven) {
    this.woven = woven;
    this.emission = emission;
    geometry = emission.geometry;
    this.loader = loader;
    this.operands = operands;
    stores = TransposedStores.of(geometry, emission.config.buffers().dmbDepth());
  }

  /**
   * What is quantised.
   *
   * @param program expression of the operands
   * @param values operands
   * @param placement placement of the expression's result
   * @param scale the requantiser's scale
   * @param result the INT8 value
   */
  record Codes(
      LaneProgram program, List<Value> values, Placement placement, Scale scale, Value result) {
    Codes with(LaneProgram other) {
      return new Codes(other, values, placement, scale, result);
    }
  }

  /**
   * Emits codes for a product, or in any order if it is null.
   *
   * @param isWoven whether bytes of words are woven if they pass through the array once more
   * @return whether they pass through the array once more
   */
  boolean emit(Codes codes, @Nullable WordTarget target, boolean isWoven) {
    TransposedStores transposed = stores;
    if (transposed == null || target == null || target.wordBytes() != geometry.rows()) {
      plain(codes, target);
      return false;
    }
    WovenOperand.Read read = woven.read(codes.program(), codes.values(), codes.placement());
    Codes ready = read == null ? readable(codes, transposed) : codes.with(read.program());
    LoadPlan plan =
        read == null
            ? loader.plan(ready.placement(), ready.values(), transposed.isExchanged())
            : read.plan();
    Sources.Source source = emission.sources.of(target.value());
    for (Supplier<WordTarget.Arrangement> candidate :
        target.candidates(
            emission.fits, geometry.outputs(), geometry.outputs() - geometry.columns())) {
      WordTarget.Arrangement arrangement = candidate.get();
      int[] places = emission.fits.through(arrangement, source, codes.result().size());
      LaneWords words = emission.fits.lanes(plan.layout(), places);
      if (words != null) {
        store(ready, plan, transposed, words, arrangement.bytes(), places);
        return false;
      }
    }
    // Codes of -128, which only limits of the extended instruction set exclude, cannot pass as the
    // high one of a pair.
    boolean canPass =
        geometry.halves() == 1 || emission.config.profiles().isa() == IsaProfile.EXTENDED;
    WordTarget passed = isWoven ? target.woven(geometry) : target;
    List<Supplier<WordTarget.Arrangement>> turned =
        canPass ? passed.candidates(emission.fits, geometry.rows(), 0) : List.of();
    for (Supplier<WordTarget.Arrangement> candidate : turned) {
      WordTarget.Arrangement arrangement = candidate.get();
      int[] places = emission.fits.through(arrangement, source, codes.result().size());
      RowWords words = emission.fits.rows(plan.layout(), passed, places);
      if (words != null) {
        twice(ready, plan, transposed, words, arrangement.bytes(), places);
        return true;
      }
    }
    plain(codes, target);
    return false;
  }

  // If operands are stored in the wrong order, the expression is stored first, which turns it. A
  // last operation that needs nothing else is left for the codes, which take a vector operation in
  // any case.
  private Codes readable(Codes codes, TransposedStores transposed) {
    if (loader.isInPlace(codes.placement(), codes.values(), transposed.isExchanged())
        || !loader.isInPlace(codes.placement(), codes.values(), !transposed.isExchanged())
        || codes.program().steps().isEmpty()) {
      return codes;
    }
    Codes inlined = inlined(codes, transposed.isExchanged());
    if (inlined != null) {
      return inlined;
    }
    LoadPlan plan = loader.plan(codes.placement(), codes.values(), !transposed.isExchanged());
    Value value =
        new Value(codes.result().name() + "/unrounded", Element.BF16, codes.result().shape());
    boolean splits = codes.program().endsAlone();
    LaneProgram first = splits ? codes.program().withoutLast() : codes.program();
    LaneProgram second = splits ? codes.program().last() : identity();
    emission.alsoStored(value, new MapEmitter(emission).emit(value.name(), first, plan));
    return new Codes(second, List.of(value), codes.placement(), codes.scale(), codes.result());
  }

  // The expression with values in the wrong order computed once more from what they were made of,
  // if that is in the right order and takes less than storing them.
  private @Nullable Codes inlined(Codes codes, boolean isExchanged) {
    List<Value> operands = new ArrayList<>();
    List<MapOp> makers = new ArrayList<>();
    int operations = codes.program().operations();
    for (Value value : codes.values()) {
      MapOp maker = null;
      if (!loader.isInPlace(codes.placement(), List.of(value), isExchanged)) {
        maker = this.operands.maker(value);
        if (maker == null || !Arrays.equals(value.shape(), codes.result().shape())) {
          return null;
        }
        operations += maker.program().operations();
      }
      makers.add(maker);
      for (Value operand : maker == null ? List.of(value) : maker.operands()) {
        if (!operands.contains(operand)) {
          operands.add(operand);
        }
      }
    }
    if (operations > MOST_AGAIN
        || operands.size() > MOST_AGAIN
        || !loader.isInPlace(codes.placement(), operands, isExchanged)) {
      return null;
    }
    LaneProgram.Builder builder = LaneProgram.builder(codes.program().name(), operands.size());
    LaneProgram.Value[] inputs = new LaneProgram.Value[makers.size()];
    for (int i = 0; i < inputs.length; i++) {
      MapOp maker = makers.get(i);
      inputs[i] =
          maker == null
              ? builder.input(operands.indexOf(codes.values().get(i)))
              : builder.apply(
                  maker.program(),
                  maker.operands().stream()
                      .map(operand -> builder.input(operands.indexOf(operand)))
                      .toArray(LaneProgram.Value[]::new));
    }
    LaneProgram program = builder.build(builder.apply(codes.program(), inputs));
    return new Codes(program, operands, codes.placement(), codes.scale(), codes.result());
  }

  private static LaneProgram identity() {
    LaneProgram.Builder builder = LaneProgram.builder("copy", 1);
    return builder.build(builder.input(0));
  }

  private void store(
      Codes codes,
      LoadPlan plan,
      TransposedStores transposed,
      LaneWords words,
      int bytes,
      int[] places) {
    Buffer buffer = emission.buffer(codes.result().name(), Math.max(bytes, words.bytesWritten()));
    nest(codes, plan, transposed, words, buffer, LaneTiles.all(plan, words));
    emission.stored(
        codes.result(),
        new Stored(buffer, emission.fits.layout(Math.toIntExact(buffer.bytes()), places)));
  }

  /** Lane tiles from one on, with the halves of words that are stored. */
  @SuppressWarnings("ArrayRecordComponent")
  private record LaneTiles(int first, int count, int[] halves) {
    /** All tiles with all halves that are somewhere. */
    static LaneTiles all(LoadPlan plan, LaneWords words) {
      int[] halves =
          IntStream.range(0, words.fit().bases().length)
              .filter(half -> words.fit().bases()[half] != AffineFit.FREE)
              .toArray();
      return new LaneTiles(0, plan.layout().laneTiles, halves);
    }
  }

  private void nest(
      Codes codes,
      LoadPlan all,
      TransposedStores transposed,
      LaneWords words,
      Buffer buffer,
      LaneTiles tiles) {
    Body body = new Body();
    LoadPlan plan = all.fromLaneTile(tiles.first());
    int[] order =
        Arrays.stream(words.order())
            .filter(loop -> loop != LoadPlan.LANE_TILES || tiles.count() > 1)
            .toArray();
    TileVectors tile = new TileVectors(geometry, plan, order);
    int[] halves = tiles.halves();
    int[] stored = stored(plan.used(geometry), transposed, halves);
    int[] vectors = Arrays.stream(stored).distinct().toArray();
    int[] distinct = body.evaluate(codes.program(), tile.load(body, vectors, 0));
    int[] values =
        Arrays.stream(stored)
            .map(
                vector ->
                    distinct[
                        IntStream.range(0, vectors.length)
                            .filter(i -> vectors[i] == vector)
                            .findFirst()
                            .orElseThrow()])
            .toArray();
    long[] strides = new long[order.length];
    List<Integer> iterations = new ArrayList<>();
    for (int i = 0; i < order.length; i++) {
      strides[i] = words.fit().strides()[order[i]];
      iterations.add(
          order[i] == LoadPlan.LANE_TILES
              ? tiles.count()
              : Operands.loops(plan.layout())[order[i]]);
    }
    long first = tiles.first() * words.fit().strides()[LoadPlan.LANE_TILES];
    for (int i = 0; i < halves.length; i++) {
      body.storeInt8(
          Arrays.copyOfRange(values, 4 * i, 4 * i + 4),
          codes.scale(),
          true,
          new Address(buffer, words.fit().bases()[halves[i]] + first, strides));
    }
    emission.add(body.nest(work(codes, plan, tiles), iterations));
  }

  // Vectors of the stores, four of each half. One without elements is another of its half, which
  // is computed for once; a half without any takes those of the first.
  private static int[] stored(boolean[] used, TransposedStores transposed, int[] halves) {
    int[] stored = new int[4 * halves.length];
    for (int i = 0; i < halves.length; i++) {
      int[] own = transposed.vectors()[halves[i]];
      int[] elements = Arrays.stream(own).filter(vector -> used[vector]).toArray();
      for (int j = 0; j < own.length; j++) {
        stored[4 * i + j] = elements.length == 0 ? stored[j] : used[own[j]] ? own[j] : elements[0];
      }
    }
    return stored;
  }

  private Work work(Codes codes, LoadPlan plan, LaneTiles tiles) {
    Work work = work(codes, plan);
    int lanes = plan.layout().placement.lanes();
    long first = (long) tiles.first() * geometry.outputs();
    long own = Math.min(lanes, first + (long) tiles.count() * geometry.outputs()) - first;
    return new Work(work.kind(), work.value(), work.macs(), work.laneOperations() / lanes * own);
  }

  private static Work work(Codes codes, LoadPlan plan) {
    return MapEmitter.work(
        codes.result().name(),
        Work.Kind.CODES,
        Math.max(1, codes.program().operations()),
        plan.layout());
  }

  // Words of lanes to memory, and from there as blocks through the array.
  private void twice(
      Codes codes,
      LoadPlan plan,
      TransposedStores transposed,
      RowWords rows,
      int bytes,
      int[] places) {
    LaneWords words = LaneWords.natural(geometry, plan.layout());
    Buffer turned = emission.buffer(codes.result().name() + "/transposed", words.bytesWritten());
    LaneTiles all = LaneTiles.all(plan, words);
    int last = plan.layout().laneTiles - 1;
    // Rows nobody reads become 0 where a half is left out.
    boolean needsHalf =
        all.halves().length > 1
            && plan.layout().placement.lanes() <= last * geometry.outputs() + geometry.columns();
    int full = needsHalf ? last : last + 1;
    if (full > 0) {
      nest(codes, plan, transposed, words, turned, new LaneTiles(0, full, all.halves()));
    }
    if (needsHalf) {
      int[] first = Arrays.copyOf(all.halves(), 1);
      nest(codes, plan, transposed, words, turned, new LaneTiles(last, 1, first));
    }
    Buffer buffer = emission.buffer(codes.result().name(), Math.max(bytes, rows.bytesWritten()));
    rows.emit(emission, codes.result().name(), words, plan.layout().placement, turned, buffer);
    emission.stored(
        codes.result(),
        new Stored(buffer, emission.fits.layout(Math.toIntExact(buffer.bytes()), places)));
  }

  // Words of one chunk each, in the order in which they leave; the host moves the bytes.
  private void plain(Codes codes, @Nullable WordTarget target) {
    LoadPlan plan = loader.plan(codes.placement(), codes.values(), null);
    MatrixLayout layout = plan.layout();
    int[] order = plan.loopOrder();
    Body body = new Body();
    TileVectors tile = new TileVectors(geometry, plan, order);
    int tileBytes = geometry.tileVectors() * geometry.dmpus() * geometry.outputs();
    int size = Math.multiplyExact(layout.tiles(), tileBytes);
    Buffer raw = emission.buffer(codes.result().name() + "/words", size);
    long[] strides = new MapEmitter(emission).strides(layout, order);
    for (int i = 0; i < strides.length; i++) {
      strides[i] = strides[i] / geometry.tileBytes() * tileBytes;
    }
    int vectorBytes = geometry.dmpus() * geometry.outputs();
    for (int group = 0; group < tile.groups(); group++) {
      int[] vectors = tile.group(group);
      if (vectors.length == 0) {
        continue;
      }
      int[] values = body.evaluate(codes.program(), tile.load(body, vectors, 0));
      for (int i = 0; i < vectors.length; i++) {
        body.storeInt8(
            new int[] {values[i]},
            codes.scale(),
            false,
            new Address(raw, (long) vectors[i] * vectorBytes, strides));
      }
    }
    emission.add(body.nest(work(codes, plan), plan.iterations(order)));
    Stored words = new Stored(raw, new TableLayout("words of chunks", chunks(layout)));
    emission.stored(codes.result(), words);
    if (target != null) {
      WordTarget.Arrangement arrangement = target.dense(emission.fits);
      int[] places =
          emission.fits.through(
              arrangement, emission.sources.of(target.value()), codes.result().size());
      Buffer buffer = emission.buffer(codes.result().name(), arrangement.bytes());
      TableLayout to = emission.fits.layout(arrangement.bytes(), places);
      int[] same = IntStream.range(0, codes.result().size()).toArray();
      operands.move(codes.result().name(), List.of(codes.result()), null, same, buffer, to);
      emission.alsoStored(codes.result(), new Stored(buffer, to));
    }
  }

  // Element of each byte: a chunk's lanes, then zeros up to a whole word.
  private int[] chunks(MatrixLayout layout) {
    int[] elements = layout.elements();
    int c = geometry.columns();
    int[] result = new int[elements.length / c * geometry.outputs()];
    Arrays.fill(result, -1);
    for (int chunk = 0; chunk < elements.length / c; chunk++) {
      System.arraycopy(elements, chunk * c, result, chunk * geometry.outputs(), c);
    }
    return result;
  }
}
