package org.tataa.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.graph.Evaluator;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;

/** What a model file may contain, and what is said about one that cannot be used. */
class OnnxImporterTest {
  @TempDir Path directory;

  private static OnnxMl.ModelProto model(Consumer<OnnxMl.ModelProto.Builder> change)
      throws Exception {
    OnnxBuilder b = new OnnxBuilder(17, 1);
    String x = b.input("x", 2, 3);
    String y = b.op("MatMul", x, b.floats(new float[] {1, 2, 3, 4, 5, 6}, 3, 2));
    OnnxMl.ModelProto.Builder builder =
        OnnxMl.ModelProto.parseFrom(b.build(b.op("Relu", y))).toBuilder();
    change.accept(builder);
    return builder.build();
  }

  private static OnnxImporter.Model read(OnnxMl.ModelProto model) {
    return OnnxImporter.read(new ByteArrayInputStream(model.toByteArray()), "model");
  }

  private static float[] run(OnnxImporter.Model model) {
    NdTensor x = NdTensor.of(new float[] {1, 0, 0, 0, 1, 1}, 2, 3);
    String output = model.graph().outputs().get(0);
    return new Evaluator(model.graph(), model.opset())
        .run(Map.of("x", x), null)
        .get(output)
        .floats();
  }

  private static void assertRefused(Consumer<OnnxMl.ModelProto.Builder> change, String... messages)
      throws Exception {
    OnnxMl.ModelProto model = model(change);
    assertThatThrownBy(() -> run(read(model)))
        .isInstanceOfAny(ModelFormatException.class, GraphException.class)
        .message()
        .contains(messages);
  }

  private static OnnxMl.TensorProto.Builder weight(OnnxMl.ModelProto.Builder model) {
    return model.getGraphBuilder().getInitializerBuilder(0);
  }

  @Test
  void weightsInEveryEncoding() throws Exception {
    float[] expected = {1, 2, 8, 10};
    assertThat(run(read(model(b -> {})))).isEqualTo(expected);
    ByteBuffer half = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    for (int bits : new int[] {0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600}) {
      half.putShort((short) bits);
    }
    assertThat(
            run(
                read(
                    model(
                        b ->
                            weight(b)
                                .setDataType(OnnxMl.TensorProto.DataType.FLOAT16_VALUE)
                                .setRawData(ByteString.copyFrom(half.array()))))))
        .isEqualTo(expected);
    assertThat(
            run(
                read(
                    model(
                        b -> {
                          weight(b).clearRawData();
                          for (int i = 1; i <= 6; i++) {
                            weight(b).addFloatData(i);
                          }
                        }))))
        .isEqualTo(expected);
  }

  @Test
  void externalData() throws Exception {
    ByteBuffer data = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    data.putDouble(0);
    for (int i = 1; i <= 6; i++) {
      data.putFloat(i);
    }
    Files.write(directory.resolve("weights.bin"), data.array());
    assertThat(run(OnnxImporter.read(external("weights.bin", 8))))
        .isEqualTo(new float[] {1, 2, 8, 10});
    for (Path bad :
        new Path[] {
          external("weights.bin", 16), external("missing.bin", 0), external("../weights.bin", 0)
        }) {
      assertThatThrownBy(() -> OnnxImporter.read(bad))
          .isInstanceOf(ModelFormatException.class)
          .message()
          .contains("tensor `c0`");
    }
  }

  private Path external(String location, long offset) throws Exception {
    OnnxMl.ModelProto model =
        model(
            b ->
                weight(b)
                    .clearRawData()
                    .setDataLocation(OnnxMl.TensorProto.DataLocation.EXTERNAL)
                    .addExternalData(entry("location", location))
                    .addExternalData(entry("offset", Long.toString(offset)))
                    .addExternalData(entry("length", "24")));
    Path file = Files.createTempFile(directory, "model", ".onnx");
    Files.write(file, model.toByteArray());
    return file;
  }

  private static OnnxMl.StringStringEntryProto entry(String key, String value) {
    return OnnxMl.StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 8, 9, 10, 11, 12, 13, 17, 21, 22, 23, 24, 25, 26, 27, 28})
  void opsets(long opset) throws Exception {
    OnnxImporter.Model read = read(model(b -> b.getOpsetImportBuilder(0).setVersion(opset)));
    assertThat(read.opset()).isEqualTo((int) opset);
    assertThat(run(read)).hasSize(4);
  }

  @Test
  void filesThatCannotBeUsed() throws Exception {
    assertRefused(b -> b.getOpsetImportBuilder(0).setVersion(6), "opset 6", "7 to 28");
    assertRefused(b -> b.getOpsetImportBuilder(0).setVersion(99), "opset 99", "7 to 28");
    assertRefused(b -> b.clearOpsetImport(), "names no opset");
    assertRefused(b -> b.clearGraph(), "not an ONNX model");
    assertRefused(b -> b.getGraphBuilder().clearOutput(), "has no outputs");
    assertRefused(b -> weight(b).setDims(0, -3), "tensor `c0`", "dimension -3");
    assertRefused(b -> weight(b).setDims(0, 1L << 40), "tensor `c0`", "dimension");
    assertRefused(b -> weight(b).setDims(0, 1 << 20).setDims(1, 1 << 20), "tensor `c0`");
    assertRefused(b -> weight(b).setDims(0, 1 << 20), "tensor `c0` has 24 bytes", "8388608");
    assertRefused(
        b -> weight(b).setRawData(ByteString.copyFrom(new byte[23])),
        "tensor `c0` has 23 bytes, expected 24");
    assertRefused(b -> weight(b).setDataType(OnnxMl.TensorProto.DataType.STRING_VALUE), "c0");
    assertRefused(b -> weight(b).clearName(), "a weight has no name");
    assertRefused(
        b ->
            b.getGraphBuilder()
                .getInputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .getDimBuilder(0)
                .setDimValue(-7),
        "input `x`",
        "-7");
    assertRefused(
        b -> b.getGraphBuilder().getNodeBuilder(0).setInput(0, "relu_2"), "depends on its own");
    assertRefused(b -> b.getGraphBuilder().getNodeBuilder(0).setInput(0, "nothing"), "nothing");
    assertRefused(b -> b.getGraphBuilder().getNodeBuilder(1).setOutput(0, "x"), "`x`");
    assertRefused(b -> b.getGraphBuilder().getNodeBuilder(1).setOpType("Frobnicate"), "Frobnicate");
    assertThatThrownBy(
            () ->
                OnnxImporter.read(
                    new ByteArrayInputStream("no model".getBytes(StandardCharsets.UTF_8)), "text"))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageStartingWith("text: ");
  }

  // A small file must not make the reader compute or hold more than it says.
  @Test
  void sizeBombs() {
    for (String kind : new String[] {"Expand", "Tile", "ConstantOfShape", "Pad", "Range"}) {
      OnnxBuilder b = new OnnxBuilder(17, 1);
      String x = b.input("x", 1, 1);
      String huge =
          switch (kind) {
            case "Expand" -> b.op("Expand", b.weight(0, 1, 1, 1), b.longs(1 << 20, 1 << 20));
            case "Tile" -> b.op("Tile", b.weight(0, 1, 1, 1), b.longs(1 << 20, 1 << 20));
            case "ConstantOfShape" -> b.op("ConstantOfShape", b.longs(1 << 20, 1 << 20));
            case "Pad" -> b.op("Pad", b.weight(0, 1, 1, 1), b.longs(0, 0, 1 << 20, 1 << 20));
            default ->
                b.op(
                    "Cast",
                    Map.of("to", 1L),
                    b.op(
                        "Range",
                        b.op("Squeeze", b.longs(0), b.longs(0)),
                        b.op("Squeeze", b.longs(1L << 40), b.longs(0)),
                        b.op("Squeeze", b.longs(1), b.longs(0))));
          };
      byte[] file = b.build(b.op("Add", x, huge));
      assertThat(file.length).isLessThan(2000);
      assertThatThrownBy(
              () -> {
                OnnxImporter.Model model =
                    OnnxImporter.read(new ByteArrayInputStream(file), "bomb");
                NdTensor one = NdTensor.of(new float[] {1}, 1, 1);
                new Evaluator(model.graph(), model.opset()).folded(Map.of("x", one));
              })
          .as(kind)
          .isInstanceOfAny(ModelFormatException.class, GraphException.class);
    }
  }
}
