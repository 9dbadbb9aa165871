package org.tataa.pipeline;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.ModelFormatException;

/** Reads NumPy array files: little-endian f4, f8, i4, i8, u1 or b1 in C order. */
public final class NpyFile {
  /** Characters of a header that an error repeats. */
  private static final int SHOWN = 200;

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final Pattern TYPE =
      Pattern.compile("'descr'\\s*:\\s*'([<>|=])([a-z])(\\d{1,3})'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d,\\s]*)\\)");

  private NpyFile() {}

  /**
   * Reads an array.
   *
   * @throws ModelFormatException if the file is missing, truncated or of another kind
   */
  public static NdTensor read(Path file) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new ModelFormatException(file + ": no such file");
    } catch (IOException e) {
      throw new ModelFormatException(file + ": cannot be read: " + e);
    }
    if (bytes.length < 12 || !Arrays.equals(MAGIC, Arrays.copyOf(bytes, MAGIC.length))) {
      throw new ModelFormatException(file + ": no .npy file, expected the magic \\x93NUMPY");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int start = bytes[6] == 1 ? 10 : 12;
    long length = bytes[6] == 1 ? buffer.getShort(8) & 0xffffL : buffer.getInt(8) & 0xffffffffL;
    if (start + length > bytes.length) {
      throw new ModelFormatException(file + ": the header is truncated");
    }
    String header = new String(bytes, start, (int) length, StandardCharsets.ISO_8859_1);
    Matcher type = find(TYPE, header, file, "descr");
    if (find(ORDER, header, file, "fortran_order").group(1).equals("True")) {
      throw new ModelFormatException(file + ": Fortran order, expected C order");
    }
    int[] shape =
        Arrays.stream(find(SHAPE, header, file, "shape").group(1).split(","))
            .map(String::strip)
            .filter(dim -> !dim.isEmpty())
            .mapToInt(dim -> dimension(dim, file))
            .toArray();
    buffer.position(start + (int) length);
    return values(file, buffer.slice().order(ByteOrder.LITTLE_ENDIAN), type, shape);
  }

  private static String shortened(String header) {
    String text = header.strip();
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }

  private static int dimension(String text, Path file) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new ModelFormatException(file + ": dimension " + text + " is too large");
    }
  }

  private static Matcher find(Pattern pattern, String header, Path file, String what) {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new ModelFormatException(
          file + ": the header has no `" + what + "` that can be read: " + shortened(header));
    }
    return matcher;
  }

  private static NdTensor values(Path file, ByteBuffer data, Matcher type, int[] shape) {
    String name = type.group(2) + type.group(3);
    long size = 1;
    for (int dim : shape) {
      size = Math.min(NdTensor.MAX_ELEMENTS + 1, size * dim);
    }
    int width = Integer.parseInt(type.group(3));
    if (type.group(1).equals(">")) {
      throw new ModelFormatException(file + ": big-endian values, expected little-endian ones");
    }
    if (size > NdTensor.MAX_ELEMENTS || size * width != data.remaining()) {
      throw new ModelFormatException(
          file
              + ": "
              + data.remaining()
              + " bytes of values, expected those of "
              + name
              + Arrays.toString(shape));
    }
    int count = (int) size;
    switch (name) {
      case "f4", "f8" -> {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
          values[i] = width == 4 ? data.getFloat() : (float) data.getDouble();
        }
        return NdTensor.of(values, shape);
      }
      case "i4", "i8", "u1", "b1" -> {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
          values[i] = width == 8 ? data.getLong() : width == 4 ? data.getInt() : data.get() & 255;
        }
        return name.equals("b1") ? NdTensor.ofBool(values, shape) : NdTensor.of(values, shape);
      }
      default ->
          throw new ModelFormatException(
              file + ": values of type " + name + ", expected f4, f8, i4, i8, u1 or b1");
    }
  }
}
