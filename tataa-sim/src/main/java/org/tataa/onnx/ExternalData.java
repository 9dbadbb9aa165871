package org.tataa.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Data of tensors in files beside the model; a model cannot name a file anywhere else. */
final class ExternalData {
  private final String model;
  private final @Nullable Path directory;

  ExternalData(String model, @Nullable Path directory) {
    this.model = model;
    this.directory = directory;
  }

  /** What a tensor says about the place of its data. */
  record Place(String location, long offset, long length) {}

  static Place place(TensorProto proto) {
    String location = "";
    long offset = 0;
    long length = -1;
    for (var entry : proto.getExternalDataList()) {
      switch (entry.getKey()) {
        case "location" -> location = entry.getValue();
        case "offset" -> offset = Long.parseLong(entry.getValue());
        case "length" -> length = Long.parseLong(entry.getValue());
        default -> {}
      }
    }
    return new Place(location, offset, length);
  }

  ByteBuffer read(TensorProto proto, String label, long bytes) {
    Path folder = directory;
    if (folder == null) {
      throw new ModelFormatException(model + ": " + label + " has its data in another file");
    }
    Place place;
    Path file;
    try {
      place = place(proto);
      file = folder.resolve(place.location()).normalize();
    } catch (NumberFormatException | InvalidPathException e) {
      throw new ModelFormatException(
          model + ": " + label + ": external data: " + e.getMessage(), e);
    }
    if (place.location().isEmpty()
        || Path.of(place.location()).isAbsolute()
        || !file.startsWith(folder.normalize())) {
      throw new ModelFormatException(
          model
              + ": "
              + label
              + ": external data `"
              + place.location()
              + "` is not in the directory of the model");
    }
    if (place.length() >= 0 && place.length() != bytes) {
      throw new ModelFormatException(
          model + ": " + label + " has " + place.length() + " bytes, expected " + bytes);
    }
    try {
      // A symbolic link may not lead out either.
      if (!file.toRealPath().startsWith(folder.toRealPath())) {
        throw new ModelFormatException(
            model + ": " + label + ": " + file + " leads out of the directory of the model");
      }
      return content(file, label, place.offset(), bytes);
    } catch (IOException e) {
      throw new ModelFormatException(model + ": " + label + ": cannot read " + file + ": " + e, e);
    }
  }

  private ByteBuffer content(Path file, String label, long offset, long bytes) throws IOException {
    try (RandomAccessFile data = new RandomAccessFile(file.toFile(), "r")) {
      if (offset < 0 || bytes > Integer.MAX_VALUE || offset > data.length() - bytes) {
        throw new ModelFormatException(
            model
                + ": "
                + label
                + " needs "
                + bytes
                + " bytes from "
                + offset
                + " of "
                + file
                + ", which has "
                + data.length());
      }
      byte[] content = new byte[(int) bytes];
      data.seek(offset);
      data.readFully(content);
      return ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
