package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.ModelFormatException;

/** Pictures and arrays as inputs of models. */
class ImageFileTest {
  private static final ImageCard GREY =
      new ImageCard(2, 2, List.of(0.0), List.of(1.0), List.of("a", "b"));
  private static final ImageCard COLOUR =
      new ImageCard(2, 2, List.of(0.5, 0.0, 0.0), List.of(0.5, 1.0, 2.0), List.of());

  @TempDir Path directory;

  private Path png(String name, int type, int width, int... colours) throws IOException {
    BufferedImage image = new BufferedImage(width, colours.length / width, type);
    for (int i = 0; i < colours.length; i++) {
      if (type == BufferedImage.TYPE_BYTE_GRAY) {
        image.getRaster().setSample(i % width, i / width, 0, colours[i]);
      } else {
        image.setRGB(i % width, i / width, colours[i]);
      }
    }
    Path file = directory.resolve(name);
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  private Path npy(String type, String shape, int bytes, double... values) throws IOException {
    String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + "}\n";
    ByteBuffer buffer =
        ByteBuffer.allocate(10 + header.length() + bytes * values.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    buffer.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    buffer.putShort((short) header.length()).put(header.getBytes(StandardCharsets.ISO_8859_1));
    for (double value : values) {
      if (bytes == 1) {
        buffer.put((byte) value);
      } else {
        buffer.putFloat((float) value);
      }
    }
    Path file = directory.resolve("array.npy");
    Files.write(file, buffer.array());
    return file;
  }

  private static float[] read(Path file, ImageCard card) {
    return ImageFile.read(file, card, false).floats();
  }

  @Test
  void levelsOfGreyAreThoseOfTheFile() throws IOException {
    Path file = png("grey.png", BufferedImage.TYPE_BYTE_GRAY, 2, 0, 51, 102, 255);
    assertThat(read(file, GREY)).containsExactly(0f, 0.2f, 0.4f, 1f);
    assertThat(ImageFile.read(file, GREY, true).floats()).containsExactly(1f, 0.8f, 0.6f, 0f);
    assertThat(read(file, COLOUR))
        .containsExactly(-1f, -0.6f, -0.2f, 1f, 0f, 0.2f, 0.4f, 1f, 0f, 0.1f, 0.2f, 0.5f);
  }

  @Test
  void coloursBecomeGreyByLuminanceAndTransparentIsBlack() throws IOException {
    int[] colours = {0xffff0000, 0xff00ff00, 0xff0000ff, 0x00ffffff};
    Path file = png("colour.png", BufferedImage.TYPE_INT_ARGB, 2, colours);
    assertThat(read(file, GREY)).containsExactly(0.299f, 0.587f, 0.114f, 0f);
    assertThat(Arrays.copyOf(read(file, COLOUR), 4)).containsExactly(1f, -1f, -1f, -1f);
  }

  @Test
  void otherSizesAreMeansOfAreas() throws IOException {
    int[] levels = {0, 255, 0, 255, 255, 0, 255, 255};
    Path wide = png("wide.png", BufferedImage.TYPE_BYTE_GRAY, 4, levels);
    assertThat(read(wide, GREY)).containsExactly(0.5f, 0.5f, 0.5f, 1f);
    Path three = png("three.png", BufferedImage.TYPE_BYTE_GRAY, 3, 255, 0, 0, 0, 0, 0, 0, 0, 255);
    // A pixel covers one and a half: 1 of 2.25 is white.
    assertThat(read(three, GREY)).containsExactly(1 / 2.25f, 0f, 0f, 1 / 2.25f);
    Path one = png("one.png", BufferedImage.TYPE_BYTE_GRAY, 1, 51);
    assertThat(read(one, GREY)).containsOnly(0.2f);
  }

  @Test
  void arraysOfBytesAndNumbers() throws IOException {
    float[] bytes = read(npy("|u1", "(2, 2)", 1, 0, 51, 102, 255), GREY);
    assertThat(bytes).containsExactly(0f, 0.2f, 0.4f, 1f);
    float[] numbers = read(npy("<f4", "(1, 2, 2)", 4, 0, 0.25, 0.5, 1), GREY);
    assertThat(numbers).containsExactly(0f, 0.25f, 0.5f, 1f);
    double[] rows = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0.5, 0.5, 0.5};
    float[] last = read(npy("<f4", "(2, 2, 3)", 4, rows), COLOUR);
    assertThat(last).containsExactly(1f, -1f, -1f, 0f, 0f, 1f, 0f, 0.5f, 0f, 0f, 0.5f, 0.25f);
  }

  @Test
  void aFolderInTheOrderOfNames() throws IOException {
    png("b.png", BufferedImage.TYPE_BYTE_GRAY, 1, 1);
    png("a.PNG", BufferedImage.TYPE_BYTE_GRAY, 1, 1);
    Files.writeString(directory.resolve("notes.txt"), "no image");
    assertThat(ImageFile.in(directory))
        .extracting(file -> file.getFileName().toString())
        .containsExactly("a.PNG", "b.png");
    Path empty = Files.createDirectory(directory.resolve("empty"));
    assertThatThrownBy(() -> ImageFile.in(empty)).hasMessageContaining("no images in this folder");
  }

  @Test
  void whatIsNoImageIsRefusedByName() throws IOException {
    Path text = directory.resolve("text.png");
    Files.writeString(text, "no image");
    Path broken = png("broken.png", BufferedImage.TYPE_BYTE_GRAY, 2, 0, 51, 102, 255);
    Files.write(broken, Arrays.copyOf(Files.readAllBytes(broken), 40));
    for (Path file : List.of(text, broken, directory.resolve("nowhere.png"))) {
      assertThatThrownBy(() -> read(file, GREY))
          .isInstanceOf(ModelFormatException.class)
          .hasMessageContaining(file.getFileName().toString());
    }
    Path bright = npy("<f4", "(1, 2)", 4, 0, 255);
    assertThatThrownBy(() -> read(bright, GREY)).hasMessageContaining("value 255.0, expected");
    Path four = npy("<f4", "(4, 1, 2)", 4, 0, 0, 0, 0, 0, 0, 0, 0);
    assertThatThrownBy(() -> read(four, GREY)).hasMessageContaining("with 1 or 3 channels");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[",
        "{\"height\": 0, \"width\": 1, \"mean\": [0], \"std\": [1]}",
        "{\"height\": 9, \"width\": 9, \"mean\": [0, 0], \"std\": [1, 1]}",
        "{\"height\": 9, \"width\": 9, \"mean\": [0], \"std\": [0]}",
        "{\"height\": 9, \"width\": 9, \"mean\": [0], \"std\": [1], \"labesl\": []}"
      })
  void cardsThatSayNothingUsefulAreRefused(String json) {
    assertThatThrownBy(() -> ImageCard.of(json, "card.json"))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageStartingWith("card.json: no card of images");
  }

  @Test
  void filesOfBytes() throws IOException {
    byte[] pixels = {1, 2, 3, (byte) 200, 5, 6};
    IdxFile file = IdxFile.read(new ByteArrayInputStream(idx(0x803, pixels, 3, 1, 2)), "idx");
    assertThat(file.count()).isEqualTo(3);
    assertThat(file.shape()).containsExactly(3, 1, 2);
    assertThat(file.item(1)).containsExactly(3, 200);
    NdTensor input = new ImageCard(1, 2, List.of(0.0), List.of(1.0), List.of()).input(file.item(1));
    assertThat(input.floats()).containsExactly(3 / 255f, 200 / 255f);
    assertBroken(idx(0x803, pixels, 4, 1, 2), "idx: is truncated");
    assertBroken(idx(0xd03, pixels, 3, 1, 2), "idx: magic 0xd03");
    assertBroken(idx(0x803, pixels, -1, 1, 2), "idx");
    assertBroken(pixels, "idx: cannot be read");
  }

  private static void assertBroken(byte[] bytes, String message) {
    assertThatThrownBy(() -> IdxFile.read(new ByteArrayInputStream(bytes), "idx"))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining(message);
  }

  private static byte[] idx(int magic, byte[] values, int... shape) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(new GZIPOutputStream(bytes))) {
      out.writeInt(magic);
      for (int size : shape) {
        out.writeInt(size);
      }
      out.write(values);
    }
    return bytes.toByteArray();
  }
}
