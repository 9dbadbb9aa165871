package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.PackLimit;
import org.tataa.compiler.Partitioning;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxBuilder;
import org.tataa.onnx.OnnxImporter;
import org.tataa.sim.Engine;
import org.tataa.sim.HostOptions;
import org.tataa.sim.Simulator;
import org.tataa.sim.Snapshot;
import org.tataa.state.ScanList;

/** Values, cycles and counters of a batch do not depend on threads, engine, or the batch. */
class HostThreadsModelTest {
  private static final int TOKENS = 5;
  private static final int FEATURES = 12;

  @TempDir Path directory;

  private final List<Map<String, NdTensor>> items = new ArrayList<>();
  private OnnxImporter.Model model;

  @BeforeEach
  void modelAndItems() {
    OnnxBuilder b = new OnnxBuilder(17, 1);
    String x = b.input("x", 1, TOKENS, FEATURES);
    String hidden = b.op("Tanh", b.linear(x, FEATURES, 40));
    byte[] file = b.build(b.op("Softmax", b.linear(hidden, 40, 8)));
    model = OnnxImporter.read(new ByteArrayInputStream(file), "test");
    Random random = new Random(3);
    for (int i = 0; i < 9; i++) {
      float[] values = new float[TOKENS * FEATURES];
      for (int j = 0; j < values.length; j++) {
        values[j] = (float) random.nextGaussian();
      }
      items.add(Map.of("x", NdTensor.of(values, 1, TOKENS, FEATURES)));
    }
  }

  private List<ScanList> run(HostOptions host, List<Map<String, NdTensor>> some) {
    ModelSession session =
        new ModelSession(
            TataaConfig.u280(),
            model,
            Set.of(),
            CompilerOptions.DEFAULT.withPartitioning(Partitioning.OFF).withPacking(PackLimit.OFF));
    session.use(host);
    session.calibrate(items, (done, of) -> {});
    List<Double> progress = new ArrayList<>();
    BatchResult batch = session.run(some, true, (done, of) -> progress.add((double) done / of));
    assertThat(progress).isSorted().doesNotHaveDuplicates().endsWith(1.0);
    assertThat(batch.simulationNanos()).isPositive().isLessThanOrEqualTo(batch.nanos());
    List<ScanList> results = new ArrayList<>();
    for (BatchResult.Item item : batch.items()) {
      ScanList list = new ScanList();
      for (NdTensor value : item.result().outputs().values()) {
        for (float element : value.floats()) {
          list.scan("result", Float.floatToRawIntBits(element));
        }
      }
      for (CompiledModel.StepReport step : item.result().steps()) {
        list.scan("cycles", step.cycles());
        step.counters().scan(list);
      }
      results.add(list);
    }
    return results;
  }

  /** The steps of a pre-trained layer, stopped now and then, in every register. */
  @Test
  void enginesAgreeInAnEncoderLayer() throws IOException {
    OnnxImporter.Model miniLm = SentenceEncoder.miniLmModel();
    Map<String, NdTensor> whole =
        TextInputs.of(miniLm.graph(), new long[] {101, 1037, 4937, 2938, 2006, 1996, 13523, 102});
    ModelPart layer = ModelPart.of(miniLm, "/encoder/layer.0", whole);
    Map<String, NdTensor> item = layer.inputs(whole);
    ModelSession session =
        new ModelSession(
            TataaConfig.u280(),
            layer.model(),
            layer.fixed(TextInputs.FIXED),
            CompilerOptions.DEFAULT);
    session.calibrate(List.of(item), (done, of) -> {});
    List<CompiledModel.StepReport> steps =
        session.run(List.of(item), true, (done, of) -> {}).items().get(0).result().steps();
    Random random = new Random(8);
    int compared = 0;
    for (int step = 0; step < steps.size(); step++) {
      if (steps.get(step).cycles() > 0) {
        compare(session, item, Integer.toString(step), random);
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(8);
  }

  private void compare(ModelSession session, Map<String, NdTensor> item, String step, Random random)
      throws IOException {
    Path start = directory.resolve("start.snapshot");
    Snapshot.write(session.startOf(item, step, config -> Engine.FAST_FORWARD), start);
    Simulator register = Snapshot.read(start, config -> Engine.REGISTER);
    Simulator stepping = Snapshot.read(start, config -> Engine.STEPPING);
    Simulator fast = Snapshot.read(start, config -> Engine.FAST_FORWARD);
    while (!register.isFinished()) {
      long cycles = random.nextInt(50_000) + 1L;
      ScanList expected = stepped(register, cycles);
      for (Simulator other : List.of(stepping, fast)) {
        assertThat(expected.difference(stepped(other, cycles)))
            .as("step %s, cycle %d", step, register.cycle())
            .isEmpty();
      }
    }
    assertThat(fast.isFinished()).isTrue();
    assertThat(fast.memory(0).contentHash()).isEqualTo(register.memory(0).contentHash());
    assertThat(stepping.memory(0).contentHash()).isEqualTo(register.memory(0).contentHash());
  }

  private static ScanList stepped(Simulator simulator, long cycles) {
    simulator.step(cycles);
    ScanList registers = new ScanList();
    simulator.scan(registers);
    return registers;
  }

  @Test
  void sameResults() {
    List<ScanList> one = run(new HostOptions(Engine.FAST_FORWARD, 1), items);
    assertThat(one).doesNotHaveDuplicates();
    assertThat(run(new HostOptions(Engine.FAST_FORWARD, 3), items)).isEqualTo(one);
    assertThat(run(new HostOptions(Engine.STEPPING, 2), items)).isEqualTo(one);
    assertThat(run(new HostOptions(Engine.REGISTER, 2), items)).isEqualTo(one);
    assertThat(run(HostOptions.DEFAULT, items)).isEqualTo(one);
    assertThat(run(HostOptions.DEFAULT, List.of(items.get(6), items.get(2))))
        .containsExactly(one.get(6), one.get(2));
  }
}
