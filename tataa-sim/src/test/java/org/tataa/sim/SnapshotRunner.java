package org.tataa.sim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Program;
import org.tataa.isa.ProgramBuilder;
import org.tataa.isa.StoreMode;
import org.tataa.memory.ExternalMemory;
import org.tataa.reference.EventLog;
import org.tataa.state.ScanList;

/** What another virtual machine does with snapshots. */
final class SnapshotRunner {
  private SnapshotRunner() {}

  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[1]);
    if (arguments[0].equals("finish")) {
      try (Stream<Path> files = Files.list(file)) {
        for (Path snapshot : files.sorted().toList()) {
          Simulator restored = Snapshot.read(snapshot);
          String seed = String.valueOf(snapshot.getFileName()).replace(".snapshot", "");
          String at = "seed " + seed + ", cycle " + restored.cycle() + ": ";
          System.out.println(at + finish(restored));
        }
      }
      return;
    }
    Simulator simulator = endless();
    while (true) {
      simulator.step(1 + simulator.cycle() % 97);
      Snapshot.write(simulator, file);
    }
  }

  /** Continues to the end; everything that happens on the way in one line. */
  static String finish(Simulator simulator) {
    EventLog log = new EventLog();
    simulator.core(0).observe(log);
    simulator.run();
    ScanList end = new ScanList();
    simulator.scan(end);
    return log.events().size()
        + " events "
        + log.events().hashCode()
        + ", registers "
        + end.hashCode()
        + ", memory "
        + simulator.memory(0).contentHash()
        + ", cycle "
        + simulator.cycle();
  }

  /** A run of a million cycles. */
  static Simulator endless() {
    TataaConfig tiny = TataaConfig.tiny().withCores(1);
    ProgramBuilder program = new ProgramBuilder();
    for (int i = 0; i < 10_000; i++) {
      program
          .loadMX(i % 2, 8, 64L * (i % 7), 64)
          .loadMY(i % 2, 8, 64L * (i % 5), 64)
          .matmul(i % 2, i % 2, 8, true, true)
          .configScale(1 + i % 200, 8)
          .store(StoreMode.ACC_TO_INT8, i % 3 == 0, 8, 0x600, 64);
    }
    Program done = program.halt().build();
    Simulator simulator = Simulator.builder(tiny).program(done).build();
    byte[] bytes = new byte[0x600];
    new Random(7).nextBytes(bytes);
    simulator.memory(0).write(ExternalMemory.Space.X, 0, bytes);
    simulator.memory(0).write(ExternalMemory.Space.YZ, 0, bytes);
    return simulator;
  }
}
