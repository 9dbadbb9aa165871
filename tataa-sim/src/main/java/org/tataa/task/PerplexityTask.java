package org.tataa.task;

import java.util.List;
import java.util.Map;
import org.tataa.graph.NdTensor;
import org.tataa.lower.CachedDecoder;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pipeline.TextTokenizer;
import org.tataa.pipeline.TrainedModels;

/**
 * Perplexity of a decoder: {@code exp} of the mean negative logarithm of the share it gives to each
 * token of a text, its first one left out. Every text is read from its beginning in one run.
 */
public final class PerplexityTask implements Task {
  private final String modelName;
  private final OnnxImporter.Model model;
  private final List<Map<String, NdTensor>> calibration;
  private final List<Map<String, NdTensor>> items;

  /**
   * A task.
   *
   * @param decoder with past keys and values among its inputs, logits are its first output
   * @param calibration token ids of texts to calibrate on
   * @param texts token ids of texts to test with, all of the same length
   */
  public PerplexityTask(
      String modelName, OnnxImporter.Model decoder, List<long[]> calibration, List<long[]> texts) {
    int length = texts.get(0).length;
    this.modelName = modelName;
    model = CachedDecoder.of(decoder, length);
    this.calibration = inputs(calibration);
    items = inputs(texts);
  }

  private List<Map<String, NdTensor>> inputs(List<long[]> texts) {
    return texts.stream()
        .map(text -> CachedDecoder.inputs(model.graph(), text, 0, text.length, text.length))
        .toList();
  }

  /**
   * {@link TrainedModels#TEXT} on chapters it has not seen.
   *
   * @param tokens of a text
   * @param count how many texts, at most
   */
  public static PerplexityTask unseen(int tokens, int count) {
    try (TextTokenizer words = TrainedModels.tokenizer(TrainedModels.CONTEXT)) {
      List<long[]> texts = TrainedModels.texts(words, TrainedModels.unseenText(), tokens);
      return new PerplexityTask(
          TrainedModels.TEXT,
          TrainedModels.model(TrainedModels.TEXT),
          TrainedModels.texts(words, TrainedModels.learntText(), tokens),
          texts.subList(0, Math.min(count, texts.size())));
    }
  }

  @Override
  public String name() {
    return "perplexity";
  }

  @Override
  public String modelName() {
    return modelName;
  }

  @Override
  public OnnxImporter.Model model() {
    return model;
  }

  @Override
  public List<Map<String, NdTensor>> calibration() {
    return calibration;
  }

  @Override
  public List<Map<String, NdTensor>> items() {
    return items;
  }

  /** The sum of negative logarithms, and how many there are. */
  @Override
  public float[] reading(Map<String, NdTensor> inputs, Map<String, NdTensor> outputs) {
    NdTensor ids = inputs.get(CachedDecoder.tokens(model.graph()));
    NdTensor logits = outputs.get(model.graph().outputs().get(0));
    if (ids == null || logits == null) {
      throw new IllegalArgumentException("no tokens, or no logits, in " + outputs.keySet());
    }
    return new float[] {(float) loss(ids.longs(), logits), ids.size() - 1};
  }

  private static double loss(long[] ids, NdTensor logits) {
    int width = logits.dim(-1);
    float[] values = logits.floats();
    double sum = 0;
    for (int row = 0; row + 1 < ids.length; row++) {
      double largest = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < width; i++) {
        largest = Math.max(largest, values[row * width + i]);
      }
      double all = 0;
      for (int i = 0; i < width; i++) {
        all += Math.exp(values[row * width + i] - largest);
      }
      sum += largest + Math.log(all) - values[row * width + (int) ids[row + 1]];
    }
    return sum;
  }

  @Override
  public Metric metric(List<float[]> training, List<float[]> readings) {
    return new Perplexity();
  }

  private static final class Perplexity implements Metric {
    @Override
    public String name() {
      return "perplexity";
    }

    @Override
    public String dropUnit() {
      return "%";
    }

    @Override
    public double drop(double float32, double simulated) {
      return 100 * (simulated / float32 - 1);
    }

    @Override
    public double value(List<float[]> readings, int[] chosen) {
      double sum = 0;
      double count = 0;
      for (int item : chosen) {
        sum += readings.get(item)[0];
        count += readings.get(item)[1];
      }
      return Math.exp(sum / count);
    }
  }
}
