package org.tataa.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.tataa.quant.Calibration;

/**
 * The calibration of all-MiniLM-L6-v2 with mean pooling on {@link Sentences#calibration()} that
 * comes with the library: what {@code tataa calibrate all-MiniLM-L6-v2} writes. Measuring it anew
 * takes longer than a run.
 */
public final class BuiltInCalibration {
  private static final String RESOURCE = "all-MiniLM-L6-v2-calibration.json";

  private BuiltInCalibration() {}

  /** The calibration. */
  public static Calibration miniLm() {
    try (InputStream stream = BuiltInCalibration.class.getResourceAsStream(RESOURCE)) {
      if (stream == null) {
        throw new IllegalStateException("resource " + RESOURCE + " is missing");
      }
      return Calibration.of(new String(stream.readAllBytes(), StandardCharsets.UTF_8), RESOURCE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
