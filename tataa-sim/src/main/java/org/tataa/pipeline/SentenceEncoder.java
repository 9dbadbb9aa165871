package org.tataa.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompilerOptions;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxImporter;
import org.tataa.quant.Calibration;
import org.tataa.quant.Calibrator;

/**
 * A text model with its tokenizer on a device.
 *
 * <pre>{@code
 * try (SentenceEncoder encoder = SentenceEncoder.miniLm(TataaConfig.u280())) {
 *   encoder.calibrate(Sentences.calibration(), (done, of) -> {});
 *   BatchResult result = encoder.run(List.of("A cat.", "A dog."), true, (done, of) -> {});
 *   System.out.println(result.items().get(0).cosine(encoder.output()));
 * }
 * }</pre>
 */
public final class SentenceEncoder implements AutoCloseable {
  /** Name under which all-MiniLM-L6-v2 is found on the class path. */
  public static final String MINI_LM = "all-MiniLM-L6-v2";

  /** Name of the pooled result. */
  public static final String EMBEDDING = "sentence_embedding";

  private final OnnxImporter.Model model;
  private final TextTokenizer tokenizer;
  private final ModelSession session;
  private final String prefix;

  /**
   * An encoder.
   *
   * @param isPooled whether the result is the mean over the tokens of the model's first result
   */
  public SentenceEncoder(
      TataaConfig config,
      OnnxImporter.Model source,
      TextTokenizer tokenizer,
      CompilerOptions options,
      boolean isPooled) {
    this(
        config,
        isPooled ? TextInputs.meanPooled(source, EMBEDDING) : TextInputs.firstOutput(source),
        tokenizer,
        options,
        "");
  }

  private SentenceEncoder(
      TataaConfig config,
      OnnxImporter.Model model,
      TextTokenizer tokenizer,
      CompilerOptions options,
      String prefix) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.prefix = prefix;
    session = new ModelSession(config, model, TextInputs.FIXED, options);
  }

  /** all-MiniLM-L6-v2 with default choices. */
  public static SentenceEncoder miniLm(TataaConfig config) {
    return miniLm(config, CompilerOptions.DEFAULT);
  }

  /** all-MiniLM-L6-v2. */
  public static SentenceEncoder miniLm(TataaConfig config, CompilerOptions options) {
    return of(PackagedEncoder.MINI_LM, config, options, 128, null);
  }

  /**
   * A packaged encoder.
   *
   * @param maxTokens longer texts are cut
   * @param jar where its artifact is; null to look for it
   * @throws MissingArtifactException if it is nowhere
   */
  public static SentenceEncoder of(
      PackagedEncoder encoder,
      TataaConfig config,
      CompilerOptions options,
      int maxTokens,
      @Nullable Path jar) {
    return new SentenceEncoder(
        config,
        encoder.pooled(encoder.model(jar)),
        encoder.tokenizer(jar, maxTokens),
        options,
        encoder.prefix());
  }

  /**
   * The model all-MiniLM-L6-v2.
   *
   * @throws MissingArtifactException if the artifact is nowhere
   */
  public static OnnxImporter.Model miniLmModel() {
    return PackagedEncoder.MINI_LM.model(null);
  }

  /** A model by name or file. */
  public static OnnxImporter.Model model(String nameOrFile) {
    PackagedEncoder encoder = PackagedEncoder.find(nameOrFile);
    return encoder == null ? OnnxImporter.read(Path.of(nameOrFile)) : encoder.model(null);
  }

  /** Name of the result. */
  public String output() {
    return model.graph().outputs().get(0);
  }

  /** The model with its pooling. */
  public OnnxImporter.Model model() {
    return model;
  }

  /** The session behind. */
  public ModelSession session() {
    return session;
  }

  /** Inputs of the model for a text, to which the encoder's prefix is added. */
  public Map<String, NdTensor> inputs(String text) {
    return TextInputs.of(model.graph(), tokenizer.encode(prefix + text));
  }

  private List<Map<String, NdTensor>> inputs(List<String> texts) {
    List<Map<String, NdTensor>> items = new ArrayList<>();
    for (String text : texts) {
      items.add(inputs(text));
    }
    return items;
  }

  /** Calibrates on texts and uses the result. */
  public Calibration calibrate(List<String> texts, Calibrator.Progress progress) {
    return session.calibrate(inputs(texts), progress);
  }

  /** Runs texts; see {@link ModelSession#run}. */
  public BatchResult run(List<String> texts, boolean compare, Calibrator.Progress progress) {
    return session.run(inputs(texts), compare, progress);
  }

  /** Embeddings a batch gave. */
  public List<float[]> embeddings(BatchResult result) {
    return result.items().stream().map(i -> floats(i.result().outputs().get(output()))).toList();
  }

  /** Embeddings in float32 of a batch that was compared. */
  public List<float[]> expected(BatchResult result) {
    return result.items().stream().map(i -> floats(i.expected().get(output()))).toList();
  }

  private static float[] floats(@Nullable NdTensor value) {
    if (value == null) {
      throw new IllegalArgumentException("the result was not compared");
    }
    return value.floats();
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
