package org.tataa.task;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pipeline.PackagedEncoder;
import org.tataa.pipeline.TextInputs;
import org.tataa.pipeline.TextTokenizer;

/** A packaged encoder, read: its model with pooling, and its tokenizer with prefix. */
public final class EncoderModel implements AutoCloseable {
  /** Longer texts are cut, so that few lengths are long. */
  public static final int MAX_TOKENS = 40;

  private static final int LENGTHS = 4;

  private final PackagedEncoder encoder;
  private final OnnxImporter.Model model;
  private final TextTokenizer tokenizer;

  /**
   * Reads an encoder.
   *
   * @param jar where its artifact is; null to look for it
   * @throws org.tataa.pipeline.MissingArtifactException if it is nowhere
   */
  public EncoderModel(PackagedEncoder encoder, @Nullable Path jar) {
    this.encoder = encoder;
    model = encoder.pooled(encoder.model(jar));
    tokenizer = encoder.tokenizer(jar, MAX_TOKENS);
  }

  /** Its name. */
  public String name() {
    return encoder.name();
  }

  /** The model with its pooling. */
  public OnnxImporter.Model model() {
    return model;
  }

  /** Inputs for texts, prefix included. */
  public List<Map<String, NdTensor>> inputs(List<String> texts) {
    return encode(encoder.prefixed(texts));
  }

  /**
   * Whether a text is one to test with: its number of tokens, prefix included, is a multiple of
   * four. So there are many texts of each length, and few lengths to compile the model for.
   */
  public boolean isTestLength(String text) {
    long[] ids = tokenizer.encode(encoder.prefix() + text);
    return ids.length % LENGTHS == 0;
  }

  /** What to calibrate on. */
  public List<Map<String, NdTensor>> calibration() {
    return encode(encoder.calibration());
  }

  private List<Map<String, NdTensor>> encode(List<String> texts) {
    return texts.stream()
        .map(text -> TextInputs.of(model.graph(), tokenizer.encode(text)))
        .toList();
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
