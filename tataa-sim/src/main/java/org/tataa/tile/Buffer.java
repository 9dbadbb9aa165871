package org.tataa.tile;

import org.jspecify.annotations.Nullable;

/**
 * A range of the core's memory without an address yet. Compared by identity.
 *
 * <p>A constant buffer has its content before the first step and is never written; a state has what
 * the run before has left in it. What others hold before they are written is unknown: a step may
 * read such bytes beside written ones, as padding, but its results must not depend on them.
 */
public final class Buffer {
  private final String name;
  private final long bytes;
  private final byte @Nullable [] content;
  private final boolean isState;
  private final boolean isSpill;

  private Buffer(
      String name, long bytes, byte @Nullable [] content, boolean isState, boolean isSpill) {
    if (bytes <= 0) {
      throw new IllegalArgumentException(name + ": " + bytes + " bytes, expected more than 0");
    }
    this.name = name;
    this.bytes = bytes;
    this.content = content;
    this.isState = isState;
    this.isSpill = isSpill;
  }

  /** A buffer that steps write. */
  public static Buffer of(String name, long bytes) {
    return new Buffer(name, bytes, null, false, false);
  }

  /** A buffer of constants; the array is not copied. */
  public static Buffer constant(String name, byte[] content) {
    return new Buffer(name, content.length, content, false, false);
  }

  /** A buffer that keeps its content from run to run; all of it is zero before the first. */
  public static Buffer state(String name, long bytes) {
    return new Buffer(name, bytes, null, true, false);
  }

  /** A buffer of vectors for which a nest had no slots: what is stored there is a spill. */
  public static Buffer spill(String name, long bytes) {
    return new Buffer(name, bytes, null, false, true);
  }

  /** Name; unique in a program. */
  public String name() {
    return name;
  }

  /** Its size. */
  public long bytes() {
    return bytes;
  }

  /** Content of a constant, not a copy; null for others. */
  public byte @Nullable [] content() {
    return content;
  }

  /** Whether its content is known before the first step. */
  public boolean isConstant() {
    return content != null;
  }

  /** Whether its content stays from run to run. */
  public boolean isState() {
    return isState;
  }

  /** Whether it holds vectors for which there were no slots. */
  public boolean isSpill() {
    return isSpill;
  }

  @Override
  public String toString() {
    return "@" + name + "[" + bytes + "]";
  }
}
