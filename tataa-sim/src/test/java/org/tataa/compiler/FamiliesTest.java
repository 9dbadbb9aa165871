package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.IsaProfile;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.quant.QuantizationOptions;

/** Whole models of every architecture family agree with ONNX Runtime and with themselves. */
class FamiliesTest {
  @ParameterizedTest
  @ValueSource(ints = {7, 32, 45})
  void encoder(int tokens) throws Exception {
    Agreement.Case random = Agreement.random(Families.encoder(tokens, 1), 50, 2);
    List<Map<String, NdTensor>> samples = new ArrayList<>();
    for (Map<String, NdTensor> sample : random.samples()) {
      Map<String, NdTensor> changed = new LinkedHashMap<>(sample);
      long[] mask = new long[tokens];
      Arrays.fill(mask, 0, tokens - samples.size(), 1);
      changed.put("attention_mask", NdTensor.of(mask, 1, tokens));
      samples.add(changed);
    }
    Agreement.check(new Agreement.Case(random.file(), samples, Set.of()), 0.997);
    Agreement.check(
        new Agreement.Case(random.file(), samples.subList(2, 3), Set.of("attention_mask")), 0.997);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 33})
  void decoder(int tokens) throws Exception {
    Agreement.check(Agreement.random(Families.decoder(tokens, 3), 40, 4), 0.997);
  }

  @ParameterizedTest
  @CsvSource({
    "6, 4, false",
    "6, 4, true",
    "6, 2, false",
    "6, 2, true",
    "40, 2, true",
    "33, 1, true"
  })
  void llama(int tokens, int groups, boolean isRotated) throws Exception {
    byte[] model = Families.llama(tokens, groups, isRotated, 5);
    Agreement.check(Agreement.random(model, 40, 6), 0.997);
  }

  @Test
  void vision() throws Exception {
    CompiledModel.Result result =
        Agreement.check(Agreement.random(Families.vision(7), 0, 8), 0.997);
    assertThat(result.cycles()).isPositive();
  }

  @Test
  void windowed() throws Exception {
    Agreement.check(Agreement.random(Families.windowed(9), 0, 10), 0.997);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 32, 5})
  void narrowAccumulatorsDoNotWrap(int splitDepth) throws Exception {
    TataaConfig u280 = TataaConfig.u280();
    Profiles profiles = u280.profiles();
    TataaConfig narrow =
        u280.withProfiles(
            new Profiles(
                profiles.arithmetic(),
                AccumulatorKind.PACKED_INT16,
                profiles.isa(),
                profiles.hazards()));
    CompilerOptions options =
        CompilerOptions.DEFAULT.withQuantization(
            QuantizationOptions.DEFAULT.withSplitDepth(splitDepth));
    // The item that is run is one of those that were calibrated on.
    for (byte[] model : List.of(Families.decoder(33, 3), Families.llama(12, 2, true, 5))) {
      CompiledModel.Result result =
          Agreement.check(Agreement.random(model, 40, 4), 0.99, narrow, options);
      long wraps = result.steps().stream().mapToLong(step -> step.counters().wraps()).sum();
      assertThat(wraps).isZero();
    }
  }

  @Test
  void publishedInstructions() throws Exception {
    TataaConfig u280 = TataaConfig.u280();
    Profiles profiles = u280.profiles();
    TataaConfig published =
        u280.withProfiles(
            new Profiles(
                profiles.arithmetic(),
                profiles.accumulator(),
                IsaProfile.PUBLISHED,
                profiles.hazards()));
    for (byte[] model : List.of(Families.decoder(33, 3), Families.llama(12, 2, true, 5))) {
      Agreement.check(Agreement.random(model, 40, 4), 0.98, published, CompilerOptions.DEFAULT);
    }
    Agreement.check(
        Agreement.random(Families.vision(7), 0, 8), 0.98, published, CompilerOptions.DEFAULT);
  }
}
