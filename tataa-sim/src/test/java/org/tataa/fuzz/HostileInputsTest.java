package org.tataa.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl;
import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.onnx.ModelFormatException;
import org.tataa.onnx.OnnxBuilder;
import org.tataa.onnx.OnnxImporter;

/**
 * Few bytes that promise much, and many bytes that are nothing: refused, soon, in little memory.
 */
class HostileInputsTest {
  /** Allocated altogether, most of it for a moment: blocks that are unrolled count, say. */
  private static final long MOST_BYTES = 5L << 28;

  private static final int LARGE = 64 << 20;
  private static final int MOST_SECONDS = 60;

  private static void assertRefused(InputKind kind, byte[] input) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThat(kind.read(input)).isFalse();
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(MOST_BYTES);
  }

  private static void assertRefused(InputKind kind, String text) {
    assertRefused(kind, text.getBytes(ISO_8859_1));
  }

  private static byte[] seed(InputKind kind, int number) {
    return kind.seeds().get(number);
  }

  private static String text(InputKind kind) {
    return new String(seed(kind, 0), ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(1099511627776,)",
        "(2147483647, 2147483647)",
        "(65536, 65536, 65536, 65536, 65536)",
        "(1073741824,)",
        "(99999999999999999999,)"
      })
  void shapesOfArrays(String shape) {
    String npy = new String(seed(InputKind.NPY, 0), ISO_8859_1);
    String header = npy.substring(10, npy.indexOf('\n') + 1);
    String changed = header.replaceFirst("\\([^)]*\\)", shape);
    assertThat(changed).isNotEqualTo(header);
    assertRefused(
        InputKind.NPY,
        npy.substring(0, 8)
            + (char) (changed.length() & 255)
            + (char) (changed.length() >> 8)
            + changed
            + "data");
  }

  @Test
  void widthsOfValues() {
    String npy = new String(seed(InputKind.NPY, 0), ISO_8859_1);
    assertRefused(InputKind.NPY, npy.replaceFirst("<f8", "<f99"));
    assertRefused(InputKind.NPY, npy.replaceFirst("'descr': '<f8'", "'descr':'<f99999999999'"));
  }

  @Test
  void sizesOfPictures() {
    for (int[] size :
        new int[][] {{100_000, 100_000}, {Integer.MAX_VALUE, Integer.MAX_VALUE}, {1 << 26, 1}}) {
      byte[] png = seed(InputKind.PICTURE, 2).clone();
      assertThat(new String(png, 12, 4, ISO_8859_1)).isEqualTo("IHDR");
      java.nio.ByteBuffer.wrap(png).putInt(16, size[0]).putInt(20, size[1]);
      assertRefused(InputKind.PICTURE, png);
    }
  }

  @Test
  void sizesOfDataSets() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(0x808);
    for (int axis = 0; axis < 8; axis++) {
      out.writeInt(Integer.MAX_VALUE);
    }
    assertRefused(InputKind.IDX, bytes.toByteArray());
  }

  @Test
  void dimensionsOfWeights() throws IOException {
    OnnxBuilder b = new OnnxBuilder(17, 1);
    String y = b.op("MatMul", b.input("x", 2, 3), b.floats(new float[6], 3, 2));
    OnnxMl.ModelProto model = OnnxMl.ModelProto.parseFrom(b.build(y));
    for (long[] dims :
        new long[][] {
          {1L << 40},
          {1L << 20, 1L << 20, 1L << 20},
          {1L << 32, 1L << 32},
          {Long.MAX_VALUE, 2},
          {-1, -6},
          {1 << 29}
        }) {
      OnnxMl.ModelProto.Builder changed = model.toBuilder();
      OnnxMl.TensorProto.Builder weight = changed.getGraphBuilder().getInitializerBuilder(0);
      weight.clearDims();
      Arrays.stream(dims).forEach(weight::addDims);
      assertRefused(InputKind.ONNX, changed.build().toByteArray());
    }
  }

  /** Shapes that are computed are as large as those that are given. */
  @Test
  void dimensionsThatAreComputed() {
    for (long[] dims : new long[][] {{1L << 40}, {1 << 20, 1 << 20}, {-3}}) {
      OnnxBuilder b = new OnnxBuilder(17, 1);
      b.input("x", 1);
      assertRefused(InputKind.ONNX, b.build(b.op("ConstantOfShape", b.longs(dims))));
      OnnxBuilder expand = new OnnxBuilder(17, 1);
      assertRefused(
          InputKind.ONNX,
          expand.build(expand.op("Expand", expand.input("x", 1), expand.longs(dims))));
    }
    OnnxBuilder range = new OnnxBuilder(17, 1);
    range.input("x", 1);
    String numbers = range.op("Range", range.longs(0), range.longs(1 << 30), range.longs(1));
    assertRefused(InputKind.ONNX, range.build(numbers));
  }

  /** An empty value may be repeated as often as one likes. */
  @Test
  void nothingRepeated() {
    OnnxBuilder b = new OnnxBuilder(17, 1);
    String nothing = b.op("Tile", b.floats(new float[0], 0, 1), b.longs(1 << 30, 1 << 30));
    assertThat(InputKind.ONNX.read(b.build(b.op("Abs", nothing)))).isTrue();
    OnnxBuilder other = new OnnxBuilder(17, 1);
    String much = other.op("Tile", other.floats(new float[4], 2, 2), other.longs(1 << 14, 1 << 14));
    assertRefused(InputKind.ONNX, other.build(much));
  }

  @Test
  void weightsInOtherFilesNeedAFile() throws IOException {
    OnnxBuilder b = new OnnxBuilder(17, 1);
    String y = b.op("MatMul", b.input("x", 2, 3), b.floats(new float[6], 3, 2));
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(b.build(y)).toBuilder();
    model
        .getGraphBuilder()
        .getInitializerBuilder(0)
        .clearRawData()
        .setDataLocation(OnnxMl.TensorProto.DataLocation.EXTERNAL);
    byte[] bytes = model.build().toByteArray();
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> OnnxImporter.read(new ByteArrayInputStream(bytes), "model"))
        .isInstanceOf(ModelFormatException.class);
  }

  @Test
  void partsOfSnapshots() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new DataOutputStream(bytes).writeInt(Integer.MAX_VALUE);
    assertRefused(InputKind.SNAPSHOT, bytes.toByteArray());
    byte[] whole = seed(InputKind.SNAPSHOT, 0);
    // The last page once more, and again.
    int page = 4 + 4096;
    byte[] twice = Arrays.copyOf(whole, whole.length + page);
    int last = whole.length - 4 - page;
    System.arraycopy(whole, last, twice, last + page, page + 4);
    assertRefused(InputKind.SNAPSHOT, twice);
  }

  @ParameterizedTest
  @EnumSource(names = {"CALIBRATION", "ENERGY", "TOKENIZER", "CARD", "SWEEP"})
  void brackets(InputKind kind) {
    for (String bracket : new String[] {"[", "{\"a\":", "{\"values\":{\"a\":[", "- ", "? "}) {
      assertRefused(kind, bracket.repeat(100_000));
    }
  }

  /** What ends the process if the library of tokenizers gets it. */
  @Test
  void tokenizers() {
    String words = new String(seed(InputKind.TOKENIZER, 1), ISO_8859_1);
    assertThat(words).contains("\"type\":\"WordLevel\"");
    for (String changed :
        new String[] {
          words.substring(0, words.length() - 20),
          words.replace("\"id\":0", "\"id\":1e999"),
          words.replace("[UNK]", "\\ud800"),
          words + "{}"
        }) {
      assertRefused(InputKind.TOKENIZER, changed);
    }
    String pieces = new String(seed(InputKind.TOKENIZER, 2), ISO_8859_1);
    String template = "\"special_tokens\":{\"[CLS]\"";
    assertThat(pieces).contains(template);
    assertRefused(InputKind.TOKENIZER, pieces.replace(template, "\"special_tokens\":{\"[SEP]\""));
    String merges = new String(seed(InputKind.TOKENIZER, 0), ISO_8859_1);
    String prefix = "\"continuing_subword_prefix\":\"";
    assertThat(merges).contains(prefix);
    assertRefused(InputKind.TOKENIZER, merges.replace(prefix, prefix + "abc"));
    // This one is found when the text is read.
    assertRefused(InputKind.TOKENIZER, pieces.replace("\"[UNK]\":2", "\"[NONE]\":2"));
  }

  @Test
  void listsWithinThemselves() {
    assertRefused(InputKind.SWEEP, "models: &a [[*a]]");
    assertRefused(InputKind.SWEEP, "models: [deit-s]\nconfigurations: &a [{cores: *a}]");
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 40; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]%n".formatted(i, i, i - 1, i - 1));
    }
    assertRefused(InputKind.SWEEP, bomb.append("models: [*a39]").toString());
  }

  @Test
  void numbersWithManyDigits() {
    String table = text(InputKind.ENERGY);
    for (String number : new String[] {"1e999999999", "1e-999999999", "9".repeat(900)}) {
      String changed = table.replaceFirst("\"value\" ?: ?[0-9.]+", "\"value\": " + number);
      assertThat(changed).isNotEqualTo(table);
      assertRefused(InputKind.ENERGY, changed);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NOP 1099511627776",
        "NOP 16777217",
        ".repeat 1099511627776\nNOP\n.end",
        ".repeat 16777216\n.repeat 16777216\n.end\n.end",
        ".const A = 1 << 64",
        ".const A = bf16(1e999999999)",
        "CONFIG.CONST C99999999999, 0"
      })
  void countsInAssembly(String text) {
    assertRefused(InputKind.ASSEMBLY, text);
  }

  @Test
  void depthsInAssembly() {
    assertRefused(InputKind.ASSEMBLY, ".const A = " + "(".repeat(50_000));
    assertRefused(InputKind.ASSEMBLY, ".const A = " + "-".repeat(50_000) + "1");
    assertRefused(InputKind.ASSEMBLY, "(".repeat(1 << 20));
    assertRefused(InputKind.ASSEMBLY, ".repeat 2\n".repeat(50_000));
  }

  @Test
  void patternsOfNames() {
    assertRefused(InputKind.SIGNALS, "*a".repeat(30) + "*b");
    assertRefused(InputKind.SIGNALS, "*".repeat(100_000) + "x");
    assertRefused(InputKind.SIGNALS, "x[0..2147483647][0..2147483647]");
    assertRefused(InputKind.SIGNALS, "x[99999999999]");
  }

  /** Nothing of the kind, 64 MiB of it. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SIGNALS")
  @Tag("heavy")
  void largeInputs(InputKind kind) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    byte[] input = new byte[LARGE];
    for (char filler : "[9\n".toCharArray()) {
      Arrays.fill(input, (byte) filler);
      byte[] front = seed(kind, 0);
      System.arraycopy(front, 0, input, 0, Math.min(front.length, LARGE));
      long start = threads.getCurrentThreadCpuTime();
      kind.read(input);
      long seconds = (threads.getCurrentThreadCpuTime() - start) / 1_000_000_000L;
      assertThat(seconds).as("%s, %s", kind, filler).isLessThan(MOST_SECONDS);
    }
  }
}
