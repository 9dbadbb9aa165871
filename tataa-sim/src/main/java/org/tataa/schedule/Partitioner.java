package org.tataa.schedule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.sim.HostThreads;
import org.tataa.tile.HostStep;
import org.tataa.tile.MatMulNest;
import org.tataa.tile.Partition;
import org.tataa.tile.PartitionVerifier;
import org.tataa.tile.Shares;
import org.tataa.tile.TileProgram;
import org.tataa.tile.TileStep;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;

/**
 * Schedules a tile program for cores that share a memory: every nest on as many of them as take
 * least time by the scheduler's clocks, a barrier wherever a core may need what another one wrote.
 */
final class Partitioner {
  /** A share's instructions and their cycles by the rough clocks. */
  private record Emitted(Program program, long cycles) {}

  /** Loops that are kept whole, and cores. */
  record Choice(int whole, int cores) {}

  // What a choice depends on.
  private record ProductShape(List<Integer> loops, List<Long> numbers, Object mode) {}

  /** Most shares by which is tried whether iterations overwrite each other's bytes. */
  private static final int WITNESSES = 64;

  /** Cycles of shares that do not fit the vector slots. */
  private static final long TOO_LARGE = Long.MAX_VALUE;

  private final TileProgram tiles;
  private final TataaConfig config;
  private final VectorPlans plans;
  private final int cores;
  private final MemoryPlan memory;
  private final Instructions out;
  private final @Nullable KnownPrograms known;
  private final Map<Object, Choice> chosen;

  Partitioner(TileProgram tiles, VectorPlans plans, int cores) {
    this.tiles = tiles;
    this.plans = plans;
    this.cores = cores;
    config = tiles.config();
    memory = MemoryPlan.of(tiles);
    out = new Instructions(config);
    known = plans.programs();
    chosen = known == null ? new HashMap<>() : known.choices(cores);
  }

  /**
   * Cycles of a barrier: a core's word that it has arrived reaches the memory, and the others read
   * it.
   */
  static long barrierCycles(TataaConfig config) {
    return (long) config.timing().outputLatency() + config.memory().latencyCycles();
  }

  Schedule schedule() {
    Program idle = out.finish();
    SegmentList segments = new SegmentList(Integer.MAX_VALUE, known);
    List<Partition.Step> split = new ArrayList<>();
    // Cores since the last barrier, or since the host, which waits for all.
    int before = 0;
    for (int i = 0; i < tiles.steps().size(); i++) {
      HostThreads.check();
      TileStep step = tiles.steps().get(i);
      if (step instanceof HostStep host) {
        segments.host(i, host);
        split.add(new Partition.Step(0, List.of()));
        before = 0;
        continue;
      }
      List<List<TileStep>> shares = shares(step);
      // The first core waits for nobody if it goes on alone.
      boolean isAlone = before <= 1 && shares.size() == 1;
      long barrier = before == 0 || isAlone ? 0 : barrierCycles(config);
      before = shares.size();
      PlacedSteps.Placed placed = known == null ? null : PlacedSteps.of(step, memory);
      KnownPrograms.Made programs =
          known == null || placed == null ? null : known.of(placed, cores);
      if (programs == null) {
        PartitionVerifier.check(tiles, i, cores, shares);
        programs = programs(shares, idle);
        if (known != null && placed != null) {
          known.keep(placed, cores, programs);
        }
      }
      segments.device(i, programs, barrier);
      split.add(new Partition.Step(barrier, shares));
    }
    return new Schedule(
        tiles,
        memory,
        Scheduler.cores(config, memory, cores),
        new Partition(cores, split),
        segments.finish());
  }

  private KnownPrograms.Made programs(List<List<TileStep>> shares, Program idle) {
    List<Program> programs = new ArrayList<>();
    long cycles = 0;
    for (List<TileStep> share : shares) {
      Emitted emitted = emit(share);
      programs.add(emitted.program());
      cycles = Math.max(cycles, emitted.cycles());
    }
    while (programs.size() < cores) {
      programs.add(idle);
    }
    return new KnownPrograms.Made(programs, cycles);
  }

  private List<List<TileStep>> shares(TileStep step) {
    Object shape = shape(step);
    Choice choice = chosen.get(shape);
    if (choice == null) {
      choice = choose(step);
      chosen.put(shape, choice);
    }
    return Shares.of(step, choice.cores(), choice.whole());
  }

  private static ProductShape shape(MatMulNest nest) {
    List<Long> numbers = new ArrayList<>();
    for (long[] strides :
        List.of(nest.x().strides(), nest.y().strides(), nest.target().strides())) {
      for (long stride : strides) {
        numbers.add(stride);
      }
    }
    numbers.addAll(
        List.of((long) nest.depth(), (long) nest.segments(), nest.xSegment(), nest.ySegment()));
    return new ProductShape(nest.loops(), numbers, nest.mode());
  }

  // Fewest cores of least time among all and halves of them, as few loops whole as possible.
  private Choice choose(TileStep step) {
    int whole = whole(step);
    long parts = Shares.parts(step, whole);
    TreeSet<Integer> candidates = new TreeSet<>();
    for (int most = cores; most > 1; most /= 2) {
      candidates.add(Shares.fewest(parts, most));
    }
    candidates.remove(1);
    int best = 1;
    long least = Long.MAX_VALUE;
    for (int candidate : candidates.descendingSet()) {
      List<List<TileStep>> shares = Shares.of(step, candidate, whole);
      if (operations(shares) > least) {
        break;
      }
      long own = cycles(shares);
      if (own == TOO_LARGE) {
        continue;
      }
      long cycles = own + barrierCycles(config);
      if (cycles > least) {
        break;
      }
      if (PartitionVerifier.problem(config.geometry(), shares) == null) {
        least = cycles;
        best = candidate;
      }
    }
    List<List<TileStep>> alone = List.of(List.of(step));
    boolean isSplit = best > 1 && (operations(alone) > least || cycles(alone) > least);
    return new Choice(whole, isSplit ? best : 1);
  }

  // Vector operations of the share with most: no core begins two in a cycle.
  private static long operations(List<List<TileStep>> shares) {
    long most = 0;
    for (List<TileStep> share : shares) {
      long operations = 0;
      for (TileStep step : share) {
        if (step instanceof VectorNest nest) {
          operations += nest.iterations() * operations(nest);
        }
      }
      most = Math.max(most, operations);
    }
    return most;
  }

  private static long operations(VectorNest nest) {
    return nest.body().stream().filter(VectorStep.Operate.class::isInstance).count();
  }

  // Loops through which iterations overwrite each other's bytes: none, one, the inner ones, or all.
  private int whole(TileStep step) {
    int loops = Shares.loops(step).size();
    List<Integer> candidates = new ArrayList<>(List.of(0));
    for (int loop = loops - 1; loop >= 0; loop--) {
      candidates.add(1 << loop);
    }
    for (int loop = loops - 2; loop > 0; loop--) {
      candidates.add((1 << loops) - (1 << loop));
    }
    for (int whole : candidates) {
      int most = (int) Math.min(WITNESSES, Shares.parts(step, whole));
      if (most > 1
          && Shares.keepsOrder(step, whole)
          && PartitionVerifier.problem(config.geometry(), Shares.of(step, most, whole)) == null) {
        return whole;
      }
    }
    return (1 << loops) - 1;
  }

  // Shares of one shape take the same time. Other loops may mean other banks: a share need not fit
  // the slots although the nest does.
  private long cycles(List<List<TileStep>> shares) {
    Set<List<Object>> shapes = new HashSet<>();
    long cycles = 0;
    for (List<TileStep> share : shares) {
      if (shapes.add(share.stream().map(Partitioner::shape).toList())) {
        try {
          cycles = Math.max(cycles, emit(share, Instructions.dropped(config)));
        } catch (ScheduleException e) {
          return TOO_LARGE;
        }
      }
    }
    return cycles;
  }

  private static Object shape(TileStep step) {
    return step instanceof MatMulNest nest ? shape(nest) : NestShape.of((VectorNest) step);
  }

  // Equal shares give equal programs: nothing is known from others.
  private Emitted emit(List<TileStep> share) {
    long cycles = emit(share, out);
    return new Emitted(out.finish(), cycles);
  }

  private long emit(List<TileStep> share, Instructions to) {
    VectorScheduler vectors = new VectorScheduler(config, memory, to, plans);
    MatMulScheduler products = new MatMulScheduler(config, memory, to);
    for (TileStep step : share) {
      if (step instanceof MatMulNest nest) {
        products.emit(nest);
      } else {
        vectors.emit((VectorNest) step);
      }
    }
    return vectors.predictedCycles() + products.predictedCycles();
  }
}
