package org.tataa.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.Graph;
import org.tataa.graph.NdTensor;
import org.tataa.pipeline.ImageCard;
import org.tataa.pipeline.ImageFile;
import org.tataa.pipeline.TrainedModels;
import picocli.CommandLine.Option;

/** Options for images as inputs of a model. */
final class ImageOptions {
  /** Images of its own that a model runs on if none are given. */
  private static final int OWN = 6;

  @Option(
      names = "--image",
      paramLabel = "FILE",
      description =
          "An image (PNG or .npy), or a folder of them; may be repeated. vit-fashion has six of its"
              + " own.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--card",
      paramLabel = "FILE",
      description =
          "How the model takes images, a JSON object with height, width, mean, std and labels"
              + " (default: what comes with vit-fashion).")
  private @Nullable Path card;

  @Option(
      names = "--invert",
      description = "Dark and bright change places: vit-fashion expects bright clothes on black.")
  private boolean isInverted;

  /**
   * Images and what they may show.
   *
   * @param names of the images
   * @param labels names of the classes; may be empty
   * @param inputs of the model for each image
   */
  record Images(List<String> names, List<String> labels, List<Map<String, NdTensor>> inputs) {
    /** Takes copies. */
    Images {
      names = List.copyOf(names);
      labels = List.copyOf(labels);
      inputs = List.copyOf(inputs);
    }
  }

  /** Whether images were given. */
  boolean areGiven() {
    return !files.isEmpty();
  }

  /** Images for a model: those that were given, or its own. */
  Images open(String model, Graph graph) {
    Path given = card;
    boolean isOwn = model.equals(TrainedModels.VISION);
    if (given == null && !isOwn) {
      throw new InputException(model + ": --image needs --card, which says how it takes images");
    }
    ImageCard known;
    try {
      known =
          given == null
              ? TrainedModels.card()
              : ImageCard.of(FileAccess.readText(given), given.toString());
    } catch (IllegalArgumentException e) {
      throw new InputException(given + ": " + e.getMessage());
    }
    if (graph.inputs().size() != 1) {
      throw new InputException(
          model + ": inputs " + graph.inputs() + ", expected one, of images; give --input arrays");
    }
    String input = graph.inputs().get(0).name();
    List<String> names = new ArrayList<>();
    List<Map<String, NdTensor>> inputs = new ArrayList<>();
    if (!areGiven()) {
      inputs.addAll(TrainedModels.images().subList(0, OWN));
      for (int i = 0; i < OWN; i++) {
        names.add("sample " + i);
      }
    }
    for (Path file : files) {
      for (Path image : ImageFile.in(file)) {
        names.add(image.getFileName().toString());
        inputs.add(Map.of(input, ImageFile.read(image, known, isInverted)));
      }
    }
    return new Images(names, known.labels(), inputs);
  }

  /**
   * The share of each class: SoftMax of logits.
   *
   * @param labels names of the classes
   * @param logits a number for each class
   * @return shares, the largest first
   */
  static Map<String, Double> shares(List<String> labels, float[] logits) {
    if (logits.length != labels.size()) {
      throw new InputException(
          "the model gives " + logits.length + " numbers, the card names " + labels.size());
    }
    double largest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      largest = Math.max(largest, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - largest);
    }
    List<Map.Entry<String, Double>> entries = new ArrayList<>();
    for (int i = 0; i < logits.length; i++) {
      entries.add(Map.entry(labels.get(i), Math.exp(logits[i] - largest) / sum));
    }
    entries.sort(Map.Entry.<String, Double>comparingByValue().reversed());
    Map<String, Double> shares = new LinkedHashMap<>();
    entries.forEach(entry -> shares.put(entry.getKey(), entry.getValue()));
    return shares;
  }
}
