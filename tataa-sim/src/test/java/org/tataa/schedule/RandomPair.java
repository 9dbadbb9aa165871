package org.tataa.schedule;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.tataa.config.IsaProfile;
import org.tataa.config.TataaConfig;
import org.tataa.isa.StoreMode;
import org.tataa.tensor.Element;
import org.tataa.tensor.Scale;
import org.tataa.tensor.Value;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.FusedNest;
import org.tataa.tile.HostStep;
import org.tataa.tile.MatMulNest;
import org.tataa.tile.RowMajor;
import org.tataa.tile.TileProgram;
import org.tataa.tile.TileStep;
import org.tataa.tile.VectorNest;
import org.tataa.tile.Work;

/**
 * Products in random loops, each block at a place of its own, and random vector work that reads
 * them in any order of the loops.
 */
public final class RandomPair {
  private RandomPair() {}

  /** A program of both steps that downloads what is stored, on a machine of the extended set. */
  public static TileProgram of(Random random, TataaConfig machine) {
    TataaConfig config = machine.withProfiles(machine.profiles().withIsa(IsaProfile.EXTENDED));
    int[] counts =
        IntStream.range(0, 1 + random.nextInt(3)).map(i -> 1 + random.nextInt(5)).toArray();
    int depth = 1 + random.nextInt(Math.min(config.buffers().tileDepth(), 48));
    int rows = config.geometry().rows();
    long block = (long) rows * StoreMode.ACC_TO_BF16.wordBytes(config.geometry());
    long[] places = new long[counts.length];
    long bytes = block;
    for (int loop : shuffled(random, counts.length)) {
      places[loop] = bytes;
      bytes *= counts[loop];
    }
    Buffer sums = Buffer.of("sums", bytes);
    int scaleLoop = random.nextInt(counts.length + 1) - 1;
    List<Scale> scales = new ArrayList<>();
    for (int i = scaleLoop < 0 ? 1 : counts[scaleLoop]; i > 0; i--) {
      scales.add(new Scale(1 + random.nextInt(1000), 4 + random.nextInt(8)));
    }
    MatMulNest products =
        new MatMulNest(
            new Work(Work.Kind.LINEAR, "sums", 1000, 0),
            IntStream.of(counts).boxed().toList(),
            operand(random, "x", counts, depth * rows),
            operand(random, "y", counts, depth * config.geometry().outputs()),
            depth,
            1,
            0,
            0,
            StoreMode.ACC_TO_BF16,
            false,
            scales,
            scaleLoop,
            new Address(sums, 0, places));
    VectorNest lanes = lanes(random, config, counts, products.target());
    List<TileStep> steps = new ArrayList<>(List.of(products, lanes));
    Map<String, Value> outputs = new HashMap<>();
    for (Buffer target : StoredBytes.targets(lanes)) {
      int elements = Math.toIntExact(target.bytes() / 2);
      Value value = new Value(target.name(), Element.HOST, elements);
      steps.add(new HostStep.Download(lanes.work(), target, new RowMajor(elements), value));
      outputs.put(target.name(), value);
    }
    return new TileProgram("pair", config, steps, List.of(), outputs);
  }

  private static List<Integer> shuffled(Random random, int count) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
    Collections.shuffle(order, random);
    return order;
  }

  // Words that stay or change from iteration to iteration of each loop.
  private static Address operand(Random random, String name, int[] counts, int bytes) {
    long[] strides = new long[counts.length];
    long all = bytes;
    for (int loop = 0; loop < counts.length; loop++) {
      if (random.nextBoolean()) {
        strides[loop] = all;
        all *= counts[loop];
      }
    }
    byte[] content = new byte[Math.toIntExact(all)];
    random.nextBytes(content);
    return new Address(Buffer.constant(name, content), 0, strides);
  }

  private static VectorNest lanes(Random random, TataaConfig config, int[] counts, Address block) {
    List<Integer> order = shuffled(random, counts.length);
    List<Integer> loops = new ArrayList<>(order.stream().map(loop -> counts[loop]).toList());
    List<Long> strides =
        new ArrayList<>(order.stream().map(loop -> block.strides()[loop]).toList());
    if (random.nextInt(4) == 0) {
      int once = random.nextInt(loops.size() + 1);
      loops.add(once, 1);
      strides.add(once, (long) config.memory().portBytes());
    }
    RandomBody body = new RandomBody(random, config, loops);
    int vectors = FusedNest.vectors(config);
    int bytes = config.geometry().vectorBytes();
    // Now and then a load across two vectors, which no slot holds.
    boolean isWoven = random.nextInt(10) == 0;
    for (int vector : shuffled(random, vectors)) {
      if (random.nextInt(5) > 0) {
        long base = (long) vector * bytes;
        base += isWoven && vector + 1 < vectors ? config.memory().portBytes() : 0;
        body.load(
            new Address(
                block.buffer(), base, strides.stream().mapToLong(Long::longValue).toArray()));
      }
      for (int i = random.nextInt(4); i > 0; i--) {
        if (random.nextInt(4) == 0) {
          body.load();
        } else if (body.hasValues()) {
          body.operate();
        }
      }
    }
    body.load();
    for (int store = random.nextInt(3); store >= 0; store--) {
      body.store(store);
    }
    return body.nest();
  }
}
