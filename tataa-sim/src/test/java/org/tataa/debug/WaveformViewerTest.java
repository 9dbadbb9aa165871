package org.tataa.debug;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tataa.config.TataaConfig;
import org.tataa.isa.ProgramBuilder;
import org.tataa.isa.StoreMode;
import org.tataa.memory.ExternalMemory;
import org.tataa.sim.Simulator;

/** GTKWave's tools read our waveforms and give the same values back. */
@Tag("viewers")
class WaveformViewerTest {
  private static final TataaConfig TINY = TataaConfig.tiny().withCores(1);

  @TempDir Path directory;

  private static Simulator start() {
    ProgramBuilder program = new ProgramBuilder();
    for (int i = 0; i < 400; i++) {
      program
          .loadMX(i % 2, 8, 64L * (i % 7), 64)
          .loadMY(i % 2, 8, 64L * (i % 5), 64)
          .matmul(i % 2, i % 2, 8, true, true)
          .configScale(1 + i % 200, 8)
          .store(StoreMode.ACC_TO_INT8, i % 3 == 0, 8, 0x600, 64);
    }
    Simulator simulator = Simulator.builder(TINY).program(program.halt().build()).build();
    byte[] bytes = new byte[0x600];
    new Random(7).nextBytes(bytes);
    simulator.memory(0).write(ExternalMemory.Space.X, 0, bytes);
    simulator.memory(0).write(ExternalMemory.Space.YZ, 0, bytes);
    return simulator;
  }

  @Test
  void gtkWaveReadsTheSameValues() throws IOException, InterruptedException {
    List<Signal> signals = new Signals(TINY).all();
    Path vcd = directory.resolve("waves.vcd");
    Simulator simulator = start();
    try (Writer file = Files.newBufferedWriter(vcd)) {
      VcdWriter writer = new VcdWriter(file, "core0", signals);
      writer.sample(simulator.core(0));
      while (!simulator.isFinished()) {
        simulator.step();
        writer.sample(simulator.core(0));
      }
      writer.finish(simulator.cycle());
    }
    assertThat(simulator.cycle()).isGreaterThan(20_000);
    Path fst = directory.resolve("waves.fst");
    Path back = directory.resolve("back.vcd");
    assertThat(run("vcd2fst", vcd.toString(), fst.toString())).isZero();
    assertThat(run("fst2vcd", "-f", fst.toString(), "-o", back.toString())).isZero();
    VcdCheck.check(Files.readString(back), signals, start());
  }

  private int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("log").toFile())
        .start()
        .waitFor();
  }
}
