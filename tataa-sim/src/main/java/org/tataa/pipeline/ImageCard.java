package org.tataa.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.ModelFormatException;

/**
 * How a model takes images and what its classes are called. A pixel's value is first brought to
 * 0..1, then {@code (value - mean) / std}.
 *
 * @param height rows of pixels
 * @param width pixels of a row
 * @param mean of each channel: one for greyscale, three for red, green and blue
 * @param std deviation of each channel
 * @param labels names of the classes; may be empty
 */
public record ImageCard(
    int height, int width, List<Double> mean, List<Double> std, List<String> labels) {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** Largest side, so that a card cannot ask for gigabytes. */
  private static final int LARGEST = 4096;

  /**
   * Takes copies.
   *
   * @throws IllegalArgumentException if a size is out of range, or channels do not agree
   */
  public ImageCard(
      int height,
      int width,
      @Nullable List<Double> mean,
      @Nullable List<Double> std,
      @Nullable List<String> labels) {
    this.height = height;
    this.width = width;
    this.mean = mean == null ? List.of() : List.copyOf(mean);
    this.std = std == null ? List.of() : List.copyOf(std);
    this.labels = labels == null ? List.of() : List.copyOf(labels);
    if (height < 1 || height > LARGEST || width < 1 || width > LARGEST) {
      throw new IllegalArgumentException(
          "images of " + height + " x " + width + ", expected sides of 1.." + LARGEST);
    }
    boolean isPositive = this.std.stream().allMatch(value -> value > 0);
    if ((this.mean.size() != 1 && this.mean.size() != 3)
        || this.std.size() != this.mean.size()
        || !isPositive) {
      throw new IllegalArgumentException(
          "mean " + mean + ", std " + std + ", expected one or three of each, std above 0");
    }
  }

  /**
   * Reads a card.
   *
   * @param json an object with {@code height}, {@code width}, {@code mean}, {@code std} and {@code
   *     labels}
   * @param name for messages
   * @throws ModelFormatException if it is none
   */
  public static ImageCard of(String json, String name) {
    try {
      return JSON.readValue(json, ImageCard.class);
    } catch (JsonProcessingException e) {
      throw new ModelFormatException(name + ": no card of images: " + e.getOriginalMessage());
    }
  }

  /** Number of channels. */
  public int channels() {
    return mean.size();
  }

  /**
   * The model's input.
   *
   * @param values 0..1 of {@code [channels][height][width]}
   * @return normalised, {@code [1][channels][height][width]}
   */
  public NdTensor input(double[] values) {
    int plane = height * width;
    if (values.length != channels() * plane) {
      throw new IllegalArgumentException(
          values.length + " values, expected " + channels() + " x " + height + " x " + width);
    }
    float[] normal = new float[values.length];
    for (int i = 0; i < normal.length; i++) {
      normal[i] = (float) ((values[i] - mean.get(i / plane)) / std.get(i / plane));
    }
    return NdTensor.of(normal, 1, channels(), height, width);
  }

  /** The model's input for pixels of 0..255, which have the card's size already. */
  public NdTensor input(int[] pixels) {
    return input(Arrays.stream(pixels).mapToDouble(pixel -> pixel / 255.0).toArray());
  }
}
