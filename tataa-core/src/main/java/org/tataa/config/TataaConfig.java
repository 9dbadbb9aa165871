package org.tataa.config;

import java.util.Objects;

/**
 * A whole machine: immutable and validated. Peak rates are derived, never stored.
 *
 * @param name short name printed in reports
 * @param cores identical, independent cores, 1..64
 * @param geometry shape of one core's array
 * @param buffers depths of the on-chip memories
 * @param memory external memory and ports of one core
 * @param timing the cycle contract
 * @param profiles arithmetic, accumulator, ISA and hazard choices
 * @param clockHz clock frequency in hertz, 1 kHz..10 GHz
 * @param pipelinedMode study: the operation type travels with the data, so that switching between
 *     multiply-type and add-type vector operations costs nothing (timing.md)
 * @param overlappedDrain study: partial sums are double buffered, so that a MATMUL may follow
 *     another as soon as its operands can enter the array (timing.md)
 * @param resultPath study: STORE.S takes words of the dual-mode buffers to vector slots
 *     (docs/decisions/0025-results-into-vector-slots.md)
 */
public record TataaConfig(
    String name,
    int cores,
    ArrayGeometry geometry,
    BufferConfig buffers,
    MemoryConfig memory,
    TimingConfig timing,
    Profiles profiles,
    long clockHz,
    boolean pipelinedMode,
    boolean overlappedDrain,
    boolean resultPath) {

  /**
   * Checks that the parts fit together.
   *
   * @param name short name printed in reports
   * @param cores identical, independent cores, 1..64
   * @param geometry shape of one core's array
   * @param buffers depths of the on-chip memories
   * @param memory external memory and ports of one core
   * @param timing the cycle contract
   * @param profiles arithmetic, accumulator, ISA and hazard choices
   * @param clockHz clock frequency in hertz, 1 kHz..10 GHz
   * @param pipelinedMode study: the operation type travels with the data, so that switching between
   *     multiply-type and add-type vector operations costs nothing (timing.md)
   * @param overlappedDrain study: partial sums are double buffered, so that a MATMUL may follow
   *     another as soon as its operands can enter the array (timing.md)
   * @param resultPath study: STORE.S takes words of the dual-mode buffers to vector slots
   *     (docs/decisions/0025-results-into-vector-slots.md)
   * @throws IllegalArgumentException naming the component that is wrong
   */
  public TataaConfig {
    Objects.requireNonNull(name, "name");
    Checks.range("cores", cores, 1, 64);
    Objects.requireNonNull(geometry, "geometry");
    Objects.requireNonNull(buffers, "buffers");
    Objects.requireNonNull(memory, "memory");
    Objects.requireNonNull(timing, "timing");
    Objects.requireNonNull(profiles, "profiles");
    Checks.range("clockHz", clockHz, 1_000, 10_000_000_000L);
    Checks.require(
        timing.matmulTail() >= geometry.skew() + timing.arrayInputLatency() + 3,
        "matmulTail="
            + timing.matmulTail()
            + " ends before the last PE of a skew of "
            + geometry.skew()
            + " cycles has its sum; expected at least "
            + (geometry.skew() + timing.arrayInputLatency() + 3));
    Checks.require(
        geometry.outputsPerColumn() == 2 || profiles.accumulator() == AccumulatorKind.INT32,
        "outputsPerColumn=1 has no packed fields to read; use accumulator=INT32");
    Checks.require(
        (geometry.rows() * geometry.outputs()) % memory.portBytes() == 0
            && (2 * geometry.columns()) % memory.portBytes() == 0
            && geometry.rows() % memory.portBytes() == 0
            && geometry.outputs() % memory.portBytes() == 0,
        "portBytes="
            + memory.portBytes()
            + " must divide the bytes of an X word ("
            + geometry.rows()
            + "), a Y word ("
            + geometry.outputs()
            + ") and a vector of one DMPU ("
            + 2 * geometry.columns()
            + ")");
    HbmConfig hbm = memory.hbm();
    Checks.require(
        hbm == null || hbm.leastLatencyCycles(clockHz) >= 8,
        "readLatency of pseudo-channels is less than 8 cycles of clockHz=" + clockHz);
    Checks.require(
        buffers.dmbDepth() * geometry.dmpus() <= 256 * 8,
        "dmbDepth=" + buffers.dmbDepth() + " times dmpus=" + geometry.dmpus() + " exceeds 2048");
  }

  /**
   * {@return the prototype on the Alveo U280: 8 cores of 8 x (4 x 16) PEs at 225 MHz
   * (architecture.md)}
   */
  public static TataaConfig u280() {
    ArrayGeometry geometry = new ArrayGeometry(8, 16, 2);
    return new TataaConfig(
        "u280",
        8,
        geometry,
        BufferConfig.U280,
        MemoryConfig.U280,
        TimingConfig.released(geometry),
        Profiles.DEFAULT,
        225_000_000L,
        false,
        false,
        false);
  }

  /**
   * {@return one core of 2 x (4 x 4) PEs with shallow buffers, for teaching and exhaustive tests}
   */
  public static TataaConfig tiny() {
    ArrayGeometry geometry = new ArrayGeometry(2, 4, 2);
    return new TataaConfig(
        "tiny",
        1,
        geometry,
        new BufferConfig(16, 8, 8, 8, 16),
        MemoryConfig.unified(64 << 10).withPortBytes(8),
        TimingConfig.released(geometry),
        Profiles.DEFAULT,
        225_000_000L,
        false,
        false,
        false);
  }

  /**
   * {@return a preset by name}
   *
   * @param name name of the preset
   * @throws IllegalArgumentException if there is no such preset, listing those there are
   */
  public static TataaConfig preset(String name) {
    return switch (name) {
      case "u280" -> u280();
      case "tiny" -> tiny();
      default ->
          throw new IllegalArgumentException(
              "preset=" + name + " is unknown; expected one of u280, tiny");
    };
  }

  /** {@return MACs one core can do in a cycle} */
  public int macsPerCycle() {
    return geometry.processingElements() * geometry.outputsPerColumn();
  }

  /** {@return peak int8 rate of the device in GOPS (a MAC is two operations)} */
  public double peakInt8Gops() {
    return cores * 2.0 * macsPerCycle() * clockHz / 1e9;
  }

  /** {@return peak bfloat16 rate of the device in GFLOPS} */
  public double peakBf16Gflops() {
    return (double) cores * geometry.lanes() * clockHz / 1e9;
  }

  /** {@return whether a result block is square, which a transposed STORE needs} */
  public boolean canTranspose() {
    return geometry.rows() == geometry.outputs();
  }

  /** {@return largest number of DMB words one STORE can name: all DMBs full, or the 8-bit field} */
  public int maxStoreWords() {
    return Math.min(256, geometry.dmpus() * buffers.dmbDepth());
  }

  /**
   * {@return this machine with another name}
   *
   * @param value the new value
   */
  public TataaConfig withName(String value) {
    return new TataaConfig(
        value,
        cores,
        geometry,
        buffers,
        memory,
        timing,
        profiles,
        clockHz,
        pipelinedMode,
        overlappedDrain,
        resultPath);
  }

  /**
   * {@return this machine with another number of cores}
   *
   * @param value the new value
   */
  public TataaConfig withCores(int value) {
    return new TataaConfig(
        name,
        value,
        geometry,
        buffers,
        memory,
        timing,
        profiles,
        clockHz,
        pipelinedMode,
        overlappedDrain,
        resultPath);
  }

  /**
   * {@return this machine with other buffer depths}
   *
   * @param value the new value
   */
  public TataaConfig withBuffers(BufferConfig value) {
    return new TataaConfig(
        name,
        cores,
        geometry,
        value,
        memory,
        timing,
        profiles,
        clockHz,
        pipelinedMode,
        overlappedDrain,
        resultPath);
  }

  /**
   * {@return this machine with another external memory}
   *
   * @param value the new value
   */
  public TataaConfig withMemory(MemoryConfig value) {
    return new TataaConfig(
        name,
        cores,
        geometry,
        buffers,
        value,
        timing,
        profiles,
        clockHz,
        pipelinedMode,
        overlappedDrain,
        resultPath);
  }

  /**
   * {@return this machine with other latencies}
   *
   * @param value the new value
   */
  public TataaConfig withTiming(TimingConfig value) {
    return new TataaConfig(
        name,
        cores,
        geometry,
        buffers,
        memory,
        value,
        profiles,
        clockHz,
        pipelinedMode,
        overlappedDrain,
        resultPath);
  }

  /**
   * {@return this machine with other profiles}
   *
   * @param value the new value
   */
  public TataaConfig withProfiles(Profiles value) {
    return new TataaConfig(
        name,
        cores,
        geometry,
        buffers,
        memory,
        timing,
        value,
        clockHz,
        pipelinedMode,
        overlappedDrain,
        resultPath);
  }

  /**
   * {@return this machine at another clock frequency in hertz}
   *
   * @param value the new value
   */
  public TataaConfig withClockHz(long value) {
    return new TataaConfig(
        name,
        cores,
        geometry,
        buffers,
        memory,
        timing,
        profiles,
        value,
        pipelinedMode,
        overlappedDrain,
        resultPath);
  }

  /**
   * {@return this machine with the operation type pipelined with the data, or not}
   *
   * @param value the new value
   */
  public TataaConfig withPipelinedMode(boolean value) {
    return new TataaConfig(
        name,
        cores,
        geometry,
        buffers,
        memory,
        timing,
        profiles,
        clockHz,
        value,
        overlappedDrain,
        resultPath);
  }

  /**
   * {@return this machine with double-buffered partial sums, or not}
   *
   * @param value the new value
   */
  public TataaConfig withOverlappedDrain(boolean value) {
    return new TataaConfig(
        name,
        cores,
        geometry,
        buffers,
        memory,
        timing,
        profiles,
        clockHz,
        pipelinedMode,
        value,
        resultPath);
  }

  /**
   * {@return this machine with a path from the dual-mode buffers to vector slots, or without}
   *
   * @param value the new value
   */
  public TataaConfig withResultPath(boolean value) {
    return new TataaConfig(
        name,
        cores,
        geometry,
        buffers,
        memory,
        timing,
        profiles,
        clockHz,
        pipelinedMode,
        overlappedDrain,
        value);
  }
}
