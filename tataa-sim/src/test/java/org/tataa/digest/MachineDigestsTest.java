package org.tataa.digest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tataa.config.HbmConfig;
import org.tataa.config.HbmTiming;
import org.tataa.config.MemoryConfig;
import org.tataa.config.TataaConfig;
import org.tataa.sim.Engine;
import org.tataa.sim.HostOptions;
import org.tataa.sim.UnusualMachine;

/**
 * What random programs do on machines unlike the presets, as {@link DigestSuiteTest} has it for
 * those: cycles, memory, counters and events are those of machine-digests.txt. A line that changes
 * belongs to the changelog.
 */
class MachineDigestsTest {
  // Few channels with frequent refresh and small rows, so that everything happens.
  private static final HbmTiming BUSY = new HbmTiming(40, 7, 7, 15, 3, 8, 2, 3, 10, 6, 8, 400, 117);
  private static final HbmConfig SMALL =
      new HbmConfig(2, 64, false, 1, 2, 2, 64, 8, 4, 450_000_000L, BUSY);

  private static Map<String, TataaConfig> machines() {
    TataaConfig tiny = TataaConfig.tiny();
    TataaConfig u280 = TataaConfig.u280();
    Map<String, TataaConfig> machines = new LinkedHashMap<>();
    machines.put("wide", with(tiny, tiny.memory().withVectorLoadBeats(8)));
    machines.put("unpacked", UnusualMachine.of(3, 8, 1));
    machines.put("odd", UnusualMachine.of(5, 4, 2));
    machines.put("small-channels", with(tiny, tiny.memory().withHbm(SMALL)));
    machines.put(
        "wide-turns", with(tiny, tiny.memory().withVectorLoadBeats(8).withHbm(SMALL.withTurns(3))));
    machines.put("u280-channels", with(u280, u280.memory().withHbm(HbmConfig.U280)));
    machines.put("shared-channels", with(tiny, tiny.memory().withHbm(SMALL.withShared(true))));
    return machines;
  }

  private static TataaConfig with(TataaConfig config, MemoryConfig memory) {
    return config.withMemory(memory);
  }

  @Test
  void programsAreTheRecordedOnes() throws IOException {
    HostOptions host = new HostOptions(Engine.FAST_FORWARD, 1);
    List<String> lines = new ArrayList<>();
    machines()
        .forEach(
            (name, machine) -> {
              int programs = name.startsWith("u280") ? 2 : 8;
              JobDigest digest = ProgramDigests.random(name, host, machine, 500, programs);
              lines.add(digest.toString().replaceFirst("registers [0-9a-f]{16} +", ""));
            });
    try (InputStream stream =
        MachineDigestsTest.class.getResourceAsStream("/machine-digests.txt")) {
      String recorded = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(lines).isEqualTo(recorded.lines().toList());
    }
  }
}
