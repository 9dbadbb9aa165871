package org.tataa.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.tataa.graph.ElementType;
import org.tataa.graph.Evaluator;
import org.tataa.graph.NdTensor;

/** Runs a model in ONNX Runtime and in the float32 evaluator and compares all outputs. */
final class RuntimeComparison {
  private RuntimeComparison() {}

  /** Normally distributed values. */
  static NdTensor random(long seed, int... shape) {
    Random random = new Random(seed);
    float[] values = new float[NdTensor.elements(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return NdTensor.of(values, shape);
  }

  /** Compares with a tolerance relative to the largest element. */
  static void assertSame(byte[] model, Map<String, NdTensor> inputs, double tolerance)
      throws OrtException {
    OnnxImporter.Model read = OnnxImporter.read(new ByteArrayInputStream(model), "model");
    Map<String, NdTensor> actual = new Evaluator(read.graph(), read.opset()).run(inputs, null);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        OrtSession session = environment.createSession(model, options)) {
      Map<String, OnnxTensorLike> feeds = new LinkedHashMap<>();
      for (Map.Entry<String, NdTensor> input : inputs.entrySet()) {
        TensorInfo info = (TensorInfo) session.getInputInfo().get(input.getKey()).getInfo();
        feeds.put(input.getKey(), tensor(environment, input.getValue(), info));
      }
      try (OrtSession.Result result = session.run(feeds)) {
        for (Map.Entry<String, OnnxValue> output : result) {
          compare(
              output.getKey(),
              actual.get(output.getKey()),
              (OnnxTensor) output.getValue(),
              tolerance);
        }
      }
    }
  }

  private static OnnxTensor tensor(OrtEnvironment environment, NdTensor value, TensorInfo info)
      throws OrtException {
    long[] shape = Arrays.stream(value.shape()).asLongStream().toArray();
    switch (info.type) {
      case FLOAT -> {
        return OnnxTensor.createTensor(environment, FloatBuffer.wrap(value.floats()), shape);
      }
      case INT32 -> {
        int[] ints = Arrays.stream(value.longs()).mapToInt(v -> (int) v).toArray();
        return OnnxTensor.createTensor(environment, IntBuffer.wrap(ints), shape);
      }
      case INT64 -> {
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(value.longs()), shape);
      }
      default -> {
        ByteBuffer bytes = ByteBuffer.allocateDirect(value.size()).order(ByteOrder.nativeOrder());
        for (long element : value.longs()) {
          bytes.put((byte) element);
        }
        bytes.rewind();
        return OnnxTensor.createTensor(environment, bytes, shape, info.type);
      }
    }
  }

  private static void compare(String name, NdTensor actual, OnnxTensor expected, double tolerance) {
    long[] shape = expected.getInfo().getShape();
    assertThat(Arrays.stream(actual.shape()).asLongStream().toArray()).as(name).isEqualTo(shape);
    if (actual.size() == 0) {
      return;
    }
    if (actual.type() != ElementType.FLOAT) {
      ByteBuffer bytes = expected.getByteBuffer().order(ByteOrder.nativeOrder());
      for (int i = 0; i < actual.size(); i++) {
        long value =
            switch (expected.getInfo().type) {
              case INT32 -> bytes.getInt();
              case INT64 -> bytes.getLong();
              case UINT8 -> bytes.get() & 0xff;
              default -> bytes.get();
            };
        assertThat(actual.longs()[i]).as("%s[%d]", name, i).isEqualTo(value);
      }
      return;
    }
    FloatBuffer floats = expected.getFloatBuffer();
    double largest = 0;
    for (int i = 0; i < actual.size(); i++) {
      largest = Math.max(largest, Math.abs(floats.get(i)));
    }
    for (int i = 0; i < actual.size(); i++) {
      assertThat((double) actual.floats()[i])
          .as("%s[%d]", name, i)
          .isCloseTo(floats.get(i), Offset.offset(tolerance * largest));
    }
  }
}
