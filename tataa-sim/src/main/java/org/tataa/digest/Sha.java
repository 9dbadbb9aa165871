package org.tataa.digest;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.tataa.state.ScanChain;

/** SHA-256 of registers, counters and bytes in the order they are given, names left out. */
final class Sha implements ScanChain {
  private static final int SHOWN_BYTES = 8;

  private final MessageDigest digest;
  private final ByteBuffer word = ByteBuffer.allocate(Long.BYTES);

  Sha() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** Adds a number. */
  Sha add(long value) {
    word.clear();
    digest.update(word.putLong(value).array());
    return this;
  }

  /** Adds bytes. */
  Sha add(byte[] bytes) {
    digest.update(bytes);
    return this;
  }

  /** Adds the exact bits of values. */
  Sha add(float[] values) {
    for (float value : values) {
      add(Float.floatToRawIntBits(value));
    }
    return this;
  }

  /** The first 64 of the 256 bits in hexadecimal; nothing can be added afterwards. */
  String text() {
    StringBuilder text = new StringBuilder();
    byte[] bytes = digest.digest();
    for (int i = 0; i < SHOWN_BYTES; i++) {
      text.append(String.format("%02x", bytes[i]));
    }
    return text.toString();
  }

  @Override
  public int scan(String register, int value) {
    add(value);
    return value;
  }

  @Override
  public long scan(String register, long value) {
    add(value);
    return value;
  }

  @Override
  public void scan(String register, int[] values, int from, int count) {
    for (int i = 0; i < count; i++) {
      add(values[from + i]);
    }
  }

  @Override
  public void scan(String register, byte[] values, int from, int count) {
    digest.update(values, from, count);
  }

  @Override
  public void scan(String register, long[] values) {
    for (long value : values) {
      add(value);
    }
  }
}
