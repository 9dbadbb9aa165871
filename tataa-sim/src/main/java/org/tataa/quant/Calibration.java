package org.tataa.quant;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tataa.sim.AtomicFile;
import org.tataa.sim.IndentedJson;

/**
 * The result of calibration: a file of JSON that can be read, edited and used again.
 *
 * <p>A code q of a value x in channel c stands for {@code q * scale * migration[c]}.
 */
public final class Calibration {
  /**
   * What is known of one value.
   *
   * @param range largest magnitude seen in each channel
   * @param scale step of the codes, for values that become codes
   * @param migration factor of each channel, for values that become codes
   * @param center mean of each channel if the range is around it, or biases are corrected
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Entry(
      float[] range,
      @Nullable Double scale,
      float @Nullable [] migration,
      float @Nullable [] center) {}

  private record File(
      int version,
      String model,
      QuantizationOptions options,
      int samples,
      Map<String, Entry> values) {}

  private static final int VERSION = 1;
  private static final ObjectMapper MAPPER =
      IndentedJson.mapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final String model;
  private final QuantizationOptions options;
  private final int samples;
  private final TreeMap<String, Entry> values;

  /** A calibration of known values. */
  public Calibration(
      String model, QuantizationOptions options, int samples, Map<String, Entry> values) {
    this.model = model;
    this.options = options;
    this.samples = samples;
    this.values = new TreeMap<>(values);
  }

  /** Name of the model. */
  public String model() {
    return model;
  }

  /** The choices it was made with. */
  public QuantizationOptions options() {
    return options;
  }

  /** Number of samples seen. */
  public int samples() {
    return samples;
  }

  /** All entries by key; a copy. */
  public Map<String, Entry> values() {
    return new TreeMap<>(values);
  }

  /**
   * The same with more values, of which as much is known as of others.
   *
   * @param others for each of them the value it is like
   */
  public Calibration withCopies(Map<String, String> others) {
    Map<String, Entry> all = new TreeMap<>(values);
    others.forEach(
        (copy, value) ->
            // A key is the name and what follows '@'.
            values
                .subMap(value + '@', value + (char) ('@' + 1))
                .forEach(
                    (key, entry) -> all.putIfAbsent(copy + key.substring(value.length()), entry)));
    return new Calibration(model, options, samples, all);
  }

  /**
   * What is known of a value.
   *
   * @throws CalibrationException if there is no entry or its channels do not fit
   */
  public Entry entry(String key, int channels) {
    Entry entry = values.get(key);
    if (entry == null) {
      throw new CalibrationException(
          "calibration of " + model + " has no entry `" + key + "`; calibrate the model again");
    }
    if (entry.range().length != channels
        || (entry.migration() != null && entry.migration().length != channels)
        || (entry.center() != null && entry.center().length != channels)) {
      throw new CalibrationException(
          "calibration entry `"
              + key
              + "` has "
              + entry.range().length
              + " channels, expected "
              + channels);
    }
    return entry;
  }

  /**
   * Writes the file; an existing one is replaced as a whole.
   *
   * @throws IOException if it cannot be written
   */
  public void write(Path path) throws IOException {
    File file = new File(VERSION, model, options, samples, values);
    AtomicFile.write(path, temporary -> MAPPER.writeValue(temporary.toFile(), file));
  }

  /**
   * Reads a file.
   *
   * @throws CalibrationException if it is no calibration, with line and column
   * @throws IOException if it cannot be read
   */
  public static Calibration read(Path path) throws IOException {
    return of(Files.readString(path), path.toString());
  }

  /**
   * A calibration from the text of a file.
   *
   * @param path where the text is from, for errors
   * @throws CalibrationException if it is no calibration, with line and column
   */
  public static Calibration of(String text, String path) {
    File file;
    try {
      file = MAPPER.readValue(text, File.class);
    } catch (JsonProcessingException e) {
      throw new CalibrationException(
          path
              + (e.getLocation() == null
                  ? ""
                  : ":" + e.getLocation().getLineNr() + ":" + e.getLocation().getColumnNr())
              + ": "
              + e.getOriginalMessage(),
          e);
    }
    if (file == null || file.version() != VERSION || file.values() == null) {
      throw new CalibrationException(path + ": expected a calibration of version " + VERSION);
    }
    file.values().forEach((key, entry) -> check(path, key, entry));
    return new Calibration(file.model(), file.options(), file.samples(), file.values());
  }

  private static void check(String path, String key, @Nullable Entry entry) {
    if (entry == null || entry.range() == null) {
      throw new CalibrationException(path + ": entry `" + key + "` has no range");
    }
    if (entry.scale() != null && !(entry.scale() > 0 && entry.scale() < 1e30)) {
      throw new CalibrationException(
          path + ": entry `" + key + "`: scale=" + entry.scale() + ", expected above 0");
    }
    checkAll(path, key, "range", entry.range(), 0);
    if (entry.migration() != null) {
      checkAll(path, key, "migration", entry.migration(), Float.MIN_NORMAL);
    }
  }

  private static void checkAll(String path, String key, String what, float[] all, float least) {
    for (int i = 0; i < all.length; i++) {
      if (!(all[i] >= least && all[i] < 1e30)) {
        throw new CalibrationException(
            path + ": entry `" + key + "`: " + what + "[" + i + "]=" + all[i] + " is out of range");
      }
    }
  }
}
