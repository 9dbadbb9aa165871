package org.tataa.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tataa.config.TataaConfig;

/** Rows of sweeps. */
class SweepTest {
  private static final EnergyTable TABLE = EnergyTable.of(EnergyTable.ASIC);

  // Five of eight are refused before anything is compiled: the test is about rows.
  private static final String SPEC =
      """
      models: [deit-tiny-2]
      batch: 8
      grid:
        cores: [8, 0, 4]
        memoryLatency: [32, 7]
      configurations:
        - {isa: "OTHER, \\"or another\\""}
        - {cores: 8, memoryLatency: 32, sharedYzPort: 1}
        - {cores: 8}
      """;

  @TempDir Path directory;

  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void nothingIsLostOrRepeatedWhenKilled() throws IOException {
    SweepSpec spec = SweepSpec.parse(SPEC);
    assertThat(spec.configurations()).hasSize(9);
    Path whole = directory.resolve("whole.csv");
    Sweep.Result uninterrupted = new Sweep(spec, TABLE).run(whole, 2, (done, of) -> {});
    // Nine configurations, one of which is another one in other words.
    assertThat(uninterrupted.rows()).hasSize(8);
    assertThat(uninterrupted.computed()).isEqualTo(8);

    Path file = directory.resolve("killed.csv");
    List<Integer> steps = new ArrayList<>();
    for (int last : new int[] {3, 5}) {
      assertThatThrownBy(
              () ->
                  new Sweep(spec, TABLE)
                      .run(
                          file,
                          1,
                          (done, of) -> {
                            steps.add(done);
                            if (done == last) {
                              throw new Killed();
                            }
                          }))
          .isInstanceOf(Killed.class);
      assertThat(file).doesNotExist();
      // Killed while it wrote a line.
      Path journal = directory.resolve("killed.csv.part");
      Files.writeString(journal, "0123456789abcdef,deit-ti", StandardOpenOption.APPEND);
    }
    Sweep.Result resumed = new Sweep(spec, TABLE).run(file, 1, (done, of) -> steps.add(done));
    assertThat(resumed.computed()).isEqualTo(3);
    assertThat(steps).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
    assertThat(Files.readAllBytes(file)).isEqualTo(Files.readAllBytes(whole));
    assertThat(directory.resolve("killed.csv.part")).doesNotExist();
    // Complete: nothing is left to do.
    assertThat(new Sweep(spec, TABLE).run(file, 1, (done, of) -> {}).computed()).isZero();
    checkRows(uninterrupted);
  }

  @Test
  void aResultPathIsAnotherMachine() {
    String text =
        "models: [deit-tiny-2]\nconfigurations: [{}, {resultPath: false}, {resultPath: true}]";
    assertThat(new SweepRows(SweepSpec.parse(text), TABLE).size()).isEqualTo(2);
    assertThat(Sweep.columns()).contains("resultPath");
  }

  private static void checkRows(Sweep.Result result) {
    List<Sweep.Row> simulated = result.rows().stream().filter(Sweep.Row::isSimulated).toList();
    assertThat(simulated).hasSize(2);
    Sweep.Row eight = simulated.get(0);
    Sweep.Row four = simulated.get(1);
    assertThat(Sweep.differences(eight)).isEqualTo("nothing");
    assertThat(Sweep.differences(four)).isEqualTo("cores=4");
    assertThat(four.number("device_cycles")).isEqualTo(2 * eight.number("device_cycles"));
    assertThat(eight.value("digest")).isNotEqualTo(four.value("digest"));
    // Four cores have fewer DSPs, eight are faster: neither is better at once.
    assertThat(Sweep.pareto(result.rows(), "deit-tiny-2")).containsExactlyElementsOf(simulated);
    List<String> refused =
        result.rows().stream().map(row -> row.value("refused")).filter(r -> !r.isEmpty()).toList();
    assertThat(refused)
        .hasSize(6)
        .anyMatch(reason -> reason.contains("latencyCycles=7"))
        .anyMatch(reason -> reason.contains("cores=0"))
        .anyMatch(
            reason ->
                reason.contains("isa=OTHER, \"or another\", expected one of [PUBLISHED, EXTENDED]"))
        .anyMatch(reason -> reason.contains("sharedYzPort=1, expected a value as false"));
  }

  @Test
  void buffersThatAreTooSmallAreNoNumbers() {
    SweepSpec spec =
        SweepSpec.parse(
            """
            models: [deit-tiny-2]
            configurations:
              - {dmbDepth: 4}
              - {vectorSlots: 0}
              - {tileDepth: 2}
              - {tileDepth: 16}
            """);
    Sweep.Result result =
        new Sweep(spec, TABLE).run(directory.resolve("small.csv"), 2, (done, of) -> {});
    assertThat(result.refused()).isEqualTo(4);
    String[] reasons = {
      "dual-mode buffers of 4 words are too small for a reduction; needed are 8",
      "vectorSlots=0 is outside",
      "tileDepth=2 is outside [4, 1024]",
      "vectorSlots=32 is outside [1, 16]"
    };
    for (int i = 0; i < reasons.length; i++) {
      Sweep.Row row = result.rows().get(i);
      assertThat(row.value("refused")).contains(reasons[i]);
      for (String column : List.of("device_cycles", "seconds", "dsps", "min_cosine")) {
        assertThat(row.value(column)).isEmpty();
      }
    }
    assertThat(Sweep.pareto(result.rows(), "deit-tiny-2")).isEmpty();
  }

  /** Vectors that do not fit few slots are spilled: that takes cycles. */
  @Test
  void fewVectorSlots() {
    SweepSpec spec =
        SweepSpec.parse(
            "models: [deit-tiny-2]\nconfigurations: [{vectorSlots: 2}, {vectorSlots: 32}]\n");
    Sweep.Result result =
        new Sweep(spec, TABLE).run(directory.resolve("slots.csv"), 2, (done, of) -> {});
    assertThat(result.refused()).isZero();
    long few = Long.parseLong(result.rows().get(0).value("device_cycles"));
    assertThat(few).isGreaterThan(Long.parseLong(result.rows().get(1).value("device_cycles")));
  }

  /** The layer of a sweep, with values: they do not change what is simulated. */
  @Tag("heavy")
  @Test
  void accuracyIfAsked() {
    String yaml = "models: [deit-s-layer]\nconfigurations: [{columns: 32}]\n";
    Sweep.Row[] rows = new Sweep.Row[2];
    for (int i = 0; i < 2; i++) {
      SweepSpec spec = SweepSpec.parse(yaml + "accuracy: " + (i == 1));
      Path file = directory.resolve("accuracy" + i + ".csv");
      rows[i] = new Sweep(spec, TABLE).run(file, 1, (done, of) -> {}).rows().get(0);
    }
    assertThat(rows[0].value("min_cosine")).isEmpty();
    assertThat(rows[1].number("min_cosine")).isBetween(0.999, 1.0);
    Map<String, String> known = new HashMap<>(rows[1].values());
    known.put("min_cosine", "");
    assertThat(known.put("digest", rows[0].value("digest"))).isNotEqualTo(rows[0].value("digest"));
    assertThat(known).isEqualTo(rows[0].values());
  }

  /** Machines that differ in cores and clock only are simulated once, and give what each gives. */
  @Test
  void groupsGiveWhatRowsGive() {
    SweepSpec spec =
        SweepSpec.parse(
            """
            models: [deit-tiny-2]
            batch: 8
            grid: {cores: [3, 8, 0], clockHz: [200000000, 225000000]}
            configurations:
              - {pseudoChannels: 8}
              - {pseudoChannels: 8, clockHz: 200000000}
            """);
    SweepRows rows = new SweepRows(spec, TABLE);
    List<Integer> all = IntStream.range(0, rows.size()).boxed().toList();
    // A memory with a clock of its own makes the cycles of a core depend on its clock.
    assertThat(rows.groups(all))
        .containsExactly(List.of(0, 1, 2, 3), List.of(4), List.of(5), List.of(6), List.of(7));
    Map<Integer, String> together = new HashMap<>();
    rows.groups(all).forEach(group -> rows.compute(group, together::put));
    for (int row : List.of(0, 3)) {
      rows.compute(List.of(row), (number, line) -> assertThat(line).isEqualTo(together.get(row)));
    }
    assertThat(together).hasSize(8);
  }

  @Test
  void othersMayComputeRows() throws IOException {
    SweepSpec spec =
        SweepSpec.parse("models: [deit-tiny-2]\ngrid: {cores: [0, 65], tileDepth: [1, 2]}");
    SweepRows elsewhere = new SweepRows(spec, EnergyTable.parse(TABLE.toJson()));
    Path here = directory.resolve("here.csv");
    new Sweep(spec, TABLE).run(here, 2, (done, of) -> {});
    // Last group first.
    Sweep.Workers workers =
        (groups, sink) -> {
          for (int i = groups.size() - 1; i >= 0; i--) {
            elsewhere.compute(groups.get(i), sink);
          }
        };
    Path there = directory.resolve("there.csv");
    new Sweep(spec, TABLE).run(there, workers, (done, of) -> {});
    assertThat(Files.readString(there)).isEqualTo(Files.readString(here));
    // One that has another table of energies is found out.
    SweepRows wrong = new SweepRows(spec, EnergyTable.of(EnergyTable.FPGA));
    Sweep.Workers mistaken = (groups, sink) -> wrong.compute(groups.get(2), sink);
    Sweep sweep = new Sweep(spec, TABLE);
    Path nowhere = directory.resolve("nowhere.csv");
    assertThatThrownBy(() -> sweep.run(nowhere, mistaken, (done, of) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a worker computed another sweep: " + wrong.digest(2));
    // One that leaves rows out, too.
    assertThatThrownBy(() -> sweep.run(nowhere, (groups, sink) -> {}, (done, of) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("4 rows were not computed");
    assertThat(nowhere).doesNotExist();
  }

  @Test
  void valuesMayHoldCommasAndQuotes() {
    List<String> values = List.of("a", "", "b,c", "say \"d\"", "\"", ",", "");
    assertThat(Csv.line(values)).isEqualTo("a,,\"b,c\",\"say \"\"d\"\"\",\"\"\"\",\",\",");
    assertThat(Csv.values(Csv.line(values))).isEqualTo(values);
    assertThat(Csv.line(List.of("two\n lines"))).isEqualTo("two lines");
  }

  @Test
  void aTableIsChecked() throws IOException {
    SweepSpec spec = SweepSpec.parse("models: [deit-tiny-2]\nconfigurations: [{cores: 0}]");
    Sweep sweep = new Sweep(spec, TABLE);
    Path other = directory.resolve("other.csv");
    Files.writeString(other, "a,b\n1,2\n");
    assertThatThrownBy(() -> sweep.run(other, 1, (done, of) -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no table of this version's sweep");
    assertThat(Files.readString(other)).isEqualTo("a,b\n1,2\n");
    Path busy = directory.resolve("busy.csv");
    try (FileChannel channel =
            FileChannel.open(
                directory.resolve("busy.csv.part"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      assertThat(lock.isValid()).isTrue();
      assertThatThrownBy(() -> sweep.run(busy, 1, (done, of) -> {}))
          .hasMessageContaining("another sweep is writing it");
    }
  }

  @Test
  void specificationsAreChecked() {
    Map<String, String> mistakes =
        Map.of(
            "models: [deit-x]", "models: no workload deit-x",
            "models: []", "models: expected at least one",
            "models: deit-s", "models: expected a list",
            "models: [deit-s]\nbatch: 0", "batch: 0",
            "models: [deit-s]\ngrid: {cors: [1]}", "configuration: no key cors",
            "models: [deit-s]\ngrid: {cores: 1}", "grid.cores: expected a list",
            "models: [deit-s]\nsweep: 1", "sweep: no key sweep",
            "models: [deit-s", "sweep is no YAML",
            "- a", "sweep: expected keys with values",
            "", "sweep: expected keys with values");
    mistakes.forEach(
        (yaml, message) ->
            assertThatThrownBy(() -> SweepSpec.parse(yaml))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message));
    assertThatThrownBy(() -> SweepSpec.parse("models: [deit-s]\naccuracy: 1"))
        .hasMessageContaining("accuracy: 1, expected true or false");
    assertThat(SweepSpec.parse("models: [deit-s]").configurations()).containsExactly(Map.of());
    SweepSpec grid =
        SweepSpec.parse("models: [deit-s]\ngrid: {cores: [1, 2], tileDepth: [64, 128, 256]}");
    assertThat(grid.configurations()).hasSize(6).contains(Map.of("cores", 2, "tileDepth", 64));
    TataaConfig config = Configurations.of(Map.of("cores", 2, "tileDepth", 64));
    assertThat(Configurations.of(Configurations.values(config))).isEqualTo(config);
    assertThat(Configurations.of(Map.of())).isEqualTo(TataaConfig.u280());
  }
}
