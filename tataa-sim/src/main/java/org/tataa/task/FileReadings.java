package org.tataa.task;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.NdTensor;
import org.tataa.sim.AtomicFile;

/**
 * Readings in the files of a directory, one per model and scheme, each a sequence of records: the
 * SHA-256 digest of the item's inputs, the number of values, the values. From a record that was cut
 * off on, all is written anew. The files know nothing of the version of the compiler they were made
 * with.
 */
public final class FileReadings implements ReadingStore {
  private static final int DIGEST = 32;

  private final Path directory;
  private final Map<Path, Map<String, float[]>> files = new HashMap<>();

  /**
   * Opens a directory.
   *
   * @param directory made if there is none
   * @throws UncheckedIOException if it cannot be made
   */
  public FileReadings(Path directory) {
    this.directory = directory;
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public float @Nullable [] find(String model, String scheme, Map<String, NdTensor> inputs) {
    return readings(file(model, scheme)).get(ItemDigest.of(inputs));
  }

  @Override
  public void keep(
      String model, String scheme, List<Map<String, NdTensor>> inputs, List<float[]> readings) {
    Path file = file(model, scheme);
    Map<String, float[]> known = readings(file);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      for (int i = 0; i < inputs.size(); i++) {
        String item = ItemDigest.of(inputs.get(i));
        float[] values = readings.get(i);
        known.put(item, values);
        out.write(HexFormat.of().parseHex(item));
        out.writeInt(values.length);
        for (float value : values) {
          out.writeFloat(value);
        }
      }
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        channel.position(channel.size());
        AtomicFile.append(channel, bytes.toByteArray());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(String model, String scheme) {
    String name = (model + " " + scheme).replaceAll("[^A-Za-z0-9.]+", "-");
    return directory.resolve(name + ".readings");
  }

  private Map<String, float[]> readings(Path file) {
    Map<String, float[]> known = files.get(file);
    if (known == null) {
      known = new HashMap<>();
      files.put(file, known);
      if (Files.exists(file)) {
        read(file, known);
      }
    }
    return known;
  }

  private static void read(Path file, Map<String, float[]> known) {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      long whole = 0;
      long size = Files.size(file);
      while (true) {
        byte[] digest = in.readNBytes(DIGEST);
        try {
          int count = in.readInt();
          if (count < 0 || count > (size - whole) / Float.BYTES) {
            break;
          }
          float[] values = new float[count];
          for (int i = 0; i < values.length; i++) {
            values[i] = in.readFloat();
          }
          known.put(HexFormat.of().formatHex(digest), values);
          whole += DIGEST + Integer.BYTES + (long) Float.BYTES * values.length;
        } catch (EOFException e) {
          break;
        }
      }
      if (whole < size) {
        try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
          channel.truncate(whole);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
