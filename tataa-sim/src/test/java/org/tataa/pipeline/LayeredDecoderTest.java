package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tataa.compiler.CompilerOptions;
import org.tataa.config.TataaConfig;
import org.tataa.pipeline.DecoderWorkload.Family;

/** Layers that are run one after the other make the text of the model that is run as a whole. */
class LayeredDecoderTest {
  private static final GenerationSizes SIZES = new GenerationSizes(List.of(32), List.of(64));

  private static DecoderWorkload small(Family family, int rotary) {
    return new DecoderWorkload("small", 64, 4, 2, 2, 128, 50, 1024, rotary, 0, family);
  }

  @ParameterizedTest
  @CsvSource({"OPT,0,5", "LLAMA,16,33"})
  void theTextIsThatOfTheWholeModel(Family family, int rotary, int tokens) {
    compare(family, rotary, tokens);
  }

  @Tag("heavy")
  @ParameterizedTest
  @CsvSource({"GPT,0,5", "OPT,0,40", "GLM,8,7"})
  void theTextIsThatOfTheWholeModelInMoreFamilies(Family family, int rotary, int tokens) {
    compare(family, rotary, tokens);
  }

  private static void compare(Family family, int rotary, int tokens) {
    DecoderWorkload workload = small(family, rotary);
    long[] prompt = workload.text(tokens, 3);
    List<long[]> samples = List.of(DecoderSession.calibrationText(prompt, workload.vocabulary()));
    DecoderSession session =
        new DecoderSession(TataaConfig.u280(), workload.withPast(), CompilerOptions.DEFAULT, SIZES);
    assertThat(session.calibrationText(prompt)).isEqualTo(samples.get(0));
    session.calibrate(samples, (done, of) -> {});
    // Drawn from all logits, so that a single other bit would soon show.
    Generation expected =
        session.generate(prompt, 8, true, TokenChoice.drawn(1, 0, 9), token -> {});
    List<Long> heard = new ArrayList<>();
    Generation made =
        new LayeredDecoder(
                TataaConfig.u280(), workload.layered(true), CompilerOptions.DEFAULT, SIZES)
            .generate(
                prompt,
                8,
                samples,
                TokenChoice.drawn(1, 0, 9),
                heard::add,
                (done, of) -> assertThat(of).isEqualTo(4));
    assertThat(made.tokens()).isEqualTo(expected.tokens()).isEqualTo(heard);
    assertThat(made.steps()).hasSameSizeAs(expected.steps());
    for (int i = 0; i < made.steps().size(); i++) {
      Generation.Step step = made.steps().get(i);
      assertThat(step.count()).isEqualTo(expected.steps().get(i).count());
      assertThat(step.isPrefill()).isEqualTo(expected.steps().get(i).isPrefill());
      assertThat(step.stateBytes()).isEqualTo(expected.steps().get(i).stateBytes());
      // The hidden state passes through the array once more in every layer but one.
      assertThat(step.result().cycles())
          .isGreaterThan(expected.steps().get(i).result().cycles())
          .isLessThan(expected.steps().get(i).result().cycles() * 11 / 10);
    }
  }

  @Test
  void aTextThatIsTooLongIsRefused() {
    DecoderWorkload workload = small(Family.LLAMA, 16);
    LayeredDecoder decoder =
        new LayeredDecoder(
            TataaConfig.u280(), workload.layered(true), CompilerOptions.DEFAULT, SIZES);
    long[] prompt = workload.text(60, 1);
    assertThatThrownBy(
            () ->
                decoder.generate(
                    prompt,
                    6,
                    List.of(prompt),
                    TokenChoice.greedy(),
                    token -> {},
                    (done, of) -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected at most 65 in all");
  }
}
