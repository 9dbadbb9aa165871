package org.tataa.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.tataa.pipeline.IdxFile;

/** Images of fashion-mnist with their labels. */
final class FashionImages {
  /** Mean of the pixels of the training images, 1 is white. */
  static final double MEAN = 0.2860;

  /** Their deviation. */
  static final double DEVIATION = 0.3530;

  private static final int SIDE = 28;
  private static final int SIZE = SIDE * SIDE;

  // 0..255, an image after the other, row by row.
  private final byte[] pixels;
  // 0..9.
  private final byte[] labels;

  private FashionImages(byte[] pixels, byte[] labels) {
    this.pixels = pixels;
    this.labels = labels;
  }

  /**
   * Reads a part.
   *
   * @param part train or t10k
   */
  static FashionImages read(Path directory, String part) {
    return new FashionImages(
        IdxFile.read(directory.resolve(part + "-images-idx3-ubyte.gz")).values(),
        IdxFile.read(directory.resolve(part + "-labels-idx1-ubyte.gz")).values());
  }

  /** Writes the first images. */
  void write(Path file, int count) throws IOException {
    try (DataOutputStream out =
        new DataOutputStream(new GZIPOutputStream(Files.newOutputStream(file)))) {
      for (int number : new int[] {0x803, count, SIDE, SIDE}) {
        out.writeInt(number);
      }
      out.write(pixels, 0, count * SIZE);
    }
  }

  int count() {
    return labels.length;
  }

  /** The class of an image. */
  int label(int image) {
    return labels[image];
  }

  /** Images {@code [count][1][28][28]} as the network takes them, and their labels. */
  NDArray[] batch(NDManager manager, int from, int count) {
    float[] values = new float[count * SIZE];
    long[] classes = new long[count];
    for (int i = 0; i < count; i++) {
      put(values, i, from + i);
      classes[i] = labels[from + i];
    }
    return arrays(manager, values, classes);
  }

  /** Batches in a random order. */
  Trainer.Batches batches(int count, long seed) {
    Random random = new Random(seed);
    int[] order = new int[count()];
    int[] next = {count()};
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    return manager -> {
      float[] values = new float[count * SIZE];
      long[] classes = new long[count];
      for (int i = 0; i < count; i++) {
        if (next[0] == order.length) {
          shuffle(order, random);
          next[0] = 0;
        }
        int image = order[next[0]++];
        put(values, i, image);
        classes[i] = labels[image];
      }
      return arrays(manager, values, classes);
    };
  }

  private static void shuffle(int[] order, Random random) {
    for (int i = order.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[other];
      order[other] = kept;
    }
  }

  private void put(float[] values, int at, int image) {
    for (int i = 0; i < SIZE; i++) {
      int pixel = pixels[image * SIZE + i] & 255;
      values[at * SIZE + i] = (float) ((pixel / 255.0 - MEAN) / DEVIATION);
    }
  }

  private static NDArray[] arrays(NDManager manager, float[] values, long[] classes) {
    return new NDArray[] {
      manager.create(values, new Shape(classes.length, 1, SIDE, SIDE)), manager.create(classes)
    };
  }
}
