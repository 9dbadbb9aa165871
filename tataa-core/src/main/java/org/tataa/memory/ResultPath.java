package org.tataa.memory;

import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;
import org.tataa.observe.UnitKind;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;

/**
 * The way from the output FIFO to vector slots (docs/decisions/0025-results-into-vector-slots.md):
 * STOREs to slots whose slots are busy, and the write port of the register file. All dates are
 * known when such a store is accepted.
 */
public final class ResultPath {
  private static final int NONE = -1;

  private final RegisterFileY rfy;
  private final SlotScoreboard scoreboard;
  private final int vectorBytes;
  private final int busyCycles;
  private final int[] index;
  private final int[] bank;
  private final int[] first;
  private final int[] count;
  private final long[] end;
  private int head;
  private int size;

  /**
   * A path nothing is on.
   *
   * @param config the machine
   * @param rfy where the slots are
   * @param scoreboard who uses which slot
   */
  public ResultPath(TataaConfig config, RegisterFileY rfy, SlotScoreboard scoreboard) {
    this.rfy = rfy;
    this.scoreboard = scoreboard;
    vectorBytes = config.geometry().vectorBytes();
    TimingConfig timing = config.timing();
    busyCycles = timing.loadDoneLatency() + timing.busyClearLatency();
    // Each has a beat at least: those in the output FIFO, and those whose busy flag is still high.
    int most = OutputPort.MAX_STORES + busyCycles + 1;
    index = new int[most];
    bank = new int[most];
    first = new int[most];
    count = new int[most];
    end = new long[most];
  }

  void reset() {
    head = 0;
    size = 0;
  }

  private int at(int i) {
    return (head + i) % index.length;
  }

  /** A store was accepted whose last beat comes in a cycle. */
  void enter(int storeIndex, int toBank, int slot, int slots, long lastBeat) {
    int place = at(size);
    size++;
    index[place] = storeIndex;
    bank[place] = toBank;
    first[place] = slot;
    count[place] = slots;
    end[place] = lastBeat + busyCycles;
    enterOnScoreboard(place);
  }

  private void enterOnScoreboard(int place) {
    scoreboard.loads(
        bank[place], first[place], count[place], UnitKind.OUTPUT, index[place], end[place]);
  }

  /** Writes beats of a store, which follow one another in a bank of slots. */
  void write(int toBank, int offset, byte[] source, int from, int length, int storeIndex) {
    rfy.writeVectors(toBank, offset, source, from, length, storeIndex);
  }

  /** Forgets the stores whose busy flag is low in a cycle. */
  void settle(long cycle) {
    while (size > 0 && end[head] <= cycle) {
      head = at(1);
      size--;
    }
  }

  private boolean touches(int place, int ofBank, int from, int slots, long cycle) {
    return bank[place] == ofBank
        && first[place] < from + slots
        && from < first[place] + count[place]
        && cycle < end[place];
  }

  /**
   * Youngest store that keeps one of some slots busy.
   *
   * @param ofBank bank of the slots, 0 for A and 1 for B
   * @param from first slot
   * @param slots how many
   * @param cycle clock cycle, from 0
   * @return its instruction index, or -1
   */
  public int loading(int ofBank, int from, int slots, long cycle) {
    for (int i = size - 1; i >= 0; i--) {
      if (touches(at(i), ofBank, from, slots, cycle)) {
        return index[at(i)];
      }
    }
    return NONE;
  }

  /**
   * {@return first cycle in which no store accepted so far keeps one of some slots busy}
   *
   * @param ofBank bank of the slots, 0 for A and 1 for B
   * @param from first slot
   * @param slots how many
   * @param cycle clock cycle, from 0
   */
  public long loadingUntil(int ofBank, int from, int slots, long cycle) {
    long until = cycle;
    for (int i = 0; i < size; i++) {
      if (touches(at(i), ofBank, from, slots, cycle)) {
        until = Math.max(until, end[at(i)]);
      }
    }
    return until;
  }

  /** First byte of a slot in its bank; of the slot behind the last one, bytes of a bank. */
  int offset(int slot) {
    return slot * vectorBytes;
  }

  int bankBytes() {
    return offset(rfy.slots());
  }

  /**
   * Passes a chain over the stores.
   *
   * @param chain reads or writes the state
   * @throws ScanException if a restored store does not fit
   */
  void scan(ScanChain chain) {
    size = Math.max(0, chain.scanChoice("path.size", size, index.length + 1));
    for (int i = 0; i < size; i++) {
      int place = at(i);
      chain.unit("path.store[" + i + "]");
      index[place] = chain.scan("index", index[place]);
      bank[place] = Math.max(0, chain.scanChoice("bank", bank[place], 2));
      first[place] = chain.scan("slot", first[place]);
      count[place] = chain.scan("slots", count[place]);
      end[place] = chain.scan("end", end[place]);
      if (first[place] < 0 || count[place] < 0 || count[place] > rfy.slots() - first[place]) {
        throw new ScanException("store to slots " + first[place] + "+" + count[place]);
      }
      enterOnScoreboard(place);
    }
    chain.unit("");
  }
}
