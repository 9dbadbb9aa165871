package org.tataa.state;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** Restores a chain from the bytes {@link ScanOut} wrote. */
public final class ScanIn implements ScanChain {
  private final DataInputStream in;

  /** Reads from a stream; a short one gives an {@link UncheckedIOException}. */
  public ScanIn(InputStream in) {
    this.in = new DataInputStream(in);
  }

  @Override
  public int scan(String register, int value) {
    try {
      return in.readInt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public long scan(String register, long value) {
    try {
      return in.readLong();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void scan(String register, int[] values, int from, int count) {
    ByteBuffer.wrap(read(4 * count)).asIntBuffer().get(values, from, count);
  }

  @Override
  public void scan(String register, byte[] values, int from, int count) {
    System.arraycopy(read(count), 0, values, from, count);
  }

  @Override
  public void scan(String register, long[] values) {
    ByteBuffer.wrap(read(8 * values.length)).asLongBuffer().get(values);
  }

  private byte[] read(int count) {
    byte[] bytes = new byte[count];
    try {
      in.readFully(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes;
  }
}
