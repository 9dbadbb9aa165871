package org.tataa.task;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;

/** A name for the inputs of an item that follows from their values. */
final class ItemDigest {
  private ItemDigest() {}

  /** SHA-256 of names, shapes and values. */
  static String of(Map<String, NdTensor> inputs) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
    new TreeMap<>(inputs)
        .forEach(
            (name, value) -> {
              digest.update(name.getBytes(StandardCharsets.UTF_8));
              digest.update(value.dims().toString().getBytes(StandardCharsets.UTF_8));
              ByteBuffer bytes = ByteBuffer.allocate(8 * value.size());
              if (value.type() == ElementType.FLOAT) {
                bytes.asFloatBuffer().put(value.floats());
              } else {
                bytes.asLongBuffer().put(value.longs());
              }
              digest.update(bytes);
            });
    return HexFormat.of().formatHex(digest.digest());
  }
}
