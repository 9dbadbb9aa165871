package org.tataa.tile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.config.ArrayGeometry;

/**
 * Checks what cores that share a memory rely on: between two barriers no core reads or writes bytes
 * that another core writes.
 */
public final class PartitionVerifier {
  private record Access(Buffer buffer, ByteRanges ranges) {}

  private final ArrayGeometry geometry;
  private final IdentityHashMap<Buffer, @Nullable ByteSet[]> written = new IdentityHashMap<>();
  private final List<List<Access>> reads = new ArrayList<>();
  private final List<List<Access>> writes = new ArrayList<>();

  private PartitionVerifier(ArrayGeometry geometry, List<List<TileStep>> shares) {
    this.geometry = geometry;
    for (List<TileStep> share : shares) {
      List<Access> loaded = new ArrayList<>();
      List<Access> stored = new ArrayList<>();
      share.forEach(step -> accesses(step, loaded, stored));
      reads.add(loaded);
      writes.add(stored);
    }
  }

  /**
   * Refuses a partition in which cores meet.
   *
   * @throws TileException naming the step, the buffer and the bytes
   */
  public static void check(TileProgram program, Partition partition) {
    if (partition.steps().size() != program.steps().size()) {
      throw new TileException(
          "partition of "
              + partition.steps().size()
              + " steps, expected "
              + program.steps().size()
              + " of "
              + program.name());
    }
    for (int i = 0; i < partition.steps().size(); i++) {
      check(program, i, partition.cores(), partition.steps().get(i).shares());
    }
  }

  /**
   * Refuses shares of one step that are more than cores, or in which cores meet.
   *
   * @throws TileException as for a partition
   */
  public static void check(TileProgram program, int step, int cores, List<List<TileStep>> shares) {
    if (shares.size() > cores) {
      throw new TileException(
          "step " + step + ": " + shares.size() + " shares on " + cores + " cores");
    }
    String problem = problem(program.config().geometry(), shares);
    if (problem != null) {
      Work work = program.steps().get(step).work();
      throw new TileException(
          "step " + step + ", " + work.kind() + " " + work.value() + ": " + problem);
    }
  }

  /**
   * What is wrong with the shares of a step.
   *
   * @param shares for each core its nests
   * @return cores, buffer and bytes; null if nothing is
   */
  public static @Nullable String problem(ArrayGeometry geometry, List<List<TileStep>> shares) {
    return shares.size() < 2 ? null : new PartitionVerifier(geometry, shares).problem();
  }

  private @Nullable String problem() {
    for (int core = 0; core < writes.size(); core++) {
      for (Access write : writes.get(core)) {
        String problem = other(core, "writes", write);
        if (problem != null) {
          return problem;
        }
        @Nullable ByteSet[] sets =
            written.computeIfAbsent(write.buffer(), buffer -> new ByteSet[writes.size()]);
        ByteSet own = sets[core];
        ByteSet set = own == null ? new ByteSet((int) write.buffer().bytes()) : own;
        sets[core] = set;
        write
            .ranges()
            .visit(
                (from, to) -> {
                  set.add(from, to);
                  return true;
                });
      }
    }
    for (int core = 0; core < reads.size(); core++) {
      for (Access read : reads.get(core)) {
        String problem = other(core, "reads", read);
        if (problem != null) {
          return problem;
        }
      }
    }
    return null;
  }

  // Where an access meets what another core writes.
  private @Nullable String other(int core, String does, Access access) {
    @Nullable ByteSet[] sets = written.get(access.buffer());
    for (int writer = 0; sets != null && writer < sets.length; writer++) {
      ByteSet set = sets[writer];
      if (writer == core || set == null) {
        continue;
      }
      int[] met = {-1, -1};
      access
          .ranges()
          .visit(
              (from, to) -> {
                met[0] = set.firstIn(from, to);
                int end = met[0] < 0 ? -1 : set.firstNotIn(met[0], to);
                met[1] = end < 0 ? to : end;
                return met[0] < 0;
              });
      if (met[0] >= 0) {
        return String.format(
            "core %d %s bytes %d to %d of %s, which core %d writes",
            core, does, met[0], met[1] - 1, access.buffer(), writer);
      }
    }
    return null;
  }

  private void accesses(TileStep step, List<Access> loaded, List<Access> stored) {
    if (step instanceof MatMulNest nest) {
      int[] loops = nest.loops().stream().mapToInt(Integer::intValue).toArray();
      long depth = nest.depth();
      add(
          loaded,
          segments(nest.x(), nest.xSegment()),
          loops,
          nest.segments(),
          depth * geometry.rows());
      add(
          loaded,
          segments(nest.y(), nest.ySegment()),
          loops,
          nest.segments(),
          depth * geometry.outputs());
      add(
          stored,
          nest.target(),
          loops,
          0,
          (long) geometry.rows() * nest.mode().wordBytes(geometry));
    } else if (step instanceof VectorNest nest) {
      int[] loops = nest.loops().stream().mapToInt(Integer::intValue).toArray();
      for (VectorStep body : nest.body()) {
        if (body instanceof VectorStep.Load load) {
          add(loaded, load.from(), loops, 0, geometry.vectorBytes());
        } else if (body instanceof VectorStep.Store store) {
          add(stored, store.to(), loops, 0, store.bytes(geometry));
        }
      }
    }
  }

  private static Address segments(Address address, long segment) {
    long[] strides = Arrays.copyOf(address.strides(), address.strides().length + 1);
    strides[strides.length - 1] = segment;
    return new Address(address.buffer(), address.base(), strides);
  }

  private static void add(
      List<Access> list, Address address, int[] loops, int segments, long bytes) {
    if (address.buffer().isConstant()) {
      return;
    }
    int[] counts = loops;
    if (segments > 0) {
      counts = Arrays.copyOf(loops, loops.length + 1);
      counts[loops.length] = segments;
    }
    list.add(new Access(address.buffer(), ByteRanges.of(address, counts, bytes)));
  }
}
