package org.tataa.pipeline;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.tataa.onnx.ModelFormatException;

/** Turns text into token ids as a Hugging Face {@code tokenizer.json} says. */
public final class TextTokenizer implements AutoCloseable {
  /** Property of the library: no reports of its use. */
  private static final String NO_REPORTS = "OPT_OUT_TRACKING";

  static {
    // The library would ask the network whether it runs in a certain data centre, and report.
    if (System.getProperty(NO_REPORTS) == null) {
      System.setProperty(NO_REPORTS, "true");
    }
  }

  private final HuggingFaceTokenizer tokenizer;

  private final String name;

  private TextTokenizer(InputStream stream, String name, int maxTokens) {
    this.name = name;
    try {
      tokenizer =
          HuggingFaceTokenizer.newInstance(
              new ByteArrayInputStream(TokenizerFile.read(stream, name)),
              Map.of(
                  "truncation", "true",
                  "maxLength", String.valueOf(maxTokens),
                  "padding", "false"));
    } catch (ModelFormatException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new ModelFormatException(name + ": no tokenizer that can be used: " + e.getMessage());
    } catch (NoClassDefFoundError e) {
      MissingArtifactException missing = MissingArtifactException.of(e);
      if (missing == null) {
        throw e;
      }
      throw missing;
    }
  }

  /**
   * Reads a tokenizer.
   *
   * @param maxTokens longer texts are cut
   * @throws ModelFormatException if the file is no tokenizer
   * @throws MissingArtifactException if the library of tokenizers is not on the class path
   */
  public static TextTokenizer read(Path file, int maxTokens) {
    try (InputStream stream = Files.newInputStream(file)) {
      return new TextTokenizer(stream, file.toString(), maxTokens);
    } catch (IOException e) {
      throw new ModelFormatException(file + ": cannot be read: " + e.getMessage());
    }
  }

  /**
   * As {@link #read(Path, int)}.
   *
   * @param name of the file, for messages
   */
  static TextTokenizer read(InputStream stream, String name, int maxTokens) {
    return new TextTokenizer(stream, name, maxTokens);
  }

  /**
   * The tokenizer of all-MiniLM-L6-v2.
   *
   * @throws MissingArtifactException if the artifact of the model, or the library of tokenizers, is
   *     nowhere
   */
  public static TextTokenizer miniLm(int maxTokens) {
    return PackagedEncoder.MINI_LM.tokenizer(null, maxTokens);
  }

  /**
   * Ids of a text with those of the tokenizer's special tokens.
   *
   * @throws ModelFormatException if the tokenizer has no token for a part of the text
   */
  public long[] encode(String text) {
    return used(() -> tokenizer.encode(text).getIds());
  }

  /**
   * The text of ids, special tokens left out.
   *
   * @throws ModelFormatException if the tokenizer has no text for them
   */
  public String decode(long[] ids) {
    return used(() -> tokenizer.decode(ids, true));
  }

  // The library has no exception of its own.
  private <T> T used(Supplier<T> use) {
    try {
      return use.get();
    } catch (RuntimeException e) {
      throw new ModelFormatException(name + ": cannot be used: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
