package org.tataa.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tataa.config.BufferConfig;
import org.tataa.config.HbmConfig;
import org.tataa.config.TataaConfig;
import org.tataa.isa.Instruction;
import org.tataa.isa.Program;
import org.tataa.memory.ExternalMemory;
import org.tataa.reference.RandomPrograms;
import org.tataa.state.ScanList;
import org.tataa.state.ScanOut;

/** A restored run is the run. */
class SnapshotTest {
  @TempDir Path directory;

  private static Simulator random(TataaConfig base, long seed) {
    return random(base, seed, Engine.FAST_FORWARD);
  }

  private static Simulator random(TataaConfig base, long seed, Engine engine) {
    Random random = new Random(seed);
    TataaConfig config = RandomPrograms.machine(random, base);
    List<Instruction> program = RandomPrograms.generate(random, config, 1 + random.nextInt(80));
    Simulator simulator =
        Simulator.builder(config).program(Program.of(program)).engine(engine).build();
    byte[] bytes = new byte[config.memory().xBytes()];
    random.nextBytes(bytes);
    simulator.memory(0).write(ExternalMemory.Space.X, 0, bytes);
    return simulator;
  }

  private static byte[] registers(Simulator simulator) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    simulator.scan(new ScanOut(bytes));
    return bytes.toByteArray();
  }

  private static String difference(Simulator a, Simulator b) {
    ScanList first = new ScanList();
    ScanList second = new ScanList();
    a.scan(first);
    b.scan(second);
    return first.difference(second);
  }

  private void check(TataaConfig base, long firstSeed, int runs) throws IOException {
    for (long seed = firstSeed; seed < firstSeed + runs; seed++) {
      Random random = new Random(seed);
      Path file = directory.resolve("run.snapshot");
      long cycles = random(base, seed).run().cycles();
      Engine saving = Engine.values()[random.nextInt(3)];
      Engine goingOn = Engine.values()[random.nextInt(3)];
      Simulator simulator = random(base, seed, saving);
      long at = (long) (random.nextDouble() * cycles);
      simulator.step(at);
      byte[] before = registers(simulator);
      Snapshot.write(simulator, file);
      Simulator restored = Snapshot.read(file, config -> goingOn);
      String name = saving + " to " + goingOn + ", seed " + seed + ", cycle " + simulator.cycle();
      checkOthersSaveTheSame(base, seed, at, file, name);
      assertThat(registers(simulator)).as(name + ", saving").isEqualTo(before);
      assertThat(difference(simulator, restored)).as(name + ", restored").isEmpty();
      assertThat(restored.memory(0).contentHash()).isEqualTo(simulator.memory(0).contentHash());
      long pause = random.nextInt(60);
      simulator.step(pause);
      restored.step(pause);
      assertThat(difference(simulator, restored)).as(name + ", " + pause + " later").isEmpty();
      assertThat(SnapshotRunner.finish(restored))
          .as(name)
          .isEqualTo(SnapshotRunner.finish(simulator));
    }
  }

  private void checkOthersSaveTheSame(
      TataaConfig base, long seed, long cycles, Path file, String name) throws IOException {
    for (Engine engine : Engine.values()) {
      Simulator other = random(base, seed, engine);
      other.step(cycles);
      Path others = directory.resolve("other.snapshot");
      Snapshot.write(other, others);
      assertThat(others).as(name + ", " + engine).hasSameBinaryContentAs(file);
    }
  }

  @Test
  void randomProgramsAtRandomCycles() throws IOException {
    check(TataaConfig.tiny(), 40_000, 120);
    check(TataaConfig.u280(), 41_000, 15);
  }

  /** With loads and writes under way in pseudo-channels. */
  @Test
  void pseudoChannels() throws IOException {
    TataaConfig tiny = TataaConfig.tiny();
    HbmConfig hbm = HbmConfig.U280.withChannels(2).withInterleaveBytes(64);
    check(
        tiny.withMemory(tiny.memory().withVectorLoadBeats(4).withHbm(hbm.withShared(true))),
        47_000,
        30);
  }

  /** With slots and depths that the released words cannot say. */
  @Test
  void wideEncoding() throws IOException {
    TataaConfig tiny = TataaConfig.tiny();
    check(tiny.withBuffers(new BufferConfig(700, 200, 8, 8, 16)), 48_000, 30);
  }

  /** With words on their way to vector slots. */
  @Test
  void resultPath() throws IOException {
    check(TataaConfig.tiny().withResultPath(true), 49_000, 120);
    check(TataaConfig.u280().withResultPath(true), 50_000, 15);
  }

  @Tag("heavy")
  @Test
  void manyMore() throws IOException {
    check(TataaConfig.tiny(), 42_000, 3000);
    check(TataaConfig.u280(), 46_000, 200);
  }

  @Test
  void severalCores() throws IOException {
    Simulator simulator = Simulator.builder(TataaConfig.tiny().withCores(3)).build();
    Program first = random(TataaConfig.tiny(), 5).core(0).controller().program();
    Program other = random(TataaConfig.tiny(), 6).core(0).controller().program();
    assertThat(first.size()).isNotEqualTo(other.size());
    simulator.load(List.of(first, other, first));
    simulator.step(20);
    Path file = directory.resolve("cores.snapshot");
    Snapshot.write(simulator, file);
    Simulator restored = Snapshot.read(file);
    assertThat(restored.run().total().cycles()).isEqualTo(simulator.run().total().cycles());
    assertThat(difference(simulator, restored)).isEmpty();
  }

  private static ProcessBuilder virtualMachine(String what, Path file) {
    String classes =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        classes,
        SnapshotRunner.class.getName(),
        what,
        file.toString());
  }

  // One other machine for all of them: starting it is what takes time.
  private void checkElsewhere(TataaConfig base, long firstSeed, int runs)
      throws IOException, InterruptedException {
    Path saved = Files.createDirectory(directory.resolve("saved" + firstSeed));
    List<String> expected = new ArrayList<>();
    for (long seed = firstSeed; seed < firstSeed + runs; seed++) {
      long cycles = random(base, seed).run().cycles();
      Simulator simulator = random(base, seed);
      simulator.step((long) (new Random(seed).nextDouble() * cycles));
      Snapshot.write(simulator, saved.resolve(seed + ".snapshot"));
      String at = "seed " + seed + ", cycle " + simulator.cycle() + ": ";
      expected.add(at + SnapshotRunner.finish(simulator));
    }
    Process other = virtualMachine("finish", saved).redirectErrorStream(true).start();
    String text = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(other.waitFor()).as(text).isZero();
    assertThat(text.lines()).containsExactlyElementsOf(expected);
  }

  @Test
  void anotherVirtualMachineContinues() throws IOException, InterruptedException {
    checkElsewhere(TataaConfig.tiny(), 47_000, 60);
    checkElsewhere(TataaConfig.u280(), 47_500, 4);
  }

  @Tag("heavy")
  @Test
  void anotherVirtualMachineContinuesManyMore() throws IOException, InterruptedException {
    checkElsewhere(TataaConfig.tiny(), 48_000, 1000);
    checkElsewhere(TataaConfig.u280(), 49_000, 40);
  }

  @Test
  void killedWhileWriting() throws IOException, InterruptedException {
    Random random = new Random(3);
    for (int i = 0; i < 5; i++) {
      Path file = directory.resolve("killed" + i + ".snapshot");
      Process writer =
          virtualMachine("write", file)
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("log").toFile())
              .start();
      while (writer.isAlive() && !Files.exists(file)) {
        Thread.sleep(5);
      }
      Thread.sleep(random.nextInt(150));
      assertThat(writer.isAlive()).as(Files.readString(directory.resolve("log"))).isTrue();
      writer.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
      Simulator restored = Snapshot.read(file);
      Simulator same = SnapshotRunner.endless();
      same.step(restored.cycle());
      assertThat(difference(same, restored)).isEmpty();
      assertThat(restored.memory(0).contentHash()).isEqualTo(same.memory(0).contentHash());
    }
  }

  @Test
  void damagedOrForeignFilesAreRefused() throws IOException {
    Path file = directory.resolve("run.snapshot");
    Simulator simulator = random(TataaConfig.tiny(), 8);
    simulator.step(30);
    Snapshot.write(simulator, file);
    byte[] good = Files.readAllBytes(file);
    Random random = new Random(9);
    for (int i = 0; i < 300; i++) {
      byte[] bad = good.clone();
      int at = i < 60 ? i : random.nextInt(bad.length);
      bad[at] ^= (byte) (1 << random.nextInt(8));
      refused(bad, i < 8 ? "is not a tataa snapshot" : i < 12 ? "version" : "damaged");
    }
    for (int length : new int[] {0, 7, 8, 11, 40, 43, 44, 45, good.length / 2, good.length - 1}) {
      refused(Arrays.copyOf(good, length), length < 8 ? "is not a tataa snapshot" : "damaged");
    }
    refused("# a text".getBytes(StandardCharsets.UTF_8), "is not a tataa snapshot");
    refused(Arrays.copyOf(good, good.length + 1), "damaged");
  }

  private void refused(byte[] content, String reason) throws IOException {
    Path file = directory.resolve("bad.snapshot");
    Files.write(file, content);
    assertThatThrownBy(() -> Snapshot.read(file))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("bad.snapshot")
        .hasMessageContaining(reason);
  }
}
