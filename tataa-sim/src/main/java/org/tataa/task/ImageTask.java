package org.tataa.task;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.OnnxImporter;
import org.tataa.pipeline.IdxFile;
import org.tataa.pipeline.ImageCard;
import org.tataa.pipeline.TrainedModels;

/** Classes of images: the share for which the largest logit is that of the right class. */
public final class ImageTask implements Task {
  /** Where the Debian package dataset-fashion-mnist puts its files. */
  public static final Path FASHION = Path.of("/usr/share/datasets/fashion-mnist");

  private static final String IMAGES = "t10k-images-idx3-ubyte.gz";
  private static final String LABELS = "t10k-labels-idx1-ubyte.gz";

  private final String modelName;
  private final OnnxImporter.Model model;
  private final List<Map<String, NdTensor>> calibration;
  private final List<Map<String, NdTensor>> items;
  private final int[] labels;

  /**
   * A task.
   *
   * @param model logits are its only result
   * @param items images
   * @param labels the right class of each
   * @throws IllegalArgumentException if there are not as many labels as images
   */
  public ImageTask(
      String modelName,
      OnnxImporter.Model model,
      List<Map<String, NdTensor>> calibration,
      List<Map<String, NdTensor>> items,
      int[] labels) {
    if (items.size() != labels.length) {
      throw new IllegalArgumentException(items.size() + " images, " + labels.length + " labels");
    }
    this.modelName = modelName;
    this.model = model;
    this.calibration = List.copyOf(calibration);
    this.items = List.copyOf(items);
    this.labels = labels.clone();
  }

  /** Whether a folder has the test images of fashion-mnist. */
  public static boolean isFashion(Path folder) {
    return Files.isRegularFile(folder.resolve(IMAGES))
        && Files.isRegularFile(folder.resolve(LABELS));
  }

  /**
   * Clothes: {@link TrainedModels#VISION} on the first test images of fashion-mnist.
   *
   * @param folder of the data set
   * @param count how many images, at most
   * @throws org.tataa.onnx.ModelFormatException if the files are missing or broken
   */
  public static ImageTask fashion(Path folder, int count) {
    IdxFile labels = IdxFile.read(folder.resolve(LABELS));
    return fashion(IdxFile.read(folder.resolve(IMAGES)), labels, count);
  }

  /** Clothes, of some images of {@code [count][28][28]} and their labels. */
  public static ImageTask fashion(IdxFile images, IdxFile labels, int count) {
    OnnxImporter.Model model = TrainedModels.model(TrainedModels.VISION);
    ImageCard card = TrainedModels.card();
    String input = model.graph().inputs().get(0).name();
    int used = Math.min(count, images.count());
    List<Map<String, NdTensor>> items = new ArrayList<>();
    for (int i = 0; i < used; i++) {
      items.add(Map.of(input, card.input(images.item(i))));
    }
    int[] classes = new int[used];
    Arrays.setAll(classes, i -> labels.item(i)[0]);
    return new ImageTask(TrainedModels.VISION, model, TrainedModels.images(), items, classes);
  }

  @Override
  public String name() {
    return "images";
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

  @Override
  public Metric metric(List<float[]> training, List<float[]> readings) {
    return new Accuracy((item, logits) -> largest(logits) == labels[item]);
  }

  private static int largest(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }
}
