package org.tataa.tile;

import java.util.Arrays;

/**
 * A place in a buffer that moves with the loops of a nest: {@code base + sum(strides[l] *
 * index[l])}, in bytes.
 *
 * @param buffer the buffer
 * @param base bytes from its start
 * @param strides bytes per iteration of each loop, outermost first
 */
@SuppressWarnings({"ArrayRecordComponent", "ReferenceEquality"}) // A buffer is itself only.
public record Address(Buffer buffer, long base, long[] strides) {
  /** Takes a copy. */
  public Address {
    strides = strides.clone();
  }

  /** Bytes from the start of the buffer in an iteration. */
  public long at(int[] index) {
    long offset = base;
    for (int i = 0; i < strides.length; i++) {
      offset += strides[i] * index[i];
    }
    return offset;
  }

  /** The address some bytes further on. */
  public Address plus(long bytes) {
    return new Address(buffer, base + bytes, strides);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Address address
        && address.buffer == buffer
        && address.base == base
        && Arrays.equals(address.strides, strides);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * System.identityHashCode(buffer) + Long.hashCode(base))
        + Arrays.hashCode(strides);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("@" + buffer.name() + "+" + base);
    for (int i = 0; i < strides.length; i++) {
      if (strides[i] != 0) {
        text.append(strides[i] < 0 ? "-" : "+")
            .append(Math.abs(strides[i]))
            .append('*')
            .append((char) ('i' + i));
      }
    }
    return text.toString();
  }
}
