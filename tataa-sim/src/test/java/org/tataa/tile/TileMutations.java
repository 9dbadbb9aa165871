package org.tataa.tile;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.tataa.isa.Bank;
import org.tataa.isa.StoreMode;
import org.tataa.tensor.Scale;
import org.tataa.tensor.Value;

/** Tile programs with something changed: most are not well formed any more. */
public final class TileMutations {
  private final Random random;
  private final TileProgram program;
  private final List<Buffer> buffers = new ArrayList<>();
  private final List<Layout> layouts = new ArrayList<>();
  private final List<Value> values = new ArrayList<>();

  private TileMutations(Random random, TileProgram program) {
    this.random = random;
    this.program = program;
    values.addAll(program.outputs().values());
    for (TileStep step : program.steps()) {
      buffers.addAll(StepBuffers.of(step));
      if (step instanceof HostStep.Upload upload) {
        layouts.add(upload.layout());
        values.add(upload.value());
      } else if (step instanceof HostStep.Download download) {
        layouts.add(download.layout());
        values.add(download.value());
      } else if (step instanceof HostStep.Move move) {
        layouts.add(move.layout());
        move.sources().forEach(source -> layouts.add(source.layout()));
      }
    }
    for (StoredValue stored : program.values()) {
      layouts.add(stored.layout());
      values.add(stored.value());
    }
  }

  /** The program with one to three changes. */
  public static TileProgram mutated(TileProgram program, Random random) {
    TileProgram result = program;
    for (int i = 1 + random.nextInt(3); i > 0 && !result.steps().isEmpty(); i--) {
      result = new TileMutations(random, result).mutated();
    }
    return result;
  }

  private TileProgram mutated() {
    List<TileStep> steps = new ArrayList<>(program.steps());
    List<StoredValue> stored = new ArrayList<>(program.values());
    Map<String, Value> outputs = new LinkedHashMap<>(program.outputs());
    int at = random.nextInt(steps.size());
    switch (random.nextInt(12)) {
      case 0 -> steps.remove(at);
      case 1 -> steps.add(random.nextInt(steps.size()), steps.get(at));
      case 2 -> Collections.swap(steps, at, random.nextInt(steps.size()));
      case 3 -> {
        if (!stored.isEmpty()) {
          stored.replaceAll(value -> random.nextInt(4) == 0 ? other(value) : value);
        }
      }
      case 4 -> outputs.replaceAll((name, value) -> pick(values));
      default -> steps.set(at, other(steps.get(at)));
    }
    return new TileProgram(program.name(), program.config(), steps, stored, outputs);
  }

  // One of a list that is not empty.
  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private int near(int value) {
    return value + random.nextInt(3) - 1;
  }

  private StoredValue other(StoredValue stored) {
    return switch (random.nextInt(3)) {
      case 0 ->
          new StoredValue(stored.value(), near(stored.step()), stored.buffer(), stored.layout());
      case 1 -> new StoredValue(stored.value(), stored.step(), pick(buffers), stored.layout());
      default -> new StoredValue(stored.value(), stored.step(), stored.buffer(), pick(layouts));
    };
  }

  private TileStep other(TileStep step) {
    if (step instanceof MatMulNest nest) {
      return other(nest);
    } else if (step instanceof VectorNest nest) {
      return other(nest);
    } else if (step instanceof FusedNest nest) {
      return other(nest);
    } else if (step instanceof HostStep.Upload upload) {
      return switch (random.nextInt(3)) {
        case 0 -> new HostStep.Upload(upload.work(), pick(values), upload.to(), upload.layout());
        case 1 ->
            new HostStep.Upload(upload.work(), upload.value(), pick(buffers), upload.layout());
        default -> new HostStep.Upload(upload.work(), upload.value(), upload.to(), pick(layouts));
      };
    } else if (step instanceof HostStep.Download download) {
      return switch (random.nextInt(3)) {
        case 0 ->
            new HostStep.Download(
                download.work(), pick(buffers), download.layout(), download.value());
        case 1 ->
            new HostStep.Download(
                download.work(), download.from(), pick(layouts), download.value());
        default ->
            new HostStep.Download(
                download.work(), download.from(), download.layout(), pick(values));
      };
    } else if (step instanceof HostStep.Move move) {
      return other(move);
    }
    return step;
  }

  private HostStep.Move other(HostStep.Move move) {
    List<HostStep.Source> sources = new ArrayList<>(move.sources());
    int width = move.width();
    byte[] source = move.source() == null ? null : move.source().clone();
    int[] element = move.element().clone();
    Buffer to = move.to();
    Layout layout = move.layout();
    switch (sources.isEmpty() || element.length == 0 ? 6 : random.nextInt(7)) {
      case 0 -> sources.remove(random.nextInt(sources.size()));
      case 1 ->
          sources.set(
              random.nextInt(sources.size()), new HostStep.Source(pick(buffers), pick(layouts)));
      case 2 -> width = random.nextInt(4);
      case 3 -> {
        source = source == null ? new byte[near(element.length)] : source;
        if (source.length > 0) {
          source[random.nextInt(source.length)] = (byte) (random.nextInt(5) - 2);
        }
      }
      case 4 -> element[random.nextInt(element.length)] = random.nextInt(2 * element.length) - 2;
      case 5 -> to = pick(buffers);
      default -> layout = pick(layouts);
    }
    return new HostStep.Move(move.work(), sources, width, source, element, to, layout);
  }

  private List<Integer> other(List<Integer> loops) {
    List<Integer> result = new ArrayList<>(loops);
    if (result.isEmpty() || random.nextInt(4) == 0) {
      result.add(random.nextInt(3));
    } else if (random.nextInt(4) == 0) {
      int at = random.nextInt(result.size());
      result.subList(at, at + 1).clear();
    } else {
      int loop = random.nextInt(result.size());
      result.set(loop, near(result.get(loop)));
    }
    return result;
  }

  private long distance() {
    int[] units = {
      1,
      program.config().memory().portBytes(),
      program.config().geometry().vectorBytes(),
      program.config().geometry().rows(),
      2 * program.config().geometry().rows() * program.config().geometry().outputs()
    };
    return (random.nextInt(5) - 2L) * units[random.nextInt(units.length)];
  }

  private Address other(Address address) {
    long[] strides = address.strides().clone();
    return switch (random.nextInt(5)) {
      case 0 -> new Address(pick(buffers), address.base(), strides);
      case 1 -> {
        if (strides.length > 0) {
          strides[random.nextInt(strides.length)] += distance();
        }
        yield new Address(address.buffer(), address.base(), strides);
      }
      case 2 -> new Address(address.buffer(), Long.MAX_VALUE - random.nextInt(2), strides);
      default -> address.plus(distance());
    };
  }

  private Scale other(Scale scale) {
    return random.nextBoolean()
        ? new Scale(scale.mantissa() * (random.nextInt(5) - 2), scale.rightShift())
        : new Scale(scale.mantissa(), scale.rightShift() + random.nextInt(65) - 32);
  }

  private MatMulNest other(MatMulNest nest) {
    List<Integer> loops = nest.loops();
    Address x = nest.x();
    Address y = nest.y();
    int depth = nest.depth();
    int segments = nest.segments();
    long xSegment = nest.xSegment();
    long ySegment = nest.ySegment();
    StoreMode mode = nest.mode();
    boolean transpose = nest.transpose();
    List<Scale> scales = new ArrayList<>(nest.scales());
    int scaleLoop = nest.scaleLoop();
    Address target = nest.target();
    switch (random.nextInt(12)) {
      case 0 -> loops = other(loops);
      case 1 -> x = other(x);
      case 2 -> y = other(y);
      case 3 -> depth = near(depth);
      case 4 -> segments = near(segments);
      case 5 -> xSegment += distance();
      case 6 -> ySegment += distance();
      case 7 -> mode = StoreMode.values()[random.nextInt(4)];
      case 8 -> transpose = !transpose;
      case 9 -> scales.replaceAll(scale -> random.nextBoolean() ? other(scale) : scale);
      case 10 -> scaleLoop = near(scaleLoop);
      default -> target = other(target);
    }
    return new MatMulNest(
        nest.work(),
        loops,
        x,
        y,
        depth,
        segments,
        xSegment,
        ySegment,
        mode,
        transpose,
        scales,
        scaleLoop,
        target);
  }

  private FusedNest other(FusedNest nest) {
    MatMulNest products = nest.products();
    VectorNest lanes = nest.lanes();
    Bank bank = nest.bank();
    int group = nest.group();
    switch (random.nextInt(6)) {
      case 0 -> bank = bank == Bank.A ? Bank.B : Bank.A;
      case 1 -> group = near(group);
      case 2, 3 -> products = other(products);
      default -> lanes = other(lanes);
    }
    return new FusedNest(nest.work(), products, lanes, bank, group);
  }

  private VectorNest other(VectorNest nest) {
    List<VectorStep> body = new ArrayList<>(nest.body());
    List<Integer> loops = nest.loops();
    int registers = nest.registers();
    int at = body.isEmpty() ? -1 : random.nextInt(body.size());
    switch (at < 0 ? 0 : random.nextInt(10)) {
      case 0 -> loops = other(loops);
      case 1 -> registers = near(registers);
      case 2 -> body.remove(at);
      case 3 -> body.add(random.nextInt(body.size()), body.get(at));
      case 4 -> Collections.swap(body, at, random.nextInt(body.size()));
      default ->
          body.set(at, new VectorStepMutations(random, registers).other(body.get(at), this::other));
    }
    return new VectorNest(nest.work(), loops, registers, body);
  }
}
