package org.tataa.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.Arrays;
import org.tataa.config.MemoryConfig;
import org.tataa.state.ScanChain;

/**
 * The external memory of a core, or of cores that share it, seen through two windows: the X space
 * and the YZ space (isa.md). Bytes outside a window are unreachable through it.
 *
 * <p>Several threads may read and write it as long as nobody touches bytes that another one writes.
 */
public final class ExternalMemory {
  /** One of the two address spaces of the instruction set. */
  public enum Space {
    /** X loads and loads of bank A. */
    X,
    /** Y loads, loads of bank B and stores. */
    YZ
  }

  private final MemoryConfig config;
  private final byte[] bytes;
  private final ShortBuffer lanes;

  /**
   * A memory filled with zero.
   *
   * @param config the machine
   */
  public ExternalMemory(MemoryConfig config) {
    this.config = config;
    bytes = new byte[config.totalBytes()];
    lanes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
  }

  /** {@return the windows and ports} */
  public MemoryConfig config() {
    return config;
  }

  /**
   * {@return bytes of a space}
   *
   * @param space the address space
   */
  public int size(Space space) {
    return space == Space.X ? config.xBytes() : config.yzBytes();
  }

  /**
   * {@return whether {@code [address, address + length)} lies in the space}
   *
   * @param space the address space
   * @param address first byte
   * @param length how many bytes
   */
  public boolean contains(Space space, long address, long length) {
    return address >= 0 && length >= 0 && address + length <= size(space);
  }

  /**
   * {@return position in the memory behind both windows}
   *
   * @param space the address space
   * @param address first byte
   * @param length how many bytes
   * @throws IndexOutOfBoundsException if the range leaves the space
   */
  public int locate(Space space, long address, long length) {
    if (!contains(space, address, length)) {
      throw new IndexOutOfBoundsException(
          String.format(
              "%s space: bytes 0x%x..0x%x are outside 0x0..0x%x",
              space, address, address + length - 1, size(space) - 1));
    }
    return (space == Space.X ? config.xBase() : config.yzBase()) + (int) address;
  }

  /**
   * Writes bytes, as a host does before a run.
   *
   * @param space the address space
   * @param address first byte
   * @param source from where
   * @throws IndexOutOfBoundsException if they do not fit the space
   */
  public void write(Space space, long address, byte[] source) {
    System.arraycopy(source, 0, bytes, locate(space, address, source.length), source.length);
  }

  /**
   * Reads bytes, as a host does after a run.
   *
   * @param space the address space
   * @param address first byte
   * @param length how many bytes
   * @return a copy of the bytes
   * @throws IndexOutOfBoundsException if the range leaves the space
   */
  public byte[] read(Space space, long address, int length) {
    int from = locate(space, address, length);
    return Arrays.copyOfRange(bytes, from, from + length);
  }

  /** All bytes to zero. */
  public void clear() {
    Arrays.fill(bytes, (byte) 0);
  }

  /** {@return digest of the whole memory for comparing runs; equal contents give equal values} */
  public int contentHash() {
    return Arrays.hashCode(bytes);
  }

  /**
   * Passes a chain over {@code count} bytes of the memory behind both windows.
   *
   * @param chain reads or writes the state
   * @param from first byte, in the memory behind both windows
   * @param count how many
   */
  public void scan(ScanChain chain, int from, int count) {
    chain.scan("memory", bytes, from, count);
  }

  /** Copies 16-bit lanes, little endian, that begin at an even position. */
  void readLanes(int from, short[] target, int to, int count) {
    lanes.get(from / 2, target, to, count);
  }

  /** {@return the memory behind both windows, for the units that move data} */
  public byte[] backing() {
    return bytes;
  }
}
