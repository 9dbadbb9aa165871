package org.tataa.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import org.junit.jupiter.api.Test;

class OnnxFileTest {
  private static OnnxFile file(TensorProto.Builder tensor) {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .addNode(
                NodeProto.newBuilder()
                    .setOpType("MatMul")
                    .addInput("x")
                    .addInput("w")
                    .addOutput("p"))
            .addNode(
                NodeProto.newBuilder().setOpType("Add").addInput("b").addInput("p").addOutput("y"))
            .addInitializer(tensor.setName("w"));
    byte[] bytes = ModelProto.newBuilder().setIrVersion(7).setGraph(graph).build().toByteArray();
    return OnnxFile.read(new ByteArrayInputStream(bytes), "test.onnx");
  }

  private static TensorProto.Builder tensor(long... dims) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setDataType(1);
    for (long dim : dims) {
      tensor.addDims(dim);
    }
    return tensor;
  }

  @Test
  void rawAndTypedDataAreRead() {
    byte[] raw = {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0};
    assertThat(file(tensor(1, 2).setRawData(ByteString.copyFrom(raw))).weight("w").data())
        .containsExactly(1f, -2f);
    OnnxFile typed = file(tensor(2, 1).addFloatData(3f).addFloatData(4f));
    assertThat(typed.weight("w").data()).containsExactly(3f, 4f);
    assertThat(typed.matrixOfBias("b").dims()).containsExactly(2, 1);
    assertThat(typed.nodes()).hasSize(2);
  }

  @Test
  void damagedWeightsAreErrors() {
    assertThatThrownBy(
            () -> file(tensor(1, 2).setRawData(ByteString.copyFrom(new byte[7]))).weight("w"))
        .isInstanceOf(ModelFormatException.class)
        .hasMessage("test.onnx: weight w of dimensions [1, 2] needs 2 values, found 7 bytes");
    assertThatThrownBy(() -> file(tensor(-1, 2)).weight("w"))
        .hasMessageContaining("impossible dimensions [-1, 2]");
    assertThatThrownBy(() -> file(tensor(1L << 40, 1L << 40)).weight("w"))
        .hasMessageContaining("impossible dimensions");
    assertThatThrownBy(() -> file(tensor(1).setDataType(7).addInt64Data(1)).weight("w"))
        .hasMessageContaining("data type 7, expected 1 (FLOAT)");
    assertThatThrownBy(() -> file(tensor(1)).weight("v")).hasMessage("test.onnx: has no weight v");
    assertThatThrownBy(() -> file(tensor(1)).matrixOfBias("c"))
        .hasMessageContaining("no MatMul whose result is added to c");
  }

  @Test
  void otherFilesAreNoModels() {
    assertThatThrownBy(
            () -> OnnxFile.read(new ByteArrayInputStream(new byte[] {10, 50, 1, 2}), "cut.onnx"))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageStartingWith("cut.onnx: is not an ONNX model");
  }
}
