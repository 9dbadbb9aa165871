package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tataa.config.IsaProfile;
import org.tataa.config.TataaConfig;
import org.tataa.function.LaneProgram;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;
import org.tataa.machine.CoreMachine;
import org.tataa.schedule.Schedule;
import org.tataa.schedule.Scheduler;
import org.tataa.schedule.SlotForwarding;
import org.tataa.schedule.VectorPlans;
import org.tataa.tensor.DownloadOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.InputOp;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.SmallTensorPrograms;
import org.tataa.tensor.TensorInterpreter;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.UploadOp;
import org.tataa.tensor.Value;
import org.tataa.tile.FusedNest;
import org.tataa.tile.TileProgram;
import org.tataa.tiling.Machines;
import org.tataa.tiling.Tiling;

/**
 * The instructions of random tensor programs, executed without a clock and on the clocked machine,
 * give every bit of every value the tensor program has.
 */
class LevelsTest {
  private long fused;

  static Stream<TataaConfig> machines() {
    return Machines.all().stream();
  }

  @ParameterizedTest
  @MethodSource("machines")
  void allLevelsAgreeOnRandomPrograms(TataaConfig config) {
    for (long seed = 0; seed < 125; seed++) {
      compare(config, seed);
    }
  }

  @Tag("heavy")
  @ParameterizedTest
  @MethodSource("machines")
  void allLevelsAgreeOnManyRandomPrograms(TataaConfig config) {
    for (long seed = 10_000; seed < 11_250; seed++) {
      compare(config, seed);
    }
  }

  /** As above, with sums in vector slots wherever they can be. */
  @Test
  void allLevelsAgreeOnForwardedSums() {
    fused = 0;
    machines()
        .map(config -> config.withResultPath(true))
        .forEach(
            config -> {
              for (long seed = 500; seed < 540; seed++) {
                compare(config, seed);
              }
            });
    assertThat(fused).isGreaterThan(10);
  }

  @ParameterizedTest
  @MethodSource("machines")
  void aRegisterMinusItself(TataaConfig config) {
    Value host = new Value("in", Element.HOST, 5, 7);
    Value x = new Value("x", Element.BF16, 5, 7);
    Value doubled = new Value("doubled", Element.BF16, 5, 7);
    Value y = new Value("y", Element.BF16, 5, 7);
    Value out = new Value("out", Element.HOST, 5, 7);
    LaneProgram.Builder sum = LaneProgram.builder("sum", 2);
    LaneProgram.Builder lanes = LaneProgram.builder("zero", 2);
    TensorProgram program =
        new TensorProgram(
            "zero",
            List.of(
                new InputOp(host, ElementType.FLOAT),
                new UploadOp(host, x),
                new MapOp(sum.build(sum.add(sum.input(0), sum.input(1))), List.of(x, x), doubled),
                new MapOp(
                    lanes.build(lanes.sub(lanes.input(0), lanes.input(1))),
                    List.of(doubled, doubled),
                    y),
                new DownloadOp(y, out)),
            Map.of("out", out));
    float[] values = new float[35];
    for (int i = 0; i < values.length; i++) {
      values[i] = i - 17.5f;
    }
    compare(
        "on " + config.name(),
        config,
        new SmallTensorPrograms.Sample(program, Map.of("in", NdTensor.of(values, 5, 7))),
        1);
  }

  private void compare(TataaConfig machine, long seed) {
    IsaProfile isa = seed % 4 == 3 ? IsaProfile.PUBLISHED : IsaProfile.EXTENDED;
    TataaConfig config = machine.withProfiles(machine.profiles().withIsa(isa));
    compare(
        "seed " + seed + " on " + config.name(),
        config,
        SmallTensorPrograms.of(seed, isa),
        seed % 2 == 0 ? 1 : 1000);
  }

  private void compare(
      String what, TataaConfig config, SmallTensorPrograms.Sample sample, int stepsPerProgram) {
    try {
      Tiling.Result tiling = Tiling.tile(config, sample.program());
      Map<Value, short[]> expected = new HashMap<>();
      Map<String, NdTensor> outputs =
          new TensorInterpreter(tiling.tensors(), config)
              .run(sample.inputs(), (value, bits) -> expected.put(value, bits.clone()))
              .outputs();
      TileProgram tiles = SlotForwarding.apply(tiling.tiles(), new VectorPlans(), true);
      fused += tiles.steps().stream().filter(FusedNest.class::isInstance).count();
      Schedule schedule = Scheduler.schedule(tiles, stepsPerProgram);
      run(
          what + ", un-clocked",
          schedule,
          CoreMachine.unclocked(schedule.core()),
          tiling,
          sample,
          outputs,
          expected);
      run(
          what + ", clocked",
          schedule,
          CoreMachine.simulated(schedule.core()),
          tiling,
          sample,
          outputs,
          expected);
    } catch (RuntimeException e) {
      throw new AssertionError(what, e);
    }
  }

  private static void run(
      String what,
      Schedule schedule,
      CoreMachine machine,
      Tiling.Result tiling,
      SmallTensorPrograms.Sample sample,
      Map<String, NdTensor> outputs,
      Map<Value, short[]> expected) {
    ScheduleRun run = new ScheduleRun(schedule, machine);
    // What the memory held before does not matter.
    byte[] residue = new byte[Math.toIntExact(schedule.memory().bytes())];
    new Random(1).nextBytes(residue);
    machine.write(0, residue);
    run.load();
    Map<String, NdTensor> actual =
        run.run(
            ScheduleRun.inputs(tiling.tensors(), sample.inputs()),
            CompilationTest.comparing(what, schedule, run, expected));
    outputs.forEach(
        (name, value) ->
            assertThat(actual.get(name).floats())
                .as("%s: %s", what, name)
                .isEqualTo(value.floats()));
  }
}
