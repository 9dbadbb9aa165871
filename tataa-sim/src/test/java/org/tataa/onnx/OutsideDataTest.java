package org.tataa.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tataa.graph.NdTensor;
import org.tataa.task.FileReadings;

/** Names in files lead to no file outside of the directory they are about. */
class OutsideDataTest {
  @TempDir private Path directory;
  private Path models;

  @BeforeEach
  void twoFolders() throws IOException {
    models = Files.createDirectories(directory.resolve("models"));
    Files.write(models.resolve("inside.bin"), new byte[24]);
    Files.write(directory.resolve("secret.bin"), new byte[24]);
  }

  private OnnxImporter.Model read(String location) throws IOException {
    OnnxBuilder b = new OnnxBuilder(17, 1);
    String x = b.input("x", 2, 3);
    String y = b.op("MatMul", x, b.floats(new float[6], 3, 2));
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(b.build(y)).toBuilder();
    model
        .getGraphBuilder()
        .getInitializerBuilder(0)
        .clearRawData()
        .setDataLocation(OnnxMl.TensorProto.DataLocation.EXTERNAL)
        .addExternalData(
            OnnxMl.StringStringEntryProto.newBuilder().setKey("location").setValue(location));
    Path file = models.resolve("model.onnx");
    Files.write(file, model.build().toByteArray());
    return OnnxImporter.read(file);
  }

  private void assertRefused(String location) {
    assertThatThrownBy(() -> read(location))
        .as(location)
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("director");
  }

  @Test
  void pathsThatLeadOut() throws IOException {
    assertThat(read("inside.bin").graph().nodes()).hasSize(1);
    assertThat(read("./inside.bin").graph().nodes()).hasSize(1);
    for (String location :
        List.of(
            "../secret.bin",
            "a/../../secret.bin",
            "./../secret.bin",
            "../models/../secret.bin",
            directory.resolve("secret.bin").toString(),
            models.resolve("inside.bin").toString(),
            "")) {
      assertRefused(location);
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void symbolicLinksThatLeadOut() throws IOException {
    Files.createSymbolicLink(models.resolve("link.bin"), directory.resolve("secret.bin"));
    Files.createSymbolicLink(models.resolve("up"), directory);
    Files.createSymbolicLink(models.resolve("within.bin"), models.resolve("inside.bin"));
    assertRefused("link.bin");
    assertRefused("up/secret.bin");
    assertThat(read("within.bin").graph().nodes()).hasSize(1);
  }

  @Test
  void namesOfModelsBecomeNamesOfFiles() throws IOException {
    Path readings = directory.resolve("readings");
    FileReadings store = new FileReadings(readings);
    for (String name : List.of("../../out", "/etc/out", "a\\b", "..", ".", "", "a\0b")) {
      store.keep(
          name,
          "../" + name,
          List.of(Map.of("x", NdTensor.of(new float[] {1}, 1))),
          List.of(new float[] {2}));
    }
    try (Stream<Path> files = Files.walk(directory)) {
      assertThat(files.filter(file -> file.toString().endsWith(".readings")))
          .isNotEmpty()
          .allMatch(file -> readings.equals(file.getParent()));
    }
  }
}
