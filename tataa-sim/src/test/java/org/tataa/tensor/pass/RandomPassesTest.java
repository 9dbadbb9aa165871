package org.tataa.tensor.pass;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.tensor.RandomTensorPrograms;
import org.tataa.tensor.TensorException;
import org.tataa.tensor.TensorInterpreter;
import org.tataa.tensor.TensorPass;
import org.tataa.tensor.TensorPrinter;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.TensorVerifier;

/** Passes on random programs: every bit of the outputs stays. */
class RandomPassesTest {
  private static final TataaConfig DEFAULT = TataaConfig.u280();
  private static final TataaConfig RELEASED = DEFAULT.withProfiles(Profiles.RELEASED);

  /** Passes in a row, under a name. */
  record Passes(String name, Function<TataaConfig, List<TensorPass>> list) {
    @Override
    public String toString() {
      return name;
    }

    TensorProgram apply(TensorProgram program, TataaConfig config) {
      TensorProgram made = program;
      for (TensorPass pass : list.apply(config)) {
        made = pass.apply(made);
      }
      return made;
    }
  }

  static Stream<Passes> passes() {
    return Stream.of(
        new Passes("remove-copies", config -> List.of(new RemoveCopies())),
        new Passes("common-subexpressions", config -> List.of(new CommonSubexpressions())),
        new Passes("fold-constants", config -> List.of(new FoldConstants(config))),
        new Passes("merge-maps", config -> List.of(new MergeMaps(8))),
        new Passes("merge-maps 3", config -> List.of(new MergeMaps(3))),
        new Passes("sink-views", config -> List.of(new SinkViews())),
        new Passes("all", RandomPassesTest::all));
  }

  private static List<TensorPass> all(TataaConfig config) {
    return List.of(
        new RemoveCopies(),
        new FoldConstants(config),
        new CommonSubexpressions(),
        new SinkConcats(config),
        new SinkViews(),
        new RemoveCopies(),
        new MergeMaps(8),
        new SinkViews(),
        new MergeMaps(8),
        new DropLimits(config),
        new CommonSubexpressions());
  }

  @ParameterizedTest
  @MethodSource("passes")
  void bitsAreKept(Passes passes) {
    run(passes, 0, 250);
  }

  @Tag("heavy")
  @ParameterizedTest
  @MethodSource("passes")
  void bitsOfManyAreKept(Passes passes) {
    run(passes, 10_000, 14_000);
  }

  private static void run(Passes passes, long from, long to) {
    for (long seed = from; seed < to; seed++) {
      TataaConfig config = seed % 4 == 0 ? RELEASED : DEFAULT;
      TensorProgram program = RandomTensorPrograms.program(seed, config.profiles().isa());
      long number = seed;
      String failure = failure(passes, program, config, number);
      if (!failure.isEmpty()) {
        TensorProgram small =
            RandomTensorPrograms.shrink(
                program, tried -> !failure(passes, tried, config, number).isEmpty());
        assertThat(failure(passes, small, config, number))
            .as(
                "seed %d%n%s%nbecomes%n%s",
                seed, TensorPrinter.print(small), TensorPrinter.print(passes.apply(small, config)))
            .isEmpty();
      }
    }
  }

  private static String failure(
      Passes passes, TensorProgram program, TataaConfig config, long seed) {
    TensorProgram made = passes.apply(program, config);
    try {
      TensorVerifier.check(made, config);
    } catch (TensorException e) {
      return String.valueOf(e.getMessage());
    }
    if (made.ops().equals(program.ops())) {
      return "";
    }
    Map<String, NdTensor> inputs = RandomTensorPrograms.inputs(program, seed);
    Map<String, NdTensor> before = new TensorInterpreter(program, config).run(inputs).outputs();
    Map<String, NdTensor> after = new TensorInterpreter(made, config).run(inputs).outputs();
    for (Map.Entry<String, NdTensor> output : before.entrySet()) {
      float[] expected = output.getValue().floats();
      float[] found = after.get(output.getKey()).floats();
      for (int i = 0; i < expected.length; i++) {
        if (Float.floatToRawIntBits(expected[i]) != Float.floatToRawIntBits(found[i])) {
          return output.getKey() + "[" + i + "] was " + expected[i] + ", is " + found[i];
        }
      }
    }
    return "";
  }

  @Test
  void passesFindSomethingToDo() {
    for (Passes passes : passes().toList()) {
      long changed =
          Stream.iterate(0L, seed -> seed + 1)
              .limit(100)
              .map(seed -> RandomTensorPrograms.program(seed, DEFAULT.profiles().isa()))
              .filter(program -> !passes.apply(program, DEFAULT).ops().equals(program.ops()))
              .count();
      assertThat(changed).as(passes.name()).isGreaterThan(5);
    }
  }

  @Test
  void foldedRowsAreWellFormed() {
    int changed = 0;
    for (long seed = 0; seed < 400; seed++) {
      TensorProgram program =
          new MergeMaps(8).apply(RandomTensorPrograms.program(seed, DEFAULT.profiles().isa()));
      TensorProgram made = new FoldRows().apply(program);
      TensorVerifier.check(made, DEFAULT);
      changed += made == program ? 0 : 1;
      Map<String, NdTensor> inputs = RandomTensorPrograms.inputs(program, seed);
      assertThat(new TensorInterpreter(made, DEFAULT).run(inputs).outputs().keySet())
          .isEqualTo(program.outputs().keySet());
    }
    assertThat(changed).isGreaterThan(5);
  }
}
