package org.tataa.pipeline;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.onnx.ModelFormatException;

/** An array of unsigned bytes in the format of the MNIST family, packed by gzip. */
public final class IdxFile {
  private static final int UNSIGNED_BYTES = 0x800;
  private static final int MOST_AXES = 8;

  private final int[] shape;
  private final byte[] values;

  private IdxFile(int[] shape, byte[] values) {
    this.shape = shape;
    this.values = values;
  }

  /** Sizes; the first counts items. */
  public int[] shape() {
    return shape.clone();
  }

  /** The bytes, the last axis fastest. */
  public byte[] values() {
    return values.clone();
  }

  /**
   * Reads a file.
   *
   * @throws ModelFormatException if it is missing, truncated or of another kind
   */
  public static IdxFile read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString());
    } catch (NoSuchFileException e) {
      throw new ModelFormatException(file + ": no such file");
    } catch (IOException e) {
      throw new ModelFormatException(file + ": cannot be read: " + e);
    }
  }

  /**
   * Reads a stream to its end.
   *
   * @param name for messages
   * @throws ModelFormatException if it is truncated or of another kind
   */
  static IdxFile read(InputStream stream, String name) {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(new GZIPInputStream(stream)))) {
      int magic = in.readInt();
      int rank = magic & 255;
      if (magic != (UNSIGNED_BYTES | rank) || rank < 1 || rank > MOST_AXES) {
        throw new ModelFormatException(
            String.format("%s: magic 0x%x, expected that of unsigned bytes", name, magic));
      }
      int[] shape = new int[rank];
      for (int axis = 0; axis < rank; axis++) {
        shape[axis] = in.readInt();
        if (shape[axis] < 1) {
          throw new ModelFormatException(name + ": a size of " + shape[axis]);
        }
      }
      int size = NdTensor.elements(shape);
      byte[] values = in.readNBytes(size);
      if (values.length < size) {
        throw new EOFException();
      }
      return new IdxFile(shape, values);
    } catch (GraphException e) {
      throw new ModelFormatException(name + ": " + e.getMessage());
    } catch (EOFException e) {
      throw new ModelFormatException(name + ": is truncated");
    } catch (IOException e) {
      throw new ModelFormatException(name + ": cannot be read: " + e);
    }
  }

  /** Number of items. */
  public int count() {
    return shape[0];
  }

  /** The values of an item, 0..255. */
  public int[] item(int number) {
    int size = values.length / shape[0];
    int[] item = new int[size];
    Arrays.setAll(item, i -> values[number * size + i] & 255);
    return item;
  }

  @Override
  public String toString() {
    return "bytes" + Arrays.toString(shape);
  }
}
