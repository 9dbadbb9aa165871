package org.tataa.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tataa.onnx.OnnxBuilder;

/**
 * The model of the course, {@code docs/examples/encoder.onnx}, and its input are what is written
 * here: an encoder layer of 32 tokens and 32 features, with weights from a seed.
 */
class ExampleModelTest {
  private static final Path EXAMPLES = Path.of("..", "docs", "examples");
  private static final int TOKENS = 32;
  private static final int FEATURES = 32;
  private static final int HEADS = 2;
  private static final int WIDTH = FEATURES / HEADS;

  private static String heads(OnnxBuilder b, String x) {
    return b.transpose(b.reshape(x, 1, TOKENS, HEADS, WIDTH), 0, 2, 1, 3);
  }

  static byte[] encoder() {
    OnnxBuilder b = new OnnxBuilder(20, 1);
    String x = b.input("x", 1, TOKENS, FEATURES);
    String normal = b.layerNorm(x, FEATURES);
    String q = heads(b, b.linear(normal, FEATURES, FEATURES));
    String k = b.transpose(heads(b, b.linear(normal, FEATURES, FEATURES)), 0, 1, 3, 2);
    String v = heads(b, b.linear(normal, FEATURES, FEATURES));
    String scores = b.op("Mul", b.op("MatMul", q, k), b.number(1 / Math.sqrt(WIDTH)));
    String mixed = b.op("MatMul", b.op("Softmax", Map.of("axis", -1L), scores), v);
    String context = b.reshape(b.transpose(mixed, 0, 2, 1, 3), 1, TOKENS, FEATURES);
    String attended = b.op("Add", x, b.linear(context, FEATURES, FEATURES));
    String inner = b.linear(b.layerNorm(attended, FEATURES), FEATURES, 2 * FEATURES);
    String outer = b.linear(b.op("Gelu", inner), 2 * FEATURES, FEATURES);
    return b.build(b.op("Add", attended, outer));
  }

  /** Normally distributed numbers as a NumPy array. */
  static byte[] input() throws IOException {
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, "
            + TOKENS
            + ", "
            + FEATURES
            + "), }";
    // The data begins at a multiple of 64 bytes.
    String padded = header + " ".repeat(128 - 10 - 1 - header.length()) + "\n";
    ByteBuffer data = ByteBuffer.allocate(4 * TOKENS * FEATURES).order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(1);
    while (data.hasRemaining()) {
      data.putFloat((float) random.nextGaussian());
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) padded.length(), 0});
    file.write(padded.getBytes(StandardCharsets.US_ASCII));
    file.write(data.array());
    return file.toByteArray();
  }

  private static void assertFile(String name, byte[] content) throws IOException {
    Path file = EXAMPLES.resolve(name);
    if (Boolean.getBoolean("course.update")) {
      Files.write(file, content);
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(content);
  }

  @Test
  void theExampleIsWhatItSays() throws IOException {
    assertFile("encoder.onnx", encoder());
    assertFile("encoder-x.npy", input());
  }
}
