package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tataa.config.TataaConfig;

/** The built-in calibration is the one that is measured. */
class BuiltInCalibrationTest {
  @TempDir private Path directory;

  @Test
  void isWhatCalibrationMeasures() throws Exception {
    Path measured = directory.resolve("measured.json");
    Path builtIn = directory.resolve("built-in.json");
    BuiltInCalibration.miniLm().write(builtIn);
    try (SentenceEncoder encoder = SentenceEncoder.miniLm(TataaConfig.u280())) {
      encoder.calibrate(Sentences.calibration(), (done, of) -> {}).write(measured);
    }
    assertThat(values(measured)).isEqualTo(values(builtIn));
  }

  private static String values(Path file) throws Exception {
    String text = Files.readString(file);
    return text.substring(text.indexOf("\"options\""));
  }
}
