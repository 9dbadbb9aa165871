package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.Compiler;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.Partitioning;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.isa.Program;
import org.tataa.machine.CoreMachine;
import org.tataa.pipeline.DecoderWorkload.Family;
import org.tataa.quant.Calibration;
import org.tataa.tensor.TensorInterpreter;

/** A model that is run layer by layer gives what it gives as a whole. */
class LayeredSessionTest {
  private static final int TOKENS = 40;

  private static DecoderWorkload small(Family family) {
    int rotary =
        switch (family) {
          case GPT, OPT -> 0;
          case LLAMA -> 16;
          case GLM -> 8;
        };
    return new DecoderWorkload("small", 64, 4, 2, 2, 128, 50, 1024, rotary, 0, family);
  }

  // Two layers that read a computed hidden state.
  private static DecoderWorkload three(DecoderWorkload of) {
    return new DecoderWorkload(
        of.name(),
        of.features(),
        of.heads(),
        of.keyHeads(),
        3,
        of.inner(),
        of.vocabulary(),
        of.positions(),
        of.rotary(),
        of.window(),
        of.family());
  }

  private static CompilerOptions on(int cores) {
    return CompilerOptions.DEFAULT.withPartitioning(
        cores == 1 ? Partitioning.OFF : Partitioning.parse(String.valueOf(cores)));
  }

  private static CompiledModel.Result whole(DecoderWorkload workload, int cores) {
    Map<String, NdTensor> item = workload.item(TOKENS);
    ModelSession session =
        new ModelSession(TataaConfig.u280(), workload.whole(), Set.of(), on(cores));
    session.calibrate(List.of(item), (done, of) -> {});
    return session.run(List.of(item), false, (done, of) -> {}).items().get(0).result();
  }

  private static LayeredSession.Result layered(
      DecoderWorkload workload, int cores, boolean compare) {
    return new LayeredSession(TataaConfig.u280(), workload.layered(false), on(cores))
        .run(workload.item(TOKENS), compare, (done, of) -> {});
  }

  private static float[] only(Map<String, NdTensor> outputs) {
    assertThat(outputs).hasSize(1);
    return outputs.values().iterator().next().floats();
  }

  @ParameterizedTest
  @EnumSource(names = {"OPT", "LLAMA"})
  void everyBitIsThatOfTheWholeModel(Family family) {
    compare(family);
  }

  @Tag("heavy")
  @ParameterizedTest
  @EnumSource(names = {"GPT", "GLM"})
  void everyBitIsThatOfTheWholeModelInMoreFamilies(Family family) {
    compare(family);
  }

  private static void compare(Family family) {
    DecoderWorkload workload = small(family);
    int cores = family == Family.LLAMA ? 8 : 1;
    LayeredSession.Result result = layered(workload, cores, true);
    BatchResult.Item item = result.batch().items().get(0);
    CompiledModel.Result expected = whole(workload, cores);
    assertThat(only(item.result().outputs())).isEqualTo(only(expected.outputs()));
    assertThat(result.parts()).hasSize(4);
    for (LayeredSession.Part part : result.parts()) {
      assertThat(part.cosine()).as(part.name()).isBetween(0.999, 1 + 1e-9);
    }
    assertThat(result.parts().stream().mapToLong(LayeredSession.Part::cycles).sum())
        .isEqualTo(item.result().cycles());
  }

  @Test
  void onlyCopiesOfHiddenStatesAndEndsOfProgramsTakeCyclesMore() {
    DecoderWorkload workload = small(Family.LLAMA);
    CompiledModel.Result result = layered(workload, 1, false).batch().items().get(0).result();
    List<String> borders = workload.layered(false).borders();
    long copies =
        result.steps().stream()
            .filter(step -> step.function().equals("Resident"))
            .filter(step -> borders.contains(step.name()))
            .mapToLong(CompiledModel.StepReport::cycles)
            .sum();
    assertThat(copies).isPositive();
    // A part ends before the next begins; within the whole they run into each other.
    long ends = result.cycles() - copies - whole(workload, 1).cycles();
    assertThat(ends).isBetween(1L, 100L * borders.size());
  }

  @Test
  void layersThatAreAlikeHaveTheSameProgramsAndTakeWhatIsPredicted() {
    LayeredModel model = three(small(Family.LLAMA)).layered(false);
    Compiler compiler = new Compiler(TataaConfig.u280(), model.part(0), CompilerOptions.DEFAULT);
    Map<String, NdTensor> hidden =
        Map.of(model.input(2), NdTensor.of(noise(TOKENS * 64), 1, TOKENS, 64));
    Map<String, NdTensor> next =
        Map.of(model.input(3), NdTensor.of(noise(TOKENS * 64), 1, TOKENS, 64));
    CompiledModel second = compiled(compiler, model, 2, hidden);
    CompiledModel third = compiled(compiler, model, 3, next);
    // All but the scales of the scores, which calibration chooses for each head.
    assertThat(third.programs()).hasSameSizeAs(second.programs());
    Set<Program> known = Collections.newSetFromMap(new IdentityHashMap<>());
    known.addAll(second.programs());
    long other = third.programs().stream().filter(program -> !known.contains(program)).count();
    assertThat(other).isEqualTo(1);
    // They are those a compiler makes that knows nothing.
    CompiledModel alone =
        compiled(
            new Compiler(TataaConfig.u280(), model.part(0), CompilerOptions.DEFAULT),
            model,
            3,
            next);
    assertThat(alone.programs()).isEqualTo(third.programs());
    assertThat(alone.programs().get(0)).isNotSameAs(third.programs().get(0));
    Map<String, NdTensor> inputs = inputs(model, 3, next);
    CoreMachine machine = CoreMachine.simulated(third.core());
    third.load(machine);
    CompiledModel.Result result = third.run(machine, inputs);
    CoreMachine timed = CoreMachine.timed(third.core());
    assertThat(third.run(timed, inputs).cycles()).isEqualTo(result.cycles());
    assertThat(only(result.outputs()))
        .isEqualTo(
            only(
                new TensorInterpreter(third.levels().tensors(), TataaConfig.u280())
                    .run(inputs, (value, bits) -> {})
                    .outputs()));
  }

  @Test
  void aLayerOfAnotherSizeHasProgramsOfItsOwn() {
    DecoderWorkload workload = small(Family.LLAMA);
    LayeredModel model = workload.layered(false);
    Compiler compiler = new Compiler(TataaConfig.u280(), model.part(0), CompilerOptions.DEFAULT);
    CompiledModel longer =
        compiled(
            compiler, model, 2, Map.of(model.input(2), NdTensor.of(noise(70 * 64), 1, 70, 64)));
    CompiledModel shorter =
        compiled(
            compiler, model, 2, Map.of(model.input(2), NdTensor.of(noise(33 * 64), 1, 33, 64)));
    assertThat(shorter.programs().get(0)).isNotSameAs(longer.programs().get(0));
  }

  private static float[] noise(int count) {
    Random random = new Random(count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static Map<String, NdTensor> inputs(
      LayeredModel model, int number, Map<String, NdTensor> hidden) {
    int tokens = hidden.values().iterator().next().dim(1);
    return model.inputs(number, small(Family.LLAMA).item(tokens), hidden);
  }

  private static CompiledModel compiled(
      Compiler compiler, LayeredModel model, int number, Map<String, NdTensor> hidden) {
    Map<String, NdTensor> inputs = inputs(model, number, hidden);
    Compiler own = compiler.ofLayer(model.heldPart(number));
    Calibration calibration = own.calibrate(List.of(inputs), Set.of(), (done, of) -> {});
    return own.compile(inputs, Set.of(), calibration);
  }

  // Multiply-accumulates of the blocks for 128 tokens, in units of 10^9, as published (workloads of
  // the paper); half a unit of the last digit is rounding.
  @ParameterizedTest
  @CsvSource({"gpt2-medium,39.5", "opt-1.3b,156.2", "llama-7b,833.2"})
  void dimensionsAreThoseOfThePaper(String name, double giga) {
    DecoderWorkload workload = Workloads.decoder(name);
    assertThat(workload).isNotNull();
    long tokens = 128;
    long products = workload.weights() - (long) workload.vocabulary() * workload.features();
    long attention = 2 * tokens * tokens * workload.features() * workload.layers();
    assertThat((products * tokens + attention) / 1e9).isCloseTo(giga, within(0.06));
  }

  @Test
  void aModelThatDoesNotFitSaysWhatItNeeds() {
    DecoderWorkload workload = Workloads.decoder("llama-7b");
    assertThat(workload).isNotNull();
    assertThat(workload.isLarge()).isTrue();
    assertThatThrownBy(() -> workload.requireMemory(1L << 50, "layer by layer"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("llama-7b layer by layer needs about 1048576 GiB")
        .hasMessageContaining("-Xmx1048576g");
    // Weights are not made for that.
    assertThat(workload.layered(false).memoryBytes(false)).isBetween(3L << 30, 5L << 30);
    assertThat(workload.layered(false).memoryBytes(true)).isBetween(8L << 30, 11L << 30);
  }
}
