package org.tataa.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.ArithmeticProfile;
import org.tataa.config.HazardPolicy;
import org.tataa.config.HbmConfig;
import org.tataa.config.IsaProfile;
import org.tataa.config.MemoryConfig;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import picocli.CommandLine.Option;

/** Options that describe the simulated machine, shared by several commands. */
final class MachineOptions {
  @Option(
      names = "--preset",
      paramLabel = "NAME",
      defaultValue = "u280",
      description = "Machine: u280 or tiny (default: ${DEFAULT-VALUE}).")
  private String preset = "u280";

  @Option(names = "--cores", paramLabel = "N", description = "Number of cores.")
  private @Nullable Integer cores;

  @Option(
      names = "--arithmetic",
      defaultValue = "CORRECTED",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private ArithmeticProfile arithmetic = ArithmeticProfile.CORRECTED;

  @Option(
      names = "--accumulator",
      description =
          "${COMPLETION-CANDIDATES} (default: PACKED_FULL; PACKED_INT16 with RELEASED_RTL).")
  private @Nullable AccumulatorKind accumulator;

  @Option(
      names = "--isa",
      defaultValue = "EXTENDED",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private IsaProfile isa = IsaProfile.EXTENDED;

  @Option(
      names = "--hazards",
      defaultValue = "STALL",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private HazardPolicy hazards = HazardPolicy.STALL;

  @Option(
      names = "--memory-latency",
      paramLabel = "CYCLES",
      description = "External memory latency (default: 32).")
  private @Nullable Integer memoryLatency;

  @Option(
      names = "--memory-bytes",
      paramLabel = "BYTES",
      description = "External memory of a core (default: that of the preset).")
  private @Nullable Integer memoryBytes;

  @Option(
      names = "--separate-memory",
      description = "Give the X and the YZ space a memory of their own instead of a shared one.")
  private boolean separateMemory;

  @Option(
      names = "--shared-yz-port",
      description = "Let reads and writes of the YZ port share its bandwidth.")
  private boolean sharedYzPort;

  @Option(
      names = "--vector-load-beats",
      paramLabel = "BEATS",
      description = "Study: beats of a vector load that arrive in a cycle, 1 to 32 (default: 1).")
  private @Nullable Integer vectorLoadBeats;

  @Option(
      names = "--hbm",
      paramLabel = "CHANNELS",
      arity = "0..1",
      fallbackValue = "4",
      preprocessor = OptionalCount.class,
      description =
          "Memory of so many HBM2 pseudo-channels with rows, banks and refresh, for each core"
              + " (default: ${FALLBACK-VALUE}), instead of a fixed latency.")
  private @Nullable Integer hbm;

  @Option(
      names = "--hbm-shared",
      description = "Cores that run one item are on the same pseudo-channels.")
  private boolean hbmShared;

  @Option(
      names = "--hbm-turns",
      paramLabel = "N",
      description = "Others have the pseudo-channels in all but every N-th cycle (default: 1).")
  private @Nullable Integer hbmTurns;

  @Option(
      names = "--pipelined-mode",
      description = "Study: changes between vector operation types cost nothing.")
  private boolean pipelinedMode;

  @Option(
      names = "--overlapped-drain",
      description = "Study: partial sums are double buffered, MATMULs follow without a gap.")
  private boolean overlappedDrain;

  @Option(
      names = "--result-path",
      description = "Study: STORE.S takes words of the dual-mode buffers to vector slots.")
  private boolean resultPath;

  /** The machine. */
  TataaConfig config() {
    TataaConfig config = TataaConfig.preset(preset);
    if (cores != null) {
      config = config.withCores(cores);
    }
    AccumulatorKind kind = accumulator;
    if (kind == null) {
      kind =
          arithmetic == ArithmeticProfile.RELEASED_RTL
              ? AccumulatorKind.PACKED_INT16
              : AccumulatorKind.PACKED_FULL;
    }
    return config
        .withProfiles(new Profiles(arithmetic, kind, isa, hazards))
        .withMemory(memory(config.memory()))
        .withPipelinedMode(pipelinedMode)
        .withOverlappedDrain(overlappedDrain)
        .withResultPath(resultPath);
  }

  private MemoryConfig memory(MemoryConfig base) {
    int bytes = memoryBytes == null ? base.xBytes() : memoryBytes;
    MemoryConfig memory =
        separateMemory ? MemoryConfig.separate(bytes, bytes) : MemoryConfig.unified(bytes);
    memory = memory.withPortBytes(base.portBytes()).withSharedYzPort(sharedYzPort);
    memory = memory.withHbm(channels());
    if (vectorLoadBeats != null) {
      memory = memory.withVectorLoadBeats(vectorLoadBeats);
    }
    return memoryLatency == null ? memory : memory.withLatencyCycles(memoryLatency);
  }

  private @Nullable HbmConfig channels() {
    if (hbm == null) {
      if (hbmShared || hbmTurns != null) {
        throw new InputException("--hbm-shared and --hbm-turns need --hbm");
      }
      return null;
    }
    HbmConfig channels = HbmConfig.U280.withChannels(hbm).withShared(hbmShared);
    return hbmTurns == null ? channels : channels.withTurns(hbmTurns);
  }

  private static String line(MemoryConfig memory) {
    HbmConfig hbm = memory.hbm();
    String latency =
        memory.latencyCycles() == MemoryConfig.U280.latencyCycles()
            ? ""
            : String.format(
                hbm == null
                    ? ", memory latency %d cycles"
                    : ", schedules for a memory latency of %d cycles",
                memory.latencyCycles());
    String channels =
        hbm == null
            ? ""
            : String.format(
                ", memory of %d HBM2 pseudo-channels%s%s",
                hbm.channels(),
                hbm.isShared() ? " for all cores of an item" : " a core",
                hbm.turns() == 1 ? "" : ", one cycle in " + hbm.turns());
    String loads =
        memory.vectorLoadBeats() > 1
            ? ", vector loads of " + memory.vectorLoadBeats() + " beats a cycle (study)"
            : "";
    return loads + channels + latency + (memory.sharedYzPort() ? ", shared YZ port" : "");
  }

  /** The choices every report prints. */
  static Map<String, Object> describe(TataaConfig config) {
    Map<String, Object> machine = new LinkedHashMap<>();
    machine.put("preset", config.name());
    machine.put("cores", config.cores());
    machine.put("clockHz", config.clockHz());
    machine.put("arithmetic", config.profiles().arithmetic().name());
    machine.put("accumulator", config.profiles().accumulator().name());
    machine.put("isa", config.profiles().isa().name());
    machine.put("hazards", config.profiles().hazards().name());
    machine.put("pipelinedMode", config.pipelinedMode());
    machine.put("overlappedDrain", config.overlappedDrain());
    machine.put("resultPath", config.resultPath());
    machine.put("memoryLatencyCycles", config.memory().latencyCycles());
    machine.put("sharedYzPort", config.memory().sharedYzPort());
    machine.put("vectorLoadBeats", config.memory().vectorLoadBeats());
    HbmConfig hbm = config.memory().hbm();
    machine.put("pseudoChannels", hbm == null ? 0 : hbm.channels());
    machine.put("channelsAreShared", hbm != null && hbm.isShared());
    machine.put("channelTurns", hbm == null ? 1 : hbm.turns());
    return machine;
  }

  /** The choices every report prints, as one line. */
  static String line(TataaConfig config) {
    Profiles profiles = config.profiles();
    return String.format(
        "machine %s: %d cores, %.0f MHz; arithmetic %s, accumulator %s%s, ISA %s, hazards %s%s%s%s%s",
        config.name(),
        config.cores(),
        config.clockHz() / 1e6,
        profiles.arithmetic(),
        profiles.accumulator(),
        profiles.accumulator() == AccumulatorKind.INT32 ? " (an idealisation)" : "",
        profiles.isa(),
        profiles.hazards(),
        config.pipelinedMode() ? ", pipelined mode (study)" : "",
        config.overlappedDrain() ? ", overlapped drain (study)" : "",
        config.resultPath() ? ", result path (study)" : "",
        line(config.memory()));
  }
}
