package org.tataa.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.BufferConfig;
import org.tataa.config.HbmConfig;
import org.tataa.config.IsaProfile;
import org.tataa.config.MemoryConfig;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;

/**
 * One thing that is different about a machine.
 *
 * @param name short name, of small letters, digits and dashes
 * @param text what is changed
 * @param change the machine with it
 */
public record Change(String name, String text, UnaryOperator<TataaConfig> change) {
  /** Nothing is different. */
  public static final Change NONE = new Change("base", "nothing", config -> config);

  private static final List<Change> ALL = new ArrayList<>();

  /** Changes that give a machine more of something and less of nothing. */
  private static final Set<String> MORE =
      Set.of(
          "overlapped-drain",
          "pipelined-mode",
          "drain-and-mode",
          "result-path",
          "memory-latency-16",
          "queue-8",
          "vector-loads-8",
          "vector-loads-16",
          "vector-loads-32",
          "slots-64",
          "slots-128",
          "tiles-1024",
          "dmb-64",
          "dmb-128",
          "output-fifo-256",
          "cores-16");

  static {
    add("overlapped-drain", "partial sums double buffered", c -> c.withOverlappedDrain(true));
    add("pipelined-mode", "operation type travels with the data", c -> c.withPipelinedMode(true));
    add(
        "drain-and-mode",
        "both of these",
        c -> c.withOverlappedDrain(true).withPipelinedMode(true));
    add("result-path", "path from dual-mode buffers to vector slots", c -> c.withResultPath(true));
    memory(
        "shared-yz-port", "writes take read cycles of the YZ port", m -> m.withSharedYzPort(true));
    for (int latency : new int[] {16, 64, 128, 256}) {
      memory(
          "memory-latency-" + latency,
          "memory latency of " + latency + " cycles",
          m -> m.withLatencyCycles(latency));
    }
    memory("half-bandwidth", "a beat of a read every second cycle", m -> m.withBeatInterval(2));
    memory("queue-8", "queues of 8 commands a port", m -> m.withQueueDepth(8));
    memory(
        "hbm",
        "memory of 4 HBM2 pseudo-channels a core",
        m -> m.withBeatInterval(1).withSharedYzPort(false).withHbm(HbmConfig.U280));
    memory(
        "hbm-1-channel",
        "memory of one HBM2 pseudo-channel a core",
        m -> m.withBeatInterval(1).withSharedYzPort(false).withHbm(HbmConfig.U280.withChannels(1)));
    memory(
        "hbm-4-for-8",
        "4 HBM2 pseudo-channels for 8 cores in turns",
        m -> m.withBeatInterval(1).withSharedYzPort(false).withHbm(HbmConfig.U280.withTurns(8)));
    for (int beats : new int[] {8, 16, 32}) {
      memory(
          "vector-loads-" + beats,
          "vector loads of " + beats + " beats a cycle",
          m -> m.withVectorLoadBeats(beats));
    }
    for (int slots : new int[] {16, 24, 64, 128}) {
      buffers("slots-" + slots, slots + " vector slots a bank", b -> b.withVectorSlots(slots));
    }
    for (int depth : new int[] {128, 256, 1024}) {
      buffers("tiles-" + depth, "tiles of " + depth + " words", b -> b.withTileDepth(depth));
    }
    for (int depth : new int[] {16, 64, 128}) {
      buffers(
          "dmb-" + depth, "dual-mode buffers of " + depth + " words", b -> b.withDmbDepth(depth));
    }
    buffers("output-fifo-256", "output FIFO of 256 beats", b -> b.withOutputFifoBeats(256));
    for (int cores : new int[] {2, 4, 16}) {
      add("cores-" + cores, cores + " cores", c -> c.withCores(cores));
    }
    add(
        "array-16x16",
        "arrays of 16 x 16 PEs on 16 cores, ports of 16 bytes",
        c -> shaped(c, new ArrayGeometry(4, 16, 2), 16, 16));
    add(
        "array-64x32",
        "arrays of 64 x 32 PEs on 2 cores, ports of 64 bytes",
        c -> shaped(c, new ArrayGeometry(16, 32, 2), 2, 64));
    for (AccumulatorKind kind :
        new AccumulatorKind[] {AccumulatorKind.PACKED_INT16, AccumulatorKind.INT32}) {
      profiles(
          kind == AccumulatorKind.INT32 ? "int32-sums" : "int16-sums",
          "accumulator " + kind,
          p -> p.withAccumulator(kind));
    }
    profiles("published-isa", "instruction set PUBLISHED", p -> p.withIsa(IsaProfile.PUBLISHED));
  }

  /** Whether it gives the u280 preset more of a resource and less of none. */
  public boolean isMore() {
    return MORE.contains(name);
  }

  private static void add(String name, String text, UnaryOperator<TataaConfig> change) {
    ALL.add(new Change(name, text, change));
  }

  private static void memory(String name, String text, UnaryOperator<MemoryConfig> change) {
    add(name, text, c -> c.withMemory(change.apply(c.memory())));
  }

  private static void buffers(String name, String text, UnaryOperator<BufferConfig> change) {
    add(name, text, c -> c.withBuffers(change.apply(c.buffers())));
  }

  private static void profiles(String name, String text, UnaryOperator<Profiles> change) {
    add(name, text, c -> c.withProfiles(change.apply(c.profiles())));
  }

  // The latencies of a shape differ from those of the released one in the skew only.
  private static TataaConfig shaped(
      TataaConfig base, ArrayGeometry geometry, int cores, int portBytes) {
    return new TataaConfig(
        base.name(),
        cores,
        geometry,
        base.buffers(),
        base.memory().withPortBytes(portBytes),
        TimingConfig.released(geometry),
        base.profiles(),
        base.clockHz(),
        base.pipelinedMode(),
        base.overlappedDrain(),
        base.resultPath());
  }

  /** All changes there are, in the order of reports. */
  public static List<Change> all() {
    return List.copyOf(ALL);
  }

  /** Names of all changes. */
  public static List<String> names() {
    return ALL.stream().map(Change::name).toList();
  }

  /**
   * A change by name.
   *
   * @throws IllegalArgumentException if there is none, listing those there are
   */
  public static Change of(String name) {
    return ALL.stream()
        .filter(change -> change.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no change " + name + ", expected one of " + String.join(", ", names())));
  }
}
