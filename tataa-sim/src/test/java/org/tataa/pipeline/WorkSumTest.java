package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.LostCycles;
import org.tataa.compiler.Partitioning;
import org.tataa.compiler.ProgramBound;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.debug.UnitActivity;
import org.tataa.isa.Assembler;
import org.tataa.isa.Program;
import org.tataa.machine.CoreMachine;
import org.tataa.observe.Counters;
import org.tataa.observe.UnitKind;

/** Bounds of what was run, and where the other cycles went. */
class WorkSumTest {
  private static final Workloads.Workload WORKLOAD = Workloads.of("deit-tiny-2");
  private static final ModelSession SESSION =
      new ModelSession(
          TataaConfig.u280(),
          WORKLOAD.model(),
          Set.of(),
          CompilerOptions.DEFAULT.withPartitioning(Partitioning.OFF));

  private static BatchResult result;

  @BeforeAll
  static void run() {
    SESSION.calibrate(List.of(WORKLOAD.inputs()), (done, of) -> {});
    result = SESSION.run(List.of(WORKLOAD.inputs()), false, (done, of) -> {});
  }

  /**
   * Beats and instructions of a bound are what the units did, and nothing is below its bound; but
   * the last beats of a step leave while the next one runs.
   */
  @Test
  void boundsAreWhatTheUnitsDid() {
    List<CompiledModel.StepReport> steps = result.items().get(0).result().steps();
    assertThat(steps).hasSizeGreaterThan(50);
    long late = 0;
    for (CompiledModel.StepReport step : steps) {
      Counters counters = step.counters();
      for (ProgramBound.Unit unit : ProgramBound.Unit.values()) {
        if (unit == ProgramBound.Unit.OUTPUT) {
          late += step.bound().cycles(unit) - counters.busy(unit.unit());
          assertThat(late).as(step.name()).isBetween(0L, 128L);
        } else if (unit != ProgramBound.Unit.ARRAY) {
          assertThat(step.bound().cycles(unit))
              .as("%s of %s", unit, step.name())
              .isEqualTo(counters.busy(unit.unit()));
        }
      }
      assertThat(step.bound().cycles()).as(step.name()).isLessThanOrEqualTo(step.cycles());
      assertAddsUp(step.name(), step.cycles(), step.bound(), counters);
    }
  }

  /** Blocks that follow each other take what the bound says a block takes, on any geometry. */
  @Test
  void boundsOfBlocksAreTheirPeriod() {
    for (TataaConfig config : List.of(TataaConfig.u280(), TataaConfig.tiny())) {
      long[] cycles = new long[2];
      long[] bound = new long[2];
      for (int i = 0; i < 2; i++) {
        String loads =
            "LOAD.M X, tile=0, depth=8, addr=0, bytes=%d\nLOAD.M Y, tile=0, depth=8, addr=0, bytes=%d\nNOP 100\n"
                .formatted(8 * config.geometry().rows(), 8 * config.geometry().outputs());
        String blocks = "MATMUL x=0, y=0, depth=8\n".repeat(3 + i);
        Program program = Assembler.assemble(loads + blocks + "HALT\n", "blocks.s");
        TataaCore core = new TataaCore(config);
        core.load(program);
        core.advance(10_000);
        assertThat(core.isFinished()).isTrue();
        cycles[i] = core.cycle();
        bound[i] = ProgramBound.of(config, List.of(program)).cycles(ProgramBound.Unit.ARRAY);
      }
      assertThat(bound[1] - bound[0]).as(config.name()).isEqualTo(cycles[1] - cycles[0]);
    }
  }

  /** A machine without values takes the cycles of one with values, in every step and program. */
  @Test
  void predictedCyclesAreThoseThatAreTaken() {
    CompiledModel model = SESSION.compile(WORKLOAD.inputs());
    CoreMachine timed = CoreMachine.timed(model.core());
    List<CompiledModel.StepReport> taken = result.items().get(0).result().steps();
    List<CompiledModel.StepReport> predicted = model.run(timed, WORKLOAD.inputs()).steps();
    assertThat(predicted).hasSameSizeAs(taken);
    for (int i = 0; i < taken.size(); i++) {
      assertThat(predicted.get(i).cycles()).isEqualTo(taken.get(i).cycles());
    }
    long programs = 0;
    for (Program program : model.programs()) {
      programs += timed.run(List.of(program)).cycles();
    }
    assertThat(programs).isEqualTo(result.items().get(0).result().cycles());
    assertThat(model.programs()).hasSizeLessThan(5);
  }

  private static void assertAddsUp(
      String name, long cycles, ProgramBound bound, Counters counters) {
    long lost = LostCycles.of(bound, counters).stream().mapToLong(LostCycles.Loss::cycles).sum();
    assertThat(bound.cycles() + lost).as(name).isEqualTo(cycles);
  }

  @Test
  void boundsAndLossesAddUp() {
    WorkSum total = result.total();
    for (Map.Entry<String, WorkSum> kind : result.kinds().entrySet()) {
      WorkSum sum = kind.getValue();
      assertAddsUp(kind.getKey(), sum.cycles(), sum.bound(), sum.counters());
    }
    assertAddsUp("all", total.cycles(), total.bound(), total.counters());
    for (Layer layer : result.layers()) {
      assertAddsUp(layer.name(), layer.cycles(), layer.bound(), layer.counters());
    }
    assertThat(total.ratio()).isBetween(0.5, 1.0);
    LargestLoss loss = result.largestLoss();
    assertThat(loss.cycles()).isBetween(1L, total.cycles() - total.bound().cycles());
    assertThat(loss.text()).startsWith(loss.work() + ", " + loss.cycles() + " cycles");
  }

  /** On several cores too, cores that have no share and barriers included. */
  @Test
  void boundsAndLossesOfAnItemOnSeveralCoresAddUp() {
    ModelSession session =
        new ModelSession(
            TataaConfig.u280(),
            WORKLOAD.model(),
            Set.of(),
            CompilerOptions.DEFAULT.withPartitioning(new Partitioning(3)));
    session.calibrate(List.of(WORKLOAD.inputs()), (done, of) -> {});
    BatchResult split = session.run(List.of(WORKLOAD.inputs()), false, (done, of) -> {});
    for (CompiledModel.StepReport step : split.items().get(0).result().steps()) {
      assertAddsUp(step.name(), step.coreCycles(), step.bound(), step.counters());
    }
    WorkSum total = split.total();
    assertAddsUp("all", total.cycles(), total.bound(), total.counters());
    assertThat(total.macs()).isEqualTo(result.total().macs());
    LayerSchedule drawn = session.activity(List.of(WORKLOAD.inputs()), split).layer();
    long cycles = drawn.steps().stream().mapToLong(step -> step.report().cycles()).sum();
    assertThat(drawn.cycles()).isEqualTo(cycles);
    assertThat(busy(drawn, UnitActivity.Track.ARRAY)).isBetween(1L, cycles);
  }

  /** The units of a layer that is drawn work in as many cycles as they were counted to. */
  @Test
  void scheduleOfALayer() {
    LayerSchedule drawn = SESSION.activity(List.of(WORKLOAD.inputs()), result).layer();
    assertThat(drawn.name()).isEqualTo("blocks.1");
    Layer layer =
        result.layers().stream().filter(l -> l.name().equals(drawn.name())).findFirst().get();
    assertThat(drawn.cycles()).isEqualTo(layer.cycles());
    Counters counters = layer.counters();
    assertThat(busy(drawn, UnitActivity.Track.ARRAY) + busy(drawn, UnitActivity.Track.LANES))
        .isEqualTo(counters.busy(UnitKind.EXEC));
    assertThat(busy(drawn, UnitActivity.Track.LANES)).isEqualTo(counters.vectorOperations());
    assertThat(busy(drawn, UnitActivity.Track.LOAD_X)).isEqualTo(counters.busy(UnitKind.LOAD_X));
    assertThat(busy(drawn, UnitActivity.Track.LOAD_Y)).isEqualTo(counters.busy(UnitKind.LOAD_Y));
    assertThat(busy(drawn, UnitActivity.Track.STORE)).isEqualTo(counters.busy(UnitKind.OUTPUT));
    assertThat(drawn.steps()).hasSizeGreaterThan(20);
    for (int[] parts : drawn.busy().values()) {
      assertThat(parts).hasSizeBetween(400, 480);
      for (int busy : parts) {
        assertThat(busy).isBetween(0, (int) drawn.part());
      }
    }
  }

  private static long busy(LayerSchedule drawn, UnitActivity.Track track) {
    return Arrays.stream(drawn.busy().get(track)).sum();
  }

  /** The functions of the model that vector work belongs to, and nothing else, have lanes. */
  @Test
  void vectorWorkByFunction() {
    Map<String, WorkSum> functions = result.functions();
    assertThat(functions).containsKeys("GELU", "SoftMax", "LayerNorm", "codes");
    long operations =
        functions.values().stream().mapToLong(sum -> sum.counters().vectorOperations()).sum();
    assertThat(operations).isEqualTo(result.total().counters().vectorOperations());
    functions.forEach((name, sum) -> assertThat(sum.lanesBusy()).as(name).isBetween(0.01, 1.0));
  }
}
