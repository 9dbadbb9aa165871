package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.lower.CachedDecoder;
import org.tataa.machine.CoreMachine;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pipeline.DecoderWorkload;
import org.tataa.quant.Calibration;
import org.tataa.tensor.StateValues;
import org.tataa.tensor.TensorInterpreter;
import org.tataa.tensor.Value;
import org.tataa.tile.TileInterpreter;

/**
 * Keys and values kept from run to run: all levels agree, and runs give what one run would give.
 */
class StateLevelsTest {
  private static final DecoderWorkload GROUPED =
      new DecoderWorkload("grouped", 64, 4, 2, 2, 128, 50, 512, true, 9);
  private static final DecoderWorkload LEARNT =
      new DecoderWorkload("learnt", 64, 2, 2, 2, 128, 50, 512, false, 0);

  private static final TataaConfig CONFIG = TataaConfig.u280();

  // A decoder with a calibration and what was compiled of it.
  private static final class Decoder {
    final OnnxImporter.Model model;
    final Compiler compiler;
    final Calibration calibration;
    final Map<List<Integer>, CompiledModel> compiled = new HashMap<>();

    Decoder(DecoderWorkload workload, CompilerOptions options) {
      model = CachedDecoder.of(workload.withPast(), 512);
      compiler = new Compiler(CONFIG, model, options);
      Map<String, NdTensor> sample = inputs(workload.text(40, 7), 0, 40, 40);
      calibration = compiler.calibrate(List.of(sample), Set.of(), (done, of) -> {});
    }

    Map<String, NdTensor> inputs(long[] ids, int position, int count, int slots) {
      return CachedDecoder.inputs(model.graph(), ids, position, count, slots);
    }

    CompiledModel compiled(Map<String, NdTensor> inputs, int tokens, int slots) {
      return compiled.computeIfAbsent(
          List.of(tokens, slots), key -> compiler.compile(inputs, Set.of(), calibration));
    }

    // Logits of the tokens that count, checked on all levels.
    float[] run(long[] ids, int position, int count, int slots, StateValues states) {
      Map<String, NdTensor> inputs = inputs(ids, position, count, slots);
      CompiledModel program = compiled(inputs, ids.length, slots);
      StateValues tensor = copy(program, states);
      StateValues tile = copy(program, states);
      CoreMachine machine = CoreMachine.simulated(program.core());
      program.load(machine);
      program.loadStates(machine, states);
      float[] expected =
          only(
              new TensorInterpreter(program.levels().tensors(), CONFIG)
                  .run(inputs, tensor, (value, bits) -> {})
                  .outputs());
      Map<Value, NdTensor> byValue = ScheduleRun.inputs(program.levels().tensors(), inputs);
      assertThat(
              only(TileInterpreter.run(program.levels().schedule().tiles(), byValue, tile, null)))
          .isEqualTo(expected);
      assertThat(only(program.run(machine, inputs).outputs())).isEqualTo(expected);
      program.saveStates(machine, states);
      program
          .levels()
          .tensors()
          .states()
          .forEach(
              op -> {
                assertThat(tile.of(op)).as(op.name()).isEqualTo(tensor.of(op));
                assertThat(states.of(op)).as(op.name()).isEqualTo(tensor.of(op));
              });
      int width = expected.length / ids.length;
      return Arrays.copyOf(expected, count * width);
    }

    private static StateValues copy(CompiledModel program, StateValues states) {
      StateValues copy = new StateValues();
      program.levels().tensors().states().forEach(op -> copy.put(op, states.of(op).clone()));
      return copy;
    }

    private static float[] only(Map<String, NdTensor> outputs) {
      assertThat(outputs).hasSize(1);
      return outputs.values().iterator().next().floats();
    }
  }

  private static float[] joined(List<float[]> parts) {
    List<Float> all = new ArrayList<>();
    parts.forEach(
        part -> {
          for (float value : part) {
            all.add(value);
          }
        });
    float[] result = new float[all.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = all.get(i);
    }
    return result;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void runsOneAfterTheOtherGiveWhatOneGives(boolean grouped) {
    DecoderWorkload workload = grouped ? GROUPED : LEARNT;
    Decoder decoder = new Decoder(workload, CompilerOptions.DEFAULT);
    long[] ids = workload.text(40, 3);
    float[] whole = decoder.run(Arrays.copyOf(ids, 64), 0, 40, 128, new StateValues());
    StateValues states = new StateValues();
    List<float[]> parts = new ArrayList<>();
    parts.add(decoder.run(Arrays.copyOf(Arrays.copyOf(ids, 30), 32), 0, 30, 64, states));
    for (int i = 30; i < 40; i++) {
      parts.add(decoder.run(new long[] {ids[i]}, i, 1, i < 36 ? 64 : 128, states));
    }
    assertThat(joined(parts)).isEqualTo(whole);
  }
}
