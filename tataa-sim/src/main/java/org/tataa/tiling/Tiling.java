package org.tataa.tiling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.function.LaneProgram;
import org.tataa.sim.HostThreads;
import org.tataa.tensor.ConcatOp;
import org.tataa.tensor.ContractOp;
import org.tataa.tensor.DownloadOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.HostOp;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.Movement;
import org.tataa.tensor.QuantiseOp;
import org.tataa.tensor.ReduceOp;
import org.tataa.tensor.StateOp;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.Value;
import org.tataa.tensor.ViewOp;
import org.tataa.tile.Buffer;
import org.tataa.tile.HostStep;
import org.tataa.tile.TileProgram;
import org.tataa.tile.Work;

/**
 * Makes a tile program of a tensor program: chooses layouts, cuts work into tiles, keeps values in
 * registers between an expression and the reduction or conversion that reads it.
 */
public final class Tiling {
  /**
   * What tiling gives.
   *
   * @param tensors the tensor program with what tiling decided of it: the order of reductions, the
   *     axis of products on the columns, constants within expressions; its results have the bits of
   *     the tile program's
   * @param tiles the tile program
   */
  public record Result(TensorProgram tensors, TileProgram tiles) {}

  private final TensorProgram program;
  private final Emission emission;
  private final Orientation orientation;
  private final Operands operands;
  private final Loader loader;
  private final WovenOperand woven;
  private final CodeTiler codes;
  private final Joins joins;
  private final ContractTiler contracts;
  private final Map<TensorOp, TensorOp> replaced = new HashMap<>();
  private final Set<TensorOp> done = new HashSet<>();
  private final Map<Value, MapOp> deferred = new HashMap<>();

  private Tiling(TataaConfig config, TensorProgram program, ConstantWords words) {
    this.program = program;
    Sources sources = new Sources(program);
    emission = new Emission(config, Geometry.of(config), sources);
    orientation = new Orientation(program, sources);
    operands = new Operands(program, emission);
    loader = new Loader(emission, operands);
    woven = new WovenOperand(program, emission, orientation, operands);
    codes = new CodeTiler(emission, loader, operands, woven);
    joins = new Joins(program, orientation, emission);
    contracts = new ContractTiler(program, emission, operands, words, woven, joins);
  }

  /**
   * Tiles a program for one core of a machine.
   *
   * @throws TilingException if a buffer of the machine is too small, naming the size needed
   */
  public static Result tile(TataaConfig config, TensorProgram program) {
    return tile(config, program, new ConstantWords());
  }

  /**
   * As {@link #tile(TataaConfig, TensorProgram)}, with what is known from other programs.
   *
   * @param words of constants; added to
   */
  public static Result tile(TataaConfig config, TensorProgram program, ConstantWords words) {
    TensorProgram inlined = ScalarConstants.inline(program);
    TensorProgram oriented = columns(inlined);
    return new Tiling(config, oriented, words).run();
  }

  // Each product with the axis on the columns that its result's placement wants.
  private static TensorProgram columns(TensorProgram program) {
    Orientation orientation = new Orientation(program, new Sources(program));
    List<TensorOp> ops = new ArrayList<>();
    for (TensorOp op : program.ops()) {
      if (op instanceof ContractOp contract) {
        Placement placement = orientation.placement(contract.result());
        boolean lanesAreRows = placement.laneAxis == placement.rank() - 2;
        ops.add(contract.withColumns(lanesAreRows ? ContractOp.Columns.M : ContractOp.Columns.N));
      } else {
        ops.add(op);
      }
    }
    return new TensorProgram(program.name(), ops, program.outputs());
  }

  private Result run() {
    for (TensorOp op : program.ops()) {
      if (op.results().stream().anyMatch(value -> value.size() == 0 && value.isOnDevice())) {
        throw new TilingException(op.results().get(0) + " has no elements");
      }
      if (!done.contains(op)) {
        HostThreads.check();
        emit(op);
      }
    }
    List<TensorOp> ops = new ArrayList<>();
    for (TensorOp op : program.ops()) {
      ops.add(replaced.getOrDefault(op, op));
    }
    TensorProgram tensors = new TensorProgram(program.name(), ops, program.outputs());
    return new Result(
        tensors,
        HostOrder.early(
            new TileProgram(
                program.name(),
                emission.config,
                emission.steps(),
                emission.values(),
                program.outputs())));
  }

  private void emit(TensorOp op) {
    if (op instanceof HostOp host) {
      emission.add(
          new HostStep.Compute(new Work(Work.Kind.HOST, host.result().name(), 0, 0), host));
    } else if (op instanceof MapOp map) {
      map(map);
    } else if (op instanceof ReduceOp reduce) {
      reduce(identity(), List.of(reduce.operand()), List.of(reduce), null);
    } else if (op instanceof QuantiseOp quantise) {
      quantise(quantise);
    } else if (op instanceof ContractOp contract) {
      contracts.emit(contract, contract.toInt8() ? target(contract.result()) : null);
    } else if (op instanceof DownloadOp download) {
      download(download);
    } else if (op instanceof StateOp state) {
      state(state);
    } else if (op instanceof ConcatOp concat) {
      Stored whole = joins.whole(concat);
      if (whole != null) {
        // Its parts are compared.
        emission.alsoStored(concat.result(), whole);
      }
    }
  }

  private static LaneProgram identity() {
    LaneProgram.Builder builder = LaneProgram.builder("copy", 1);
    return builder.build(builder.input(0));
  }

  private void map(MapOp map) {
    Placement placement = orientation.placement(map.result());
    List<TensorOp> consumers = program.consumers(map.result());
    if (program.isPrivate(map.result()) && consumers.get(0) instanceof QuantiseOp) {
      deferred.put(map.result(), map);
      return;
    }
    List<ReduceOp> reductions = new ArrayList<>();
    for (TensorOp consumer : consumers) {
      if (consumer instanceof ReduceOp reduce && axis(reduce) == placement.rowAxis) {
        reductions.add(reduce);
      }
    }
    if (reductions.isEmpty()) {
      LoadPlan plan = loader.plan(placement, map.operands(), null);
      Stored stored = new MapEmitter(emission).emit(map.result().name(), map.program(), plan);
      emission.stored(map.result(), stored);
    } else {
      reduce(map.program(), map.operands(), reductions, map);
    }
  }

  private static int axis(ReduceOp reduce) {
    return reduce.axis() + Math.max(0, 2 - reduce.operand().rank());
  }

  // An expression, its results and their reductions, in one nest, and the combination of chunks.
  private void reduce(
      LaneProgram expression, List<Value> values, List<ReduceOp> reductions, @Nullable MapOp map) {
    ReduceOp first = reductions.get(0);
    Placement placement = orientation.placement(first.operand());
    if (placement.rowAxis != axis(first)) {
      int last = placement.rank() - 1;
      placement = placement.with(axis(first), axis(first) == last ? last - 1 : last);
    }
    LoadPlan plan = loader.plan(placement, values, null);
    Accumulation accumulation = new Accumulation(emission, plan, expression, reductions.size());
    List<Accumulation.Sums> sums = new ArrayList<>();
    boolean kept =
        map != null
            && (program.outputs().containsValue(map.result())
                || !new HashSet<TensorOp>(reductions).containsAll(program.consumers(map.result())));
    String name = map == null ? first.result().name() : map.result().name();
    Stored stored = accumulation.emit(name, expression, kept, reductions, sums);
    if (stored != null && map != null) {
      emission.stored(map.result(), stored);
    }
    for (ReduceOp reduction : reductions) {
      done.add(reduction);
      replaced.put(
          reduction,
          new ReduceOp(
              reduction.kind(),
              reduction.axis(),
              accumulation.parts().order(),
              reduction.operand(),
              reduction.result()));
    }
    combine(reductions, accumulation, sums, plan.layout());
  }

  private void combine(
      List<ReduceOp> reductions,
      Accumulation accumulation,
      List<Accumulation.Sums> sums,
      MatrixLayout layout) {
    List<Value> known = new ArrayList<>();
    reductions.forEach(reduction -> known.add(reduction.result()));
    List<Combination.Follower> followers = new ArrayList<>();
    for (TensorOp op : program.ops()) {
      if (op instanceof MapOp map
          && !done.contains(map)
          && known.containsAll(map.operands())
          && !map.program().steps().isEmpty()
          && Arrays.equals(map.result().shape(), known.get(0).shape())) {
        int[] results = map.operands().stream().mapToInt(known::indexOf).toArray();
        followers.add(new Combination.Follower(map, results));
        known.add(map.result());
        done.add(map);
      }
    }
    boolean[] wanted = new boolean[known.size()];
    for (int i = 0; i < wanted.length; i++) {
      Value value = known.get(i);
      wanted[i] =
          program.outputs().containsValue(value)
              || program.consumers(value).stream()
                  .anyMatch(consumer -> !known.contains(consumer.result()));
    }
    new Combination(emission, accumulation, layout).emit(reductions, sums, followers, wanted);
  }

  private void quantise(QuantiseOp quantise) {
    MapOp map = deferred.get(quantise.operand());
    Orientation.Use use = Orientation.use(program, quantise.result());
    WordTarget target = target(quantise.result());
    Placement placement = orientation.placement(quantise.operand());
    boolean passes =
        codes.emit(
            new CodeTiler.Codes(
                map == null ? identity() : map.program(),
                map == null ? List.of(quantise.operand()) : map.operands(),
                placement,
                quantise.scale(),
                quantise.result()),
            target,
            use != null && isWoven(use, quantise.result()));
    if (passes) {
      int missing = Math.max(0, 2 - quantise.result().rank());
      replaced.put(quantise, quantise.withPairAxis(placement.rowAxis - missing));
    }
  }

  // How the product that reads codes first wants them, or null.
  private @Nullable WordTarget target(Value codes) {
    Orientation.Use use = Orientation.use(program, codes);
    return use == null
        ? null
        : whole(WordTarget.of(emission.geometry, use.contract(), use.isFirst()), codes);
  }

  // The same of what a product reads a slice of.
  private WordTarget unsliced(WordTarget target) {
    WordTarget all = target;
    while (program.producer(all.value()) instanceof ViewOp view
        && view.movement() instanceof Movement.Slice) {
      all = new WordTarget(view.operand(), all.byteAxis(), all.depthAxis(), all.wordBytes(), null);
    }
    return all;
  }

  // Whether a product wants its X words woven, and nothing else reads them.
  private boolean isWoven(Orientation.Use use, Value codes) {
    ContractOp op = use.contract();
    Value operand = use.isFirst() ? op.a() : op.b();
    boolean isX = use.isFirst() == (op.columns() == ContractOp.Columns.N);
    while (operand != codes) {
      if (!program.isPrivate(operand) || !(program.producer(operand) instanceof ViewOp view)) {
        return false;
      }
      operand = view.operand();
    }
    return isX && program.isPrivate(codes) && woven.isWanted(op);
  }

  // What a product wants, if that shows all elements of the codes; of a part of them the same for
  // all, so that other parts are in place too; null if it is neither.
  private @Nullable WordTarget whole(WordTarget target, Value codes) {
    if (isWhole(target, codes)) {
      return target;
    }
    WordTarget all = unsliced(target);
    if (isWhole(all, codes)) {
      return all;
    }
    return codes.rank() == target.value().rank()
        ? new WordTarget(codes, target.byteAxis(), target.depthAxis(), target.wordBytes(), null)
        : null;
  }

  private boolean isWhole(WordTarget target, Value codes) {
    Sources.Source source = emission.sources.of(target.value());
    if (!source.isSingle()) {
      return false;
    }
    boolean[] isShown = new boolean[codes.size()];
    int shown = 0;
    for (int i = target.value().size() - 1; i >= 0; i--) {
      int element = source.element(i);
      if (element >= 0 && !isShown[element]) {
        isShown[element] = true;
        shown++;
      }
    }
    return shown == codes.size();
  }

  // Codes lie as the words a product reads; others row by row.
  private void state(StateOp state) {
    Value result = state.result();
    int width = result.element() == Element.INT8 ? 1 : 2;
    TableLayout layout = null;
    if (width == 1) {
      WordTarget target = target(result);
      if (target != null) {
        WordTarget.Arrangement words = target.dense(emission.fits);
        layout =
            emission.fits.layout(
                words.bytes(),
                emission.fits.through(words, emission.sources.of(target.value()), result.size()));
      }
    }
    if (layout == null) {
      layout = new TableLayout("row-major", IntStream.range(0, result.size()).toArray());
    }
    Buffer buffer = Buffer.state(emission.unique(result.name()), (long) width * layout.places());
    operands.append(state, buffer, layout);
    emission.stored(result, new Stored(buffer, layout));
  }

  private void download(DownloadOp download) {
    Value value = download.operand();
    Sources.Source source = emission.sources.of(value);
    Work work = new Work(Work.Kind.HOST, value.name(), 0, 0);
    boolean plain =
        source.isSingle() && IntStream.range(0, value.size()).allMatch(i -> source.element(i) >= 0);
    if (plain) {
      Stored stored = operands.stored(source.anchor());
      int[] places = new int[value.size()];
      int[] placeOf = stored.layout().placeOf();
      Arrays.setAll(places, i -> placeOf[source.element(i)]);
      emission.add(
          new HostStep.Download(
              work,
              stored.buffer(),
              TableLayout.ofPlaces(stored.layout().describe(), stored.layout().places(), places),
              download.result()));
      return;
    }
    Buffer buffer = emission.buffer(value.name(), 2L * value.size());
    int[] element = new int[value.size()];
    Arrays.setAll(element, source::element);
    TableLayout rowMajor = new TableLayout("row-major", IntStream.range(0, value.size()).toArray());
    operands.move(value.name(), source.anchors(), source.which(), element, buffer, rowMajor);
    emission.add(new HostStep.Download(work, buffer, rowMajor, download.result()));
  }
}
