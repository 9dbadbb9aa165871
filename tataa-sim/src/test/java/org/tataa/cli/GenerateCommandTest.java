package org.tataa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens on the command line: what is printed, and what is said about bad input. */
class GenerateCommandTest {
  private record Result(int code, String out, String err) {}

  private static Result generate(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] all = new String[arguments.length + 1];
    all[0] = "generate";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), all);
    return new Result(code, out.toString(), err.toString());
  }

  private static String tokens(Result result) {
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    return result.out().lines().filter(line -> line.startsWith("made:")).findFirst().orElse("");
  }

  @Test
  void theSameTokensWithAndWithoutCache() {
    String[] options = {"decoder-tiny-2", "--ids", "7,3,44", "--tokens", "3", "--partition", "off"};
    Result kept = generate(options);
    String[] whole = Arrays.copyOf(options, options.length + 1);
    whole[options.length] = "--no-cache";
    Result read = generate(whole);
    assertThat(tokens(kept)).isNotEmpty().isEqualTo(tokens(read));
    assertThat(kept.out()).contains("prompt: 7,3,44").contains("each run on 1 cores");
    assertThat(kept.out().lines().filter(line -> line.startsWith("tokens ")))
        .singleElement()
        .asString()
        .matches("tokens +2 .*");
  }

  @ParameterizedTest
  @CsvSource({
    "--text,hello,need --tokenizer",
    "--ids,77,outside axis 0",
    "--tokens,3000,expected at most 2049 in all",
    "--tokens,0,expected at least 1",
    "--temperature,-1,expected at least 0",
    "--partition,99,expected at most 8",
    "--calibration,nowhere.json,cannot be read"
  })
  void whatIsWrongIsNamed(String option, String value, String message) {
    Result result = generate("decoder-tiny-2", option, value);
    assertThat(result.err()).contains(message).doesNotContain("\tat ");
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "llama-7b --no-cache,is run layer by layer",
    "llama-7b --blocks 33,expected 1 to 32",
    "llama-7b --random-tokens 0,prompt of 0 tokens",
    "llama-7b --tokens 3000,expected at most 2049 in all",
    "model.onnx --blocks 3,for decoders with random weights",
    "decoder-tiny-2 --ids 1 --random-tokens 4,cannot be combined"
  })
  void whatDoesNotFitALargeDecoderIsNamed(String line, String message) {
    Result result = generate(line.split(" "));
    assertThat(result.err()).contains(message).doesNotContain("\tat ");
    assertThat(result.code()).isEqualTo(3);
  }

  @Test
  void aPromptOfRandomTokensAndFewerLayers() {
    Result result =
        generate("decoder-tiny-2", "--random-tokens", "3", "--blocks", "1", "--tokens", "2");
    assertThat(result.err()).isEmpty();
    assertThat(result.out().lines().findFirst().orElse("")).matches("prompt: \\d+,\\d+,\\d+");
  }

  @Test
  void layerByLayerTheTokensAreTheSame() {
    String[] options = {"decoder-tiny-2", "--random-tokens", "5", "--tokens", "3", "--layered"};
    Result layered = generate(options);
    Result whole = generate(Arrays.copyOf(options, options.length - 1));
    assertThat(tokens(layered)).isNotEmpty().isEqualTo(tokens(whole));
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    Result result = generate("all-MiniLM-L6-v2.onnx", "--ids", "1");
    assertThat(result.err()).contains("all-MiniLM-L6-v2.onnx: cannot be read");
    assertThat(result.code()).isEqualTo(3);
  }
}
