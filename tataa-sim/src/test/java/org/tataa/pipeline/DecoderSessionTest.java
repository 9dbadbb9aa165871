package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.compiler.CompiledModel;
import org.tataa.compiler.CompilerOptions;
import org.tataa.compiler.Partitioning;
import org.tataa.config.TataaConfig;
import org.tataa.graph.Evaluator;
import org.tataa.graph.NdTensor;
import org.tataa.lower.CachedDecoder;
import org.tataa.machine.CoreMachine;
import org.tataa.onnx.OnnxImporter;

/** Text made with keys and values kept on the device is the text made without. */
class DecoderSessionTest {
  private static final DecoderWorkload GROUPED =
      new DecoderWorkload("grouped", 64, 4, 2, 2, 128, 50, 1024, true, 9);
  private static final CompilerOptions ONE_CORE =
      CompilerOptions.DEFAULT.withPartitioning(Partitioning.OFF);

  private static final OnnxImporter.Model MODEL = CachedDecoder.of(GROUPED.withPast(), 1024);

  private static DecoderSession session;

  @BeforeAll
  static void calibrate() {
    session =
        new DecoderSession(
            TataaConfig.u280(), GROUPED.withPast(), ONE_CORE, GenerationSizes.DEFAULT.upTo(1024));
    session.calibrate(List.of(GROUPED.text(48, 5)), (done, of) -> {});
  }

  private static Generation generate(int prompt, int tokens, boolean keepsKeys) {
    return session.generate(
        GROUPED.text(prompt, 11), tokens, keepsKeys, TokenChoice.greedy(), token -> {});
  }

  // Tokens behind each token of a text that is read in one run.
  private static List<Long> behind(long[] text, int first, int rows) {
    long[] ids = Arrays.copyOf(text, rows);
    CompiledModel program = session.compile(rows, rows);
    CoreMachine machine = CoreMachine.simulated(program.core());
    program.load(machine);
    float[] logits =
        program
            .run(machine, CachedDecoder.inputs(MODEL.graph(), ids, 0, text.length, rows))
            .outputs()
            .values()
            .iterator()
            .next()
            .floats();
    int width = GROUPED.vocabulary();
    List<Long> tokens = new ArrayList<>();
    for (int row = first; row < text.length; row++) {
      float[] own = Arrays.copyOfRange(logits, row * width, (row + 1) * width);
      tokens.add((long) TokenChoice.greedy().of(own));
    }
    return tokens;
  }

  @Test
  void twoHundredTokensAreThoseOfTheWholeText() {
    Generation made = generate(33, 200, true);
    long[] text = new long[232];
    for (int i = 0; i < text.length; i++) {
      text[i] = i < 33 ? made.prompt().get(i) : made.tokens().get(i - 33);
    }
    assertThat(behind(text, 32, 256)).isEqualTo(made.tokens());
    assertThat(made.tokens().stream().distinct().count()).isGreaterThan(5);
    assertThat(made.steps().stream().map(Generation.Step::slots).distinct().toList())
        .containsExactly(64, 128, 256);
    assertThat(made.decodes()).isEqualTo(199);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 31, 32, 33})
  void theSameTokensWithAndWithoutKeys(int prompt) {
    assertThat(generate(prompt, 4, true).tokens()).isEqualTo(generate(prompt, 4, false).tokens());
  }

  // The vectors of eight heads are more than the slots of a core where keys are many.
  @Test
  void sixteenHeadsReadManyKeys() {
    DecoderWorkload wide = new DecoderWorkload("wide", 64, 16, 16, 1, 64, 50, 1024, false, 0);
    DecoderSession heads =
        new DecoderSession(
            TataaConfig.u280(), wide.withPast(), ONE_CORE, GenerationSizes.DEFAULT.upTo(1024));
    long[] prompt = wide.text(129, 11);
    heads.calibrate(List.of(wide.text(16, 5)), (done, of) -> {});
    Generation kept = heads.generate(prompt, 2, true, TokenChoice.greedy(), token -> {});
    Generation read = heads.generate(prompt, 2, false, TokenChoice.greedy(), token -> {});
    assertThat(kept.tokens()).isEqualTo(read.tokens());
    assertThat(kept.steps()).extracting(Generation.Step::slots).endsWith(256, 256);
    assertThat(heads.compile(1, 1024).predictedCycles())
        .isGreaterThan(heads.compile(1, 512).predictedCycles());
  }

  @Test
  void aDecoderWithoutPastReadsAllOfTheText() {
    OnnxImporter.Model model = GROUPED.whole();
    DecoderSession whole =
        new DecoderSession(
            TataaConfig.u280(), model, ONE_CORE, GenerationSizes.DEFAULT.forTokens(32));
    assertThat(whole.isCached()).isFalse();
    long[] text = GROUPED.text(9, 11);
    whole.calibrate(List.of(whole.calibrationText(text)), (done, of) -> {});
    Generation made = whole.generate(text, 2, true, TokenChoice.greedy(), token -> {});
    float[] logits =
        new Evaluator(model.graph(), model.opset())
            .run(Map.of("input_ids", NdTensor.of(text, 1, 9)), null)
            .get(model.graph().outputs().get(0))
            .floats();
    float[] last = Arrays.copyOfRange(logits, 8 * GROUPED.vocabulary(), logits.length);
    assertThat(made.tokens().get(0)).isEqualTo(TokenChoice.greedy().of(last));
    assertThat(made.steps()).extracting(Generation.Step::count).containsExactly(9, 10);
  }

  @Tag("heavy")
  @ParameterizedTest
  @CsvSource({"1, 200", "31, 20", "32, 20", "33, 20", "512, 20"})
  void theSameTokensOfLongTextsWithAndWithoutKeys(int prompt, int tokens) {
    assertThat(generate(prompt, tokens, true).tokens())
        .isEqualTo(generate(prompt, tokens, false).tokens());
  }
}
