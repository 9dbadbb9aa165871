package org.tataa.tiling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tataa.config.IsaProfile;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.tensor.Element;
import org.tataa.tensor.InputOp;
import org.tataa.tensor.SmallTensorPrograms;
import org.tataa.tensor.TensorInterpreter;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.Value;
import org.tataa.tile.HostExecutor;
import org.tataa.tile.StoredValue;
import org.tataa.tile.TileInterpreter;

/** A tile program gives every bit of every value of its tensor program. */
class TilingTest {
  static Stream<TataaConfig> machines() {
    return Machines.all().stream();
  }

  @ParameterizedTest
  @MethodSource("machines")
  void everyValueOfRandomProgramsIsTheSame(TataaConfig config) {
    for (long seed = 0; seed < 400; seed++) {
      compare(config, seed);
    }
  }

  @Tag("heavy")
  @ParameterizedTest
  @MethodSource("machines")
  void everyValueOfManyRandomProgramsIsTheSame(TataaConfig config) {
    for (long seed = 1000; seed < 2250; seed++) {
      compare(config, seed);
    }
  }

  static void compare(TataaConfig machine, long seed) {
    IsaProfile isa = seed % 4 == 3 ? IsaProfile.PUBLISHED : IsaProfile.EXTENDED;
    TataaConfig config = machine.withProfiles(machine.profiles().withIsa(isa));
    compare(config, seed, SmallTensorPrograms.of(seed, isa));
  }

  static Tiling.Result compare(TataaConfig config, long seed, SmallTensorPrograms.Sample sample) {
    Tiling.Result result;
    try {
      result = Tiling.tile(config, sample.program());
    } catch (RuntimeException e) {
      throw new AssertionError("seed " + seed + " on " + config.name(), e);
    }
    Map<Value, short[]> expected = new HashMap<>();
    Map<String, NdTensor> outputs =
        new TensorInterpreter(result.tensors(), config)
            .run(sample.inputs(), (value, bits) -> expected.put(value, bits.clone()))
            .outputs();
    Map<Value, NdTensor> inputs = new HashMap<>();
    for (TensorOp op : sample.program().ops()) {
      if (op instanceof InputOp input) {
        inputs.put(input.result(), sample.inputs().get(input.result().name()));
      }
    }
    Map<String, NdTensor> actual;
    try {
      actual =
          TileInterpreter.run(
              result.tiles(),
              inputs,
              (step, memory) -> {
                for (StoredValue stored : result.tiles().values()) {
                  if (stored.step() == step) {
                    check(config, seed, stored, memory, expected.get(stored.value()));
                  }
                }
              });
    } catch (RuntimeException e) {
      throw new AssertionError("seed " + seed + " on " + config.name(), e);
    }
    for (Map.Entry<String, NdTensor> output : outputs.entrySet()) {
      assertThat(actual.get(output.getKey()).floats())
          .as("seed %d on %s: %s", seed, config.name(), output.getKey())
          .isEqualTo(output.getValue().floats());
    }
    return result;
  }

  private static void check(
      TataaConfig config,
      long seed,
      StoredValue stored,
      HostExecutor.Memory memory,
      short[] expected) {
    if (expected == null) {
      return;
    }
    int width = stored.value().element() == Element.INT8 ? 1 : 2;
    short[] actual = HostExecutor.elements(memory.read(stored.buffer()), stored.layout(), width);
    int[] placeOf = stored.layout().placeOf();
    for (int i = 0; i < placeOf.length; i++) {
      if (placeOf[i] >= 0 && actual[i] != expected[i]) {
        throw new AssertionError(
            String.format(
                "seed %d on %s: %s element %d: level 3 has %04x, level 2 has %04x",
                seed, config.name(), stored.value(), i, actual[i] & 0xffff, expected[i] & 0xffff));
      }
    }
  }
}
