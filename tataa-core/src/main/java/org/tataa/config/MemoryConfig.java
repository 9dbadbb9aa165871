package org.tataa.config;

import org.jspecify.annotations.Nullable;

/**
 * External memory of one core and its ports (architecture.md, timing.md).
 *
 * <p>Both address spaces are windows onto one memory, as the host of the prototype sets them with
 * two base addresses. Windows that coincide let a core load through its X port what it has stored.
 *
 * @param xBase first byte of the X space in the memory, a multiple of the port width
 * @param xBytes size of the X space in bytes
 * @param yzBase first byte of the YZ space in the memory, a multiple of the port width
 * @param yzBytes size of the YZ space in bytes
 * @param portBytes bytes per beat of either port, a power of two, 4..64
 * @param latencyCycles command to first beat, 8..65536
 * @param beatInterval cycles from one beat of a command to its next, 1..8; 1 is full bandwidth
 * @param queueDepth commands one port accepts before it has delivered the first of them, 1..64
 * @param sharedYzPort whether a write beat takes the cycle of a read beat on the YZ port
 * @param vectorLoadBeats study: beats of a vector load that arrive in a cycle, a power of two,
 *     1..32; a load fills as many slots as that many beats (docs/memory.md)
 * @param hbm pseudo-channels that say when beats come, instead of latency and interval, which are
 *     then what schedulers expect; null for the contract's fixed latency
 */
public record MemoryConfig(
    int xBase,
    int xBytes,
    int yzBase,
    int yzBytes,
    int portBytes,
    int latencyCycles,
    int beatInterval,
    int queueDepth,
    boolean sharedYzPort,
    int vectorLoadBeats,
    @Nullable HbmConfig hbm) {

  /** The prototype's ports on one unified memory of 16 MiB. */
  public static final MemoryConfig U280 = unified(16 << 20);

  /**
   * Checks the ranges. The lower bound of the latency keeps a load from overtaking the operand read
   * of an older vector operation.
   *
   * @param xBase first byte of the X space in the memory, a multiple of the port width
   * @param xBytes size of the X space in bytes
   * @param yzBase first byte of the YZ space in the memory, a multiple of the port width
   * @param yzBytes size of the YZ space in bytes
   * @param portBytes bytes per beat of either port, a power of two, 4..64
   * @param latencyCycles command to first beat, 8..65536
   * @param beatInterval cycles from one beat of a command to its next, 1..8; 1 is full bandwidth
   * @param queueDepth commands one port accepts before it has delivered the first of them, 1..64
   * @param sharedYzPort whether a write beat takes the cycle of a read beat on the YZ port
   * @param vectorLoadBeats study: beats of a vector load that arrive in a cycle, a power of two,
   *     1..32; a load fills as many slots as that many beats (docs/memory.md)
   * @param hbm pseudo-channels that say when beats come, instead of latency and interval, which are
   *     then what schedulers expect; null for the contract's fixed latency
   * @throws IllegalArgumentException naming the component that is out of range
   */
  public MemoryConfig {
    Checks.range("portBytes", portBytes, 4, 64);
    Checks.require(
        Integer.bitCount(portBytes) == 1, "portBytes=" + portBytes + " is no power of 2");
    checkWindow("x", xBase, xBytes, portBytes);
    checkWindow("yz", yzBase, yzBytes, portBytes);
    Checks.range("latencyCycles", latencyCycles, 8, 65536);
    Checks.range("beatInterval", beatInterval, 1, 8);
    Checks.range("queueDepth", queueDepth, 1, 64);
    Checks.range("vectorLoadBeats", vectorLoadBeats, 1, 32);
    Checks.require(
        Integer.bitCount(vectorLoadBeats) == 1,
        "vectorLoadBeats=" + vectorLoadBeats + " is no power of 2");
    Checks.require(
        hbm == null || (beatInterval == 1 && !sharedYzPort),
        "beatInterval="
            + beatInterval
            + " and sharedYzPort="
            + sharedYzPort
            + " are of a memory of fixed latency; expected 1 and false with pseudo-channels");
  }

  private static void checkWindow(String space, int base, int bytes, int portBytes) {
    Checks.range(space + "Base", base, 0, Integer.MAX_VALUE - 64);
    Checks.range(space + "Bytes", bytes, portBytes, (long) Integer.MAX_VALUE - 64 - base);
    Checks.require(
        base % portBytes == 0 && bytes % portBytes == 0,
        space
            + "Base="
            + base
            + " and "
            + space
            + "Bytes="
            + bytes
            + " must be multiples of portBytes="
            + portBytes);
  }

  /**
   * {@return prototype ports with both spaces on the same {@code bytes} bytes}
   *
   * @param bytes bytes of the memory
   */
  public static MemoryConfig unified(int bytes) {
    return prototype(0, bytes, 0, bytes);
  }

  /**
   * {@return prototype ports with two disjoint spaces}
   *
   * @param xBytes bytes of the X space
   * @param yzBytes bytes of the YZ space
   */
  public static MemoryConfig separate(int xBytes, int yzBytes) {
    return prototype(0, xBytes, xBytes, yzBytes);
  }

  private static MemoryConfig prototype(int xBase, int xBytes, int yzBase, int yzBytes) {
    return new MemoryConfig(xBase, xBytes, yzBase, yzBytes, 32, 32, 1, 4, false, 1, null);
  }

  /** {@return bytes the memory behind both windows needs} */
  public int totalBytes() {
    return Math.max(xBase + xBytes, yzBase + yzBytes);
  }

  /**
   * {@return slots a vector load may fill: as many vectors as arrive in a cycle, at least one}
   *
   * @param vectorBytes bytes of a vector
   */
  public int vectorsPerLoad(int vectorBytes) {
    return Math.max(1, vectorLoadBeats * portBytes / vectorBytes);
  }

  /**
   * {@return this memory with both spaces on the same {@code bytes} bytes}
   *
   * @param bytes the new value
   */
  public MemoryConfig withUnifiedBytes(int bytes) {
    return new MemoryConfig(
        0,
        bytes,
        0,
        bytes,
        portBytes,
        latencyCycles,
        beatInterval,
        queueDepth,
        sharedYzPort,
        vectorLoadBeats,
        hbm);
  }

  /**
   * {@return this memory with another port width}
   *
   * @param value the new value
   */
  public MemoryConfig withPortBytes(int value) {
    return new MemoryConfig(
        xBase,
        xBytes,
        yzBase,
        yzBytes,
        value,
        latencyCycles,
        beatInterval,
        queueDepth,
        sharedYzPort,
        vectorLoadBeats,
        hbm);
  }

  /**
   * {@return this memory with another latency in cycles}
   *
   * @param value the new value
   */
  public MemoryConfig withLatencyCycles(int value) {
    return new MemoryConfig(
        xBase,
        xBytes,
        yzBase,
        yzBytes,
        portBytes,
        value,
        beatInterval,
        queueDepth,
        sharedYzPort,
        vectorLoadBeats,
        hbm);
  }

  /**
   * {@return this memory with another number of cycles per beat}
   *
   * @param value the new value
   */
  public MemoryConfig withBeatInterval(int value) {
    return new MemoryConfig(
        xBase,
        xBytes,
        yzBase,
        yzBytes,
        portBytes,
        latencyCycles,
        value,
        queueDepth,
        sharedYzPort,
        vectorLoadBeats,
        hbm);
  }

  /**
   * {@return this memory with another command queue depth}
   *
   * @param value the new value
   */
  public MemoryConfig withQueueDepth(int value) {
    return new MemoryConfig(
        xBase,
        xBytes,
        yzBase,
        yzBytes,
        portBytes,
        latencyCycles,
        beatInterval,
        value,
        sharedYzPort,
        vectorLoadBeats,
        hbm);
  }

  /**
   * {@return this memory with reads and writes of the YZ port sharing its bandwidth, or not}
   *
   * @param value the new value
   */
  public MemoryConfig withSharedYzPort(boolean value) {
    return new MemoryConfig(
        xBase,
        xBytes,
        yzBase,
        yzBytes,
        portBytes,
        latencyCycles,
        beatInterval,
        queueDepth,
        value,
        vectorLoadBeats,
        hbm);
  }

  /**
   * {@return this memory with another number of beats of a vector load in a cycle}
   *
   * @param value the new value
   */
  public MemoryConfig withVectorLoadBeats(int value) {
    return new MemoryConfig(
        xBase,
        xBytes,
        yzBase,
        yzBytes,
        portBytes,
        latencyCycles,
        beatInterval,
        queueDepth,
        sharedYzPort,
        value,
        hbm);
  }

  /**
   * {@return this memory with pseudo-channels, or with a fixed latency}
   *
   * @param value the new value; null for a fixed latency
   */
  public MemoryConfig withHbm(@Nullable HbmConfig value) {
    return new MemoryConfig(
        xBase,
        xBytes,
        yzBase,
        yzBytes,
        portBytes,
        latencyCycles,
        beatInterval,
        queueDepth,
        sharedYzPort,
        vectorLoadBeats,
        value);
  }
}
