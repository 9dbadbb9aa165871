package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tataa.config.TataaConfig;
import org.tataa.explore.Change;
import org.tataa.graph.Evaluator;
import org.tataa.graph.NdTensor;
import org.tataa.machine.CoreMachine;
import org.tataa.observe.StallCause;
import org.tataa.observe.UnitKind;
import org.tataa.onnx.OnnxImporter;
import org.tataa.sim.Engine;
import org.tataa.tile.FusedNest;

/** On every machine of a what-if, engines, the run without values and the architecture agree. */
class ChangedMachinesTest {
  static List<String> names() {
    return Change.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void agree(String name) throws Exception {
    TataaConfig config = Change.of(name).change().apply(TataaConfig.u280());
    assertThat(config).isNotEqualTo(TataaConfig.u280());
    agree(config, CompilerOptions.DEFAULT);
  }

  /** The compiler would seldom choose it there. */
  @Test
  void agreeWithForwardedSums() throws Exception {
    CompiledModel compiled =
        agree(
            TataaConfig.u280().withResultPath(true),
            CompilerOptions.DEFAULT.withForwarding(Forwarding.ALWAYS));
    assertThat(compiled.levels().schedule().tiles().steps()).anyMatch(FusedNest.class::isInstance);
    CompiledModel without =
        agree(
            TataaConfig.u280().withResultPath(true),
            CompilerOptions.DEFAULT
                .withForwarding(Forwarding.ALWAYS)
                .withoutPasses(Set.of("forward-sums")));
    assertThat(without.levels().schedule().tiles().steps()).noneMatch(FusedNest.class::isInstance);
  }

  private static CompiledModel agree(TataaConfig config, CompilerOptions options) throws Exception {
    Agreement.Case test = Agreement.random(Families.vision(7), 0, 8);
    OnnxImporter.Model model = OnnxImporter.read(new ByteArrayInputStream(test.file()), "test");
    Map<String, NdTensor> inputs = test.samples().get(0);
    Compiler compiler = new Compiler(config, model, options);
    CompiledModel compiled =
        compiler.compile(
            inputs,
            test.fixed(),
            compiler.calibrate(test.samples(), test.fixed(), (done, of) -> {}));
    CompiledModel.Result result = run(compiled, CoreMachine.simulated(compiled.core()), inputs);
    CompiledModel.Result unclocked = run(compiled, CoreMachine.unclocked(compiled.core()), inputs);
    Map<String, NdTensor> reference = new Evaluator(model.graph(), model.opset()).run(inputs, null);
    result
        .outputs()
        .forEach(
            (output, value) -> {
              assertThat(unclocked.outputs().get(output).floats()).isEqualTo(value.floats());
              double cosine = CompiledModel.cosine(value.floats(), reference.get(output).floats());
              assertThat(cosine).as(output).isGreaterThan(0.99);
            });
    CoreMachine stepping = CoreMachine.simulated(compiled.core(), Engine.STEPPING);
    CoreMachine timed = CoreMachine.timed(compiled.core());
    for (CoreMachine machine : List.of(stepping, timed)) {
      CompiledModel.Result other = run(compiled, machine, inputs);
      assertThat(other.steps()).hasSameSizeAs(result.steps());
      for (int i = 0; i < result.steps().size(); i++) {
        CompiledModel.StepReport step = result.steps().get(i);
        CompiledModel.StepReport actual = other.steps().get(i);
        assertThat(actual.cycles()).as(step.name()).isEqualTo(step.cycles());
        assertThat(counts(actual)).as(step.name()).isEqualTo(counts(step));
      }
      if (machine.equals(stepping)) {
        result
            .outputs()
            .forEach(
                (output, value) ->
                    assertThat(other.outputs().get(output).floats()).isEqualTo(value.floats()));
      }
    }
    return compiled;
  }

  private static CompiledModel.Result run(
      CompiledModel compiled, CoreMachine machine, Map<String, NdTensor> inputs) {
    compiled.load(machine);
    return compiled.run(machine, inputs);
  }

  // What does not depend on values.
  private static List<Long> counts(CompiledModel.StepReport step) {
    var counters = step.counters();
    return List.of(
        counters.macs(),
        counters.laneOperations(),
        counters.vectorOperations(),
        counters.modeSwitches(),
        counters.instructions(),
        counters.bytesLoadedX(),
        counters.bytesLoadedY(),
        counters.bytesStored(),
        counters.busy(UnitKind.EXEC),
        counters.idle(UnitKind.EXEC),
        counters.stalled(UnitKind.EXEC, StallCause.PIPELINE));
  }
}
