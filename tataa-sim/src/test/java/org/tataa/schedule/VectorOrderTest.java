package org.tataa.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.isa.StoreMode;
import org.tataa.numeric.LaneOp;
import org.tataa.tensor.Scale;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.Loops;
import org.tataa.tile.TileProgram;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;
import org.tataa.tile.VectorStep.Operand;
import org.tataa.tile.Work;

/** Orders of vector work: the same steps, operands before results, stores in their order. */
class VectorOrderTest {
  private static final TataaConfig CONFIG = TataaConfig.u280();
  private static final int VECTOR = 256;
  private static final Work WORK = new Work(Work.Kind.LANES, "test", 0, 0);

  private static final Buffer SOURCE = Buffer.of("source", 1 << 20);
  private static final Buffer TARGET = Buffer.of("target", 1 << 20);

  // Chains of operations, some of which join, each ending in a register that is stored.
  private static VectorNest random(long seed, int iterations, long stride) {
    Random random = new Random(seed);
    List<VectorStep> body = new ArrayList<>();
    List<Integer> values = new ArrayList<>();
    int registers = 0;
    for (int i = 0; i < 3 + random.nextInt(6); i++) {
      long step = random.nextInt(4) == 0 ? 0 : 16 * VECTOR;
      body.add(
          new VectorStep.Load(
              registers, new Address(SOURCE, i * (long) VECTOR, new long[] {step})));
      values.add(registers++);
    }
    for (int i = 0; i < 30; i++) {
      int a = values.get(random.nextInt(values.size()));
      int b = values.get(random.nextInt(values.size()));
      LaneOp op = random.nextBoolean() ? LaneOp.MUL : LaneOp.ADD;
      Operand second = random.nextInt(3) == 0 ? Operand.constant(0x3f80) : Operand.register(b);
      body.add(new VectorStep.Operate(op, registers, Operand.register(a), second, false));
      values.add(registers++);
    }
    for (int store = 0; store < 2; store++) {
      int[] words = new int[4];
      for (int i = 0; i < words.length; i++) {
        int a = values.get(random.nextInt(values.size()));
        body.add(
            new VectorStep.Operate(
                LaneOp.MUL, registers, Operand.register(a), Operand.constant(0x3f80), false));
        words[i] = registers++;
      }
      body.add(
          new VectorStep.Store(
              StoreMode.BF16_TO_BF16,
              Scale.ONE,
              false,
              words,
              new Address(TARGET, store * 1024L, new long[] {stride})));
    }
    return new VectorNest(WORK, List.of(iterations), registers, body);
  }

  @Test
  void listSchedulingKeepsStepsAndDependences() {
    for (long seed = 0; seed < 200; seed++) {
      VectorNest nest = random(seed, 1, 2048);
      for (int window : new int[] {1, 8, 24, ListOrder.ALL}) {
        for (int strands : new int[] {1, 4, 64}) {
          ListOrder.Limits limits =
              new ListOrder.Limits(window, strands, (strands + 1) / 2, strands % 8);
          VectorNest ordered = ListOrder.reorder(nest, ListOrder.of(CONFIG, nest, limits));
          assertThat(ordered.body())
              .as("seed %d", seed)
              .containsExactlyInAnyOrderElementsOf(nest.body());
          assertThat(stores(ordered)).as("seed %d", seed).isEqualTo(stores(nest));
          checkDependences(ordered, seed);
        }
      }
    }
  }

  @Test
  void ordersForFewLiveRegistersKeepStoresAndDependences() {
    for (long seed = 0; seed < 200; seed++) {
      VectorNest nest = random(seed, 1, 2048);
      for (int order = 0; order < VectorScheduler.ORDERS; order++) {
        VectorNest ordered = VectorScheduler.ordered(nest, order);
        assertThat(stores(ordered)).as("seed %d", seed).isEqualTo(stores(nest));
        checkDependences(ordered, seed);
      }
    }
  }

  private static List<VectorStep> stores(VectorNest nest) {
    return nest.body().stream().filter(VectorStep.Store.class::isInstance).toList();
  }

  private static void checkDependences(VectorNest nest, long seed) {
    Set<Integer> there = new HashSet<>();
    for (VectorStep step : nest.body()) {
      if (step instanceof VectorStep.Load load) {
        there.add(load.register());
      } else if (step instanceof VectorStep.Operate operate) {
        for (Operand operand : List.of(operate.first(), operate.second())) {
          assertThat(operand.isConstant() || there.contains(operand.index()))
              .as("seed %d: %s", seed, operate)
              .isTrue();
        }
        there.add(operate.register());
      } else if (step instanceof VectorStep.Store store) {
        for (int register : store.registers()) {
          assertThat(there).as("seed %d: %s", seed, store).contains(register);
        }
      }
    }
  }

  @Test
  void iterationsSideBySideTouchTheSameMemoryOnce() {
    for (long seed = 0; seed < 50; seed++) {
      VectorNest nest = random(seed, 7, 2048);
      assertThat(Interleave.most(CONFIG, nest)).isEqualTo(7);
      for (int factor = 2; factor <= 7; factor++) {
        Set<Long> loads = new TreeSet<>();
        List<Long> stores = new ArrayList<>();
        for (VectorNest part : Interleave.of(CONFIG, nest, factor)) {
          checkDependences(part, seed);
          addresses(part, loads, stores);
        }
        Set<Long> expectedLoads = new TreeSet<>();
        List<Long> expectedStores = new ArrayList<>();
        addresses(nest, expectedLoads, expectedStores);
        assertThat(loads).isEqualTo(expectedLoads);
        assertThat(stores).containsExactlyInAnyOrderElementsOf(expectedStores);
      }
    }
  }

  private static void addresses(VectorNest nest, Set<Long> loads, List<Long> stores) {
    for (int i = 0; i < nest.iterations(); i++) {
      for (VectorStep step : nest.body()) {
        if (step instanceof VectorStep.Load load) {
          loads.add(load.from().at(new int[] {i}));
        } else if (step instanceof VectorStep.Store store) {
          stores.add(store.to().at(new int[] {i}));
        }
      }
    }
  }

  @Test
  void iterationsThatOverwriteEachOtherStayInOrder() {
    assertThat(Interleave.most(CONFIG, random(1, 7, 0))).isEqualTo(1);
    assertThat(Interleave.most(CONFIG, random(1, 7, 1024))).isEqualTo(1);
  }

  // Stores of 1024 bytes, each half overwritten by the next iteration, through the rows too.
  private static VectorNest spilling(int rows, int iterations) {
    List<VectorStep> body = new ArrayList<>();
    int[] words = new int[4];
    for (int i = 0; i < words.length; i++) {
      body.add(
          new VectorStep.Load(i, new Address(SOURCE, i * (long) VECTOR, new long[] {4096, 1024})));
      Operand loaded = Operand.register(i);
      body.add(new VectorStep.Operate(LaneOp.MUL, 4 + i, loaded, Operand.constant(0x3f80), false));
      words[i] = 4 + i;
    }
    Address to = new Address(TARGET, 0, new long[] {512L * iterations, 512});
    body.add(new VectorStep.Store(StoreMode.BF16_TO_BF16, Scale.ONE, false, words, to));
    return new VectorNest(WORK, List.of(rows, iterations), 8, body);
  }

  // Addresses of stores in the order in which they are done.
  private static List<Long> storeOrder(List<VectorNest> nests) {
    List<Long> order = new ArrayList<>();
    for (VectorNest nest : nests) {
      int[] loops = nest.loops().stream().mapToInt(Integer::intValue).toArray();
      int[] index = new int[loops.length];
      for (long i = 0; i < nest.iterations(); i++) {
        for (VectorStep step : stores(nest)) {
          order.add(((VectorStep.Store) step).to().at(index));
        }
        Loops.advance(index, loops);
      }
    }
    return order;
  }

  @Test
  void bytesThatIterationsShareAreWrittenInTheirOrder() {
    for (int rows = 1; rows <= 3; rows++) {
      for (int iterations = 2; iterations <= 8; iterations++) {
        VectorNest nest = spilling(rows, iterations);
        int most = Interleave.most(CONFIG, nest);
        int divided = Interleave.mustDivide(CONFIG, nest);
        assertThat(most).isEqualTo(iterations);
        for (int factor = 2; factor <= most; factor++) {
          boolean isKept =
              storeOrder(Interleave.of(CONFIG, nest, factor)).equals(storeOrder(List.of(nest)));
          assertThat(isKept)
              .as("%d rows of %d, %d side by side", rows, iterations, factor)
              .isEqualTo(divided % factor == 0);
        }
        VectorScheduler.Plan plan =
            new PlanSearch(CONFIG, MemoryPlan.of(program(nest)), new VectorPlans()).plan(nest);
        List<VectorNest> parts =
            plan.apply(CONFIG, nest).stream().map(VectorScheduler.Prepared::nest).toList();
        assertThat(storeOrder(parts)).isEqualTo(storeOrder(List.of(nest)));
      }
    }
  }

  // For each half of a store the store that wrote it last.
  private static Map<Long, Long> lastWriters(List<VectorNest> nests) {
    Map<Long, Long> writers = new HashMap<>();
    for (long start : storeOrder(nests)) {
      writers.put(start, start);
      writers.put(start + 512, start);
    }
    return writers;
  }

  // As spilling, with room behind each row and some loads that all rows have in common.
  private static VectorNest rows(int rows, int iterations, boolean inCommon) {
    VectorNest nest = spilling(rows, iterations);
    List<VectorStep> body = new ArrayList<>();
    for (VectorStep step : nest.body()) {
      if (step instanceof VectorStep.Store store) {
        Address to = new Address(TARGET, 0, new long[] {512L * (iterations + 1), 512});
        body.add(
            new VectorStep.Store(
                store.mode(), store.scale(), store.transpose(), store.registers(), to));
      } else if (step instanceof VectorStep.Load load && inCommon) {
        Address from = new Address(SOURCE, load.from().base(), new long[] {0, 1024});
        body.add(new VectorStep.Load(load.register(), from));
      } else {
        body.add(step);
      }
    }
    return new VectorNest(nest.work(), nest.loops(), nest.registers(), body);
  }

  @Test
  void rowsWithRoomBehindThemMayLeaveIterationsOver() {
    for (int rows = 2; rows <= 5; rows++) {
      for (int iterations = 2; iterations <= 5; iterations++) {
        for (boolean inCommon : new boolean[] {false, true}) {
          VectorNest nest = rows(rows, iterations, inCommon);
          int most = Interleave.most(CONFIG, nest);
          assertThat(most).isEqualTo(inCommon ? rows : iterations);
          assertThat(Interleave.mustDivide(CONFIG, nest)).isZero();
          for (int factor = 2; factor <= most; factor++) {
            List<VectorNest> parts = Interleave.of(CONFIG, nest, factor);
            assertThat(parts.get(0).body().stream().filter(VectorStep.Load.class::isInstance))
                .hasSize(inCommon ? 4 : 4 * factor);
            assertThat(lastWriters(parts)).isEqualTo(lastWriters(List.of(nest)));
          }
        }
      }
    }
  }

  private static TileProgram program(VectorNest nest) {
    return new TileProgram("test", CONFIG, List.of(nest), List.of(), Map.of());
  }

  @Test
  void largestOfAnyRange() {
    int[] values = new Random(3).ints(100, 0, 1000).toArray();
    RangeMaximum maximum = new RangeMaximum(values);
    for (int first = 0; first < values.length; first++) {
      int largest = 0;
      assertThat(maximum.of(first, first - 1)).isZero();
      for (int last = first; last < values.length; last++) {
        largest = Math.max(largest, values[last]);
        assertThat(maximum.of(first, last)).isEqualTo(largest);
      }
    }
  }
}
