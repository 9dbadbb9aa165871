package org.tataa.memory;

import java.util.Arrays;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.TataaConfig;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;

/**
 * The dual-mode buffers of all DMPUs: per DMPU a FIFO of words with one {hi, lo} pair per column
 * (architecture.md). int8 drains and vector results write all of them at once, a STORE empties DMPU
 * 0 first. A bfloat16 value is the low half of its column; its high half is zero.
 *
 * <p>The simulator keeps word w of all DMPUs together: column c of DMPU d is at {@code (w % depth)
 * * lanes + d * columns + c} of {@link #lo()} and {@link #hi()}.
 */
public final class DualModeBuffer {
  private final int dmpus;
  private final int columns;
  private final int lanes;
  private final int depth;
  private final boolean isNarrow;
  private final int[] lo;
  private final int[] hi;
  private final long[] popped;
  private long pushed;

  /** Where the next word goes, and where the next word of each FIFO comes from. */
  private int pushAt;

  private final int[] popAt;

  /**
   * All FIFOs empty.
   *
   * @param config the machine
   */
  public DualModeBuffer(TataaConfig config) {
    dmpus = config.geometry().dmpus();
    columns = config.geometry().columns();
    lanes = config.geometry().lanes();
    depth = config.buffers().dmbDepth();
    isNarrow = config.profiles().accumulator() == AccumulatorKind.PACKED_INT16;
    lo = new int[depth * lanes];
    hi = new int[depth * lanes];
    popped = new long[dmpus];
    popAt = new int[dmpus];
    reset();
  }

  /** All FIFOs empty. */
  public void reset() {
    pushed = 0;
    Arrays.fill(popped, 0);
    findPlaces();
  }

  private void findPlaces() {
    pushAt = (int) (pushed % depth) * lanes;
    for (int dmpu = 0; dmpu < dmpus; dmpu++) {
      popAt[dmpu] = (int) (popped[dmpu] % depth) * lanes + dmpu * columns;
    }
  }

  private int after(int place) {
    return place + lanes >= lo.length ? place + lanes - lo.length : place + lanes;
  }

  /** {@return words one FIFO holds at most} */
  public int depth() {
    return depth;
  }

  /**
   * {@return words a FIFO holds}
   *
   * @param dmpu number of the DMPU
   */
  public int occupancy(int dmpu) {
    return (int) (pushed - popped[dmpu]);
  }

  /** {@return low halves of all words, {@code [depth][dmpus][columns]}} */
  public int[] lo() {
    return lo;
  }

  /** {@return high halves of all words, {@code [depth][dmpus][columns]}} */
  public int[] hi() {
    return hi;
  }

  /**
   * Appends a word to every FIFO; its contents are then to be written.
   *
   * @return position of the word of DMPU 0 in {@link #lo()} and {@link #hi()}
   */
  public int push() {
    // The last one is emptied last.
    if (occupancy(dmpus - 1) == depth) {
      throw new IllegalStateException("dmb[" + (dmpus - 1) + "] overflows its " + depth + " words");
    }
    int place = pushAt;
    pushAt = after(place);
    pushed++;
    return place;
  }

  /**
   * Appends a vector to every FIFO, {@code [dmpus * columns]} bfloat16 bits.
   *
   * @param vector which vector
   */
  public void pushLanes(int[] vector) {
    int at = push();
    for (int lane = 0; lane < lanes; lane++) {
      lo[at + lane] = half(vector[lane]);
    }
    Arrays.fill(hi, at, at + lanes, 0);
  }

  /**
   * Appends a vector to every FIFO, {@code [dmpus * columns]} bfloat16 patterns.
   *
   * @param vector which vector
   */
  public void pushLanes(short[] vector) {
    int at = push();
    for (int lane = 0; lane < lanes; lane++) {
      lo[at + lane] = half(vector[lane]);
    }
    Arrays.fill(hi, at, at + lanes, 0);
  }

  // A word of the prototype has 16 bits a sum; a vector read as sums is signed there.
  private int half(int bits) {
    return isNarrow ? (short) bits : bits & 0xffff;
  }

  /**
   * Takes the oldest word of a FIFO.
   *
   * @param dmpu number of the DMPU
   * @return position of the word in {@link #lo()} and {@link #hi()}; it stays until it is
   *     overwritten
   */
  public int pop(int dmpu) {
    if (occupancy(dmpu) == 0) {
      throw new IllegalStateException("dmb[" + dmpu + "] is read while empty");
    }
    int place = popAt[dmpu];
    popAt[dmpu] = after(place);
    popped[dmpu]++;
    return place;
  }

  /**
   * {@return the FIFO of a DMPU, oldest word first, in the form a waveform viewer would show}
   *
   * @param dmpu number of the DMPU
   */
  public String describe(int dmpu) {
    StringBuilder text = new StringBuilder();
    text.append("dmb[").append(dmpu).append("] ").append(occupancy(dmpu)).append('/').append(depth);
    for (long word = popped[dmpu]; word < pushed; word++) {
      int at = (int) (word % depth) * lanes + dmpu * columns;
      text.append('\n').append("  ").append(word - popped[dmpu]).append(':');
      for (int column = 0; column < columns; column++) {
        text.append(String.format(" {%04x,%04x}", hi[at + column], lo[at + column] & 0xffff));
      }
    }
    return text.toString();
  }

  /**
   * Passes a chain over the words in the FIFOs.
   *
   * @param chain reads or writes the state
   * @throws ScanException if more words are restored than fit
   */
  public void scan(ScanChain chain) {
    pushed = chain.scan("dmb.pushed", pushed);
    for (int dmpu = 0; dmpu < dmpus; dmpu++) {
      chain.unit("dmpu" + dmpu + ".dmb");
      popped[dmpu] = chain.scan("popped", popped[dmpu]);
      long words = pushed - popped[dmpu];
      if (popped[dmpu] < 0 || words < 0 || words > depth) {
        throw new ScanException("dmb[" + dmpu + "] holds " + words + " of " + depth + " words");
      }
      for (long word = popped[dmpu]; word < pushed; word++) {
        int at = (int) (word % depth) * lanes + dmpu * columns;
        chain.scan("lo[" + (word - popped[dmpu]) + "]", lo, at, columns);
        chain.scan("hi[" + (word - popped[dmpu]) + "]", hi, at, columns);
      }
    }
    chain.unit("");
    findPlaces();
  }
}
