package org.tataa.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxImporter;

/**
 * The two small models that this project trained itself and that come with the library, with what
 * is needed to run them; docs/training.md says how they were made.
 */
public final class TrainedModels {
  /** A vision transformer that tells ten kinds of clothes apart. */
  public static final String VISION = "vit-fashion";

  /** A decoder that continues text in the manner of the King James Bible. */
  public static final String TEXT = "gpt-small";

  /** Tokens of a text it has learnt from. */
  public static final int CONTEXT = 256;

  private static final List<String> NAMES = List.of(VISION, TEXT);

  private TrainedModels() {}

  /** Names of the models. */
  public static List<String> names() {
    return NAMES;
  }

  /** Whether there is a model of this name. */
  public static boolean contains(String name) {
    return NAMES.contains(name);
  }

  /**
   * The model of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static OnnxImporter.Model model(String name) {
    if (!contains(name)) {
      throw new IllegalArgumentException("no trained model " + name + ", expected one of " + NAMES);
    }
    try (InputStream stream = open(name + ".onnx")) {
      return OnnxImporter.read(stream, name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How {@link #VISION} takes images. */
  public static ImageCard card() {
    return ImageCard.of(text(VISION + ".json"), VISION);
  }

  /** Images to calibrate {@link #VISION} on, of those it has learnt from. */
  public static List<Map<String, NdTensor>> images() {
    ImageCard card = card();
    String input = model(VISION).graph().inputs().get(0).name();
    List<Map<String, NdTensor>> images = new ArrayList<>();
    try (InputStream stream = open(VISION + "-images-idx3-ubyte.gz")) {
      IdxFile file = IdxFile.read(stream, VISION);
      for (int i = 0; i < file.count(); i++) {
        images.add(Map.of(input, card.input(file.item(i))));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return images;
  }

  /**
   * The tokenizer of {@link #TEXT}.
   *
   * @param maxTokens longer texts are cut
   * @throws MissingArtifactException if the library of tokenizers is not on the class path
   */
  public static TextTokenizer tokenizer(int maxTokens) {
    try (InputStream stream = open(TEXT + "-tokenizer.json")) {
      return TextTokenizer.read(stream, TEXT, maxTokens);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Chapters to calibrate {@link #TEXT} on, of those it has learnt from, a verse per line. */
  public static String learntText() {
    return text(TEXT + "-learnt.txt");
  }

  /** Chapters {@link #TEXT} has not learnt from, a verse per line. */
  public static String unseenText() {
    return text(TEXT + "-unseen.txt");
  }

  /**
   * Texts of equal length.
   *
   * @param text lines, each of which is turned into tokens by itself
   * @param tokens of each text; what remains at the end is left out
   */
  public static List<long[]> texts(TextTokenizer tokenizer, String text, int tokens) {
    long[] all =
        text.lines().flatMapToLong(line -> Arrays.stream(tokenizer.encode(line + "\n"))).toArray();
    List<long[]> texts = new ArrayList<>();
    for (int from = 0; from + tokens <= all.length; from += tokens) {
      texts.add(Arrays.copyOfRange(all, from, from + tokens));
    }
    return texts;
  }

  private static String text(String name) {
    try (InputStream stream = open(name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String name) {
    InputStream stream = TrainedModels.class.getResourceAsStream("trained/" + name);
    if (stream == null) {
      throw new IllegalStateException("resource trained/" + name + " is missing");
    }
    return stream;
  }
}
