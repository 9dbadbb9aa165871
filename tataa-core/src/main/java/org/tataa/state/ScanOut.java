package org.tataa.state;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Writes a chain as bytes, big-endian, without names. */
public final class ScanOut implements ScanChain {
  private final DataOutputStream out;
  private byte[] buffer = new byte[0];

  /** Writes to a stream; failures to write are {@link UncheckedIOException}s. */
  public ScanOut(OutputStream out) {
    this.out = new DataOutputStream(out);
  }

  @Override
  public int scan(String register, int value) {
    try {
      out.writeInt(value);
      return value;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public long scan(String register, long value) {
    try {
      out.writeLong(value);
      return value;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void scan(String register, int[] values, int from, int count) {
    ByteBuffer.wrap(room(4 * count)).asIntBuffer().put(values, from, count);
    write(buffer, 0, 4 * count);
  }

  @Override
  public void scan(String register, byte[] values, int from, int count) {
    write(values, from, count);
  }

  @Override
  public void scan(String register, long[] values) {
    ByteBuffer.wrap(room(8 * values.length)).asLongBuffer().put(values);
    write(buffer, 0, 8 * values.length);
  }

  private byte[] room(int bytes) {
    if (buffer.length < bytes) {
      buffer = Arrays.copyOf(buffer, bytes);
    }
    return buffer;
  }

  private void write(byte[] bytes, int from, int count) {
    try {
      out.write(bytes, from, count);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
