package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.graph.NdTensor;

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
      java.util.Arrays.fill(mask, 0, tokens - samples.size(), 1);
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
}
