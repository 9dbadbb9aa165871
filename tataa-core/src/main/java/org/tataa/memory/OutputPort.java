package org.tataa.memory;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.clock.ClockedUnit;
import org.tataa.config.TataaConfig;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.Counters;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;

/**
 * Output FIFO and write side of the YZ port (timing.md, output FIFO to memory and successive
 * stores). The cycle in which each beat of a store leaves is fixed when the store is accepted: its
 * own latency, or one cycle after the last beat of the store before it. Beats of a store to vector
 * slots leave through the {@link ResultPath} instead of the port.
 */
public final class OutputPort implements ClockedUnit {
  static final int MAX_STORES = 64;

  /** Not a bank: the store goes to memory. */
  private static final int MEMORY = -1;

  private final ExternalMemory memory;
  private final Counters counters;
  private final int beatBytes;
  private final Hbm.@Nullable WritePort channels;
  private final ResultPath path;
  private final boolean hasPath;
  private final byte[] ring;
  private final int[] index = new int[MAX_STORES];

  /** Bank of the slots a store goes to, or {@link #MEMORY}. */
  private final int[] bank = new int[MAX_STORES];

  /** First byte in the memory behind both windows, or in the bank. */
  private final int[] address = new int[MAX_STORES];

  private final int[] beats = new int[MAX_STORES];
  private final long[] firstBeat = new long[MAX_STORES];
  private final long[] ringStart = new long[MAX_STORES];
  private int head;
  private int size;
  private int complete;
  private int sent;
  private long ringNext;
  private long lastBeat;
  private long sentAt;
  private long writtenAt;
  private @Nullable CoreObserver observer;

  /**
   * An idle port.
   *
   * @param config the machine
   * @param memory where data comes from and goes to
   * @param path the way to vector slots
   * @param counters count what happens
   * @param ports of pseudo-channels; null for a memory that takes every beat at once
   */
  public OutputPort(
      TataaConfig config,
      ExternalMemory memory,
      ResultPath path,
      Counters counters,
      Hbm.@Nullable Ports ports) {
    channels = ports == null ? null : ports.z;
    this.path = path;
    hasPath = config.resultPath();
    this.memory = memory;
    this.counters = counters;
    beatBytes = config.memory().portBytes();
    int largest = config.maxStoreWords() * 4 * config.geometry().columns();
    int needed = 3 * largest + (config.buffers().outputFifoBeats() + 1024) * beatBytes;
    ring = new byte[Integer.highestOneBit(needed - 1) << 1];
    reset();
  }

  /** Forgets all beats. */
  public void reset() {
    head = 0;
    size = 0;
    complete = 0;
    sent = 0;
    ringNext = 0;
    lastBeat = -1;
    sentAt = -1;
    writtenAt = -1;
    path.reset();
  }

  /**
   * Sets who hears of beats, or null.
   *
   * @param value the value
   */
  public void observe(@Nullable CoreObserver value) {
    observer = value;
  }

  /**
   * {@return cycle in which the first beat of a store leaves if it can leave at {@code earliest}}
   *
   * @param earliest first cycle in which it may happen
   */
  public long firstBeatOf(long earliest) {
    return Math.max(earliest, lastBeat + 1);
  }

  /**
   * {@return first cycle in which one more store can be entered: the port follows up to {@value
   * #MAX_STORES} stores, and as many bytes as its buffer holds} Machines on which many small stores
   * queue up wait for the oldest.
   *
   * @param bytes size of the store
   */
  public long roomAt(int bytes) {
    long room = Long.MIN_VALUE;
    for (int gone = 0; gone < size; gone++) {
      long held = ringNext - ringStart[(head + gone) % MAX_STORES];
      if (size - gone < MAX_STORES && held + bytes <= ring.length) {
        return room;
      }
      room = lastBeat(gone) + 1;
    }
    return room;
  }

  /**
   * Accepts a store whose bytes will follow.
   *
   * @param cycle cycle of acceptance
   * @param storeIndex instruction index
   * @param target position in the memory behind both windows
   * @param storeBeats beats, at least 1
   * @param earliest cycle of the first beat by the store's own latency
   * @return ring position of the first byte, for {@link #put(long, int)}
   */
  public long open(long cycle, int storeIndex, int target, int storeBeats, long earliest) {
    return open(cycle, storeIndex, MEMORY, target, storeBeats, earliest);
  }

  /**
   * Accepts a store to vector slots whose bytes will follow.
   *
   * @param cycle cycle of acceptance
   * @param storeIndex instruction index
   * @param toBank bank of the slots, 0 for A and 1 for B
   * @param first first slot
   * @param slots how many; it has beats for all of them
   * @param storeBeats beats, at least 1
   * @param earliest cycle of the first beat by the store's own latency
   * @return ring position of the first byte, for {@link #put(long, int)}
   */
  public long openSlots(
      long cycle, int storeIndex, int toBank, int first, int slots, int storeBeats, long earliest) {
    long position = open(cycle, storeIndex, toBank, path.offset(first), storeBeats, earliest);
    path.enter(storeIndex, toBank, first, slots, lastBeat);
    return position;
  }

  private long open(
      long cycle, int storeIndex, int toBank, int target, int storeBeats, long earliest) {
    settle(cycle - 1);
    if (size == MAX_STORES) {
      throw new IllegalStateException("more than " + MAX_STORES + " stores in the output FIFO");
    }
    int slot = (head + size) % MAX_STORES;
    size++;
    index[slot] = storeIndex;
    bank[slot] = toBank;
    address[slot] = target;
    beats[slot] = storeBeats;
    firstBeat[slot] = firstBeatOf(earliest);
    ringStart[slot] = ringNext;
    clearRing(storeBeats * beatBytes);
    ringNext += (long) storeBeats * beatBytes;
    lastBeat = firstBeat[slot] + storeBeats - 1;
    return ringStart[slot];
  }

  private void clearRing(int count) {
    int from = (int) ringNext & (ring.length - 1);
    int first = Math.min(count, ring.length - from);
    Arrays.fill(ring, from, from + first, (byte) 0);
    Arrays.fill(ring, 0, count - first, (byte) 0);
  }

  /**
   * Places one byte of an open store.
   *
   * @param position byte of the memory behind both windows
   * @param value the byte
   */
  public void put(long position, int value) {
    ring[(int) position & (ring.length - 1)] = (byte) value;
  }

  /**
   * Places bytes of an open store.
   *
   * @param position byte of the memory behind both windows
   * @param bytes the bytes
   * @param count how many
   */
  public void put(long position, byte[] bytes, int count) {
    int at = (int) position & (ring.length - 1);
    int first = Math.min(count, ring.length - at);
    System.arraycopy(bytes, 0, ring, at, first);
    System.arraycopy(bytes, first, ring, 0, count - first);
  }

  /**
   * {@return whether a write beat uses the port in this cycle; one to vector slots does not}
   *
   * @param cycle clock cycle, from 0
   */
  public boolean leavesAt(long cycle) {
    if (writtenAt == cycle) {
      return true;
    }
    for (int i = 0; i < size; i++) {
      int slot = (head + i) % MAX_STORES;
      if (bank[slot] == MEMORY
          && cycle >= firstBeat[slot]
          && cycle < firstBeat[slot] + beats[slot]) {
        return true;
      }
    }
    return false;
  }

  /** Lets the beat of this cycle leave. */
  @Override
  public void evaluate(long cycle) {
    if (channels != null) {
      channels.advance(cycle);
    }
    path.settle(cycle);
    int store = current();
    if (complete == size || cycle < firstBeat[store]) {
      return;
    }
    if (observer != null) {
      observer.onOutputBeat(cycle, index[store], sent, beats[store]);
    }
    copyBeats(store, 1);
    if (channels != null && bank[store] == MEMORY) {
      boolean isLast = sent + 1 == beats[store];
      channels.write(cycle, address[store] + sent * beatBytes, beatBytes, isLast);
    }
    sendTo(sent + 1);
    settle(cycle);
  }

  // Slot of the oldest store whose beats have not all left.
  private int current() {
    return (head + complete) % MAX_STORES;
  }

  private void copyBeats(int store, int count) {
    byte[] target = memory.backing();
    for (int beat = sent; beat < sent + count; beat++) {
      int from = (int) (ringStart[store] + (long) beat * beatBytes) & (ring.length - 1);
      int to = address[store] + beat * beatBytes;
      if (bank[store] == MEMORY) {
        System.arraycopy(ring, from, target, to, beatBytes);
      } else {
        path.write(bank[store], to, ring, from, beatBytes, index[store]);
      }
    }
  }

  /**
   * Sends the beats of the oldest incomplete store, as far as they leave before a cycle.
   *
   * @param to the cycle up to which
   */
  public void forward(long to) {
    int store = current();
    if (complete == size || firstBeat[store] + sent >= to) {
      return;
    }
    int last = (int) Math.min(to - firstBeat[store], beats[store]);
    copyBeats(store, last - sent);
    sendTo(last);
  }

  /** {@return the memory behind both windows} */
  public byte[] memory() {
    return memory.backing();
  }

  /** {@return whether the youngest store goes to memory, not to vector slots} */
  public boolean youngestGoesToMemory() {
    return bank[(head + size - 1) % MAX_STORES] == MEMORY;
  }

  /** {@return where the youngest store goes in the memory behind both windows} */
  public int youngestAddress() {
    return address[(head + size - 1) % MAX_STORES];
  }

  /** Takes the oldest incomplete store as sent; its bytes are in memory already. */
  public void skip() {
    sendTo(beats[current()]);
  }

  private void sendTo(int beat) {
    int store = current();
    sentAt = firstBeat[store] + beat - 1;
    if (bank[store] == MEMORY) {
      counters.countStored((beat - sent) * beatBytes);
      writtenAt = sentAt;
    }
    sent = beat;
    if (sent == beats[store]) {
      sent = 0;
      complete++;
    }
  }

  /**
   * Forgets the stores whose last beat has left up to a cycle.
   *
   * @param cycle clock cycle, from 0
   */
  public void settle(long cycle) {
    path.settle(cycle);
    while (complete > 0 && lastBeat(0) <= cycle) {
      head = (head + 1) % MAX_STORES;
      size--;
      complete--;
    }
  }

  /** {@return stores that are remembered, the oldest first} */
  public int remembered() {
    return size;
  }

  /** {@return instruction index of the oldest store whose beats have not all left, or -1} */
  public int incomplete() {
    return complete == size ? -1 : index[current()];
  }

  /** {@return whether the youngest store is the only one whose beats have not all left} */
  public boolean onlyYoungestIncomplete() {
    return complete == size - 1;
  }

  /**
   * {@return cycle of the first beat of a store, 0 the oldest of {@link #remembered()}}
   *
   * @param store number of the store
   */
  public long firstBeat(int store) {
    return firstBeat[(head + store) % MAX_STORES];
  }

  /**
   * {@return cycle of the last beat of a store, 0 the oldest of {@link #remembered()}}
   *
   * @param store number of the store
   */
  public long lastBeat(int store) {
    int slot = (head + store) % MAX_STORES;
    return firstBeat[slot] + beats[slot] - 1;
  }

  /**
   * {@return the last cycle in which an accepted store writes to a range; a cycle long past if
   * none}
   *
   * @param from first byte, in the memory behind both windows
   * @param length how many bytes
   */
  public long lastWriteTo(int from, int length) {
    long last = Long.MIN_VALUE / 2;
    for (int i = 0; i < size; i++) {
      int slot = (head + i) % MAX_STORES;
      if (writes(slot, from, length)) {
        last = lastBeat(i);
      }
    }
    return last;
  }

  private boolean writes(int slot, int from, int length) {
    return bank[slot] == MEMORY
        && address[slot] < from + length
        && from < address[slot] + beats[slot] * beatBytes;
  }

  /**
   * {@return whether a beat left in this (evaluated) cycle}
   *
   * @param cycle clock cycle, from 0
   */
  public boolean sentIn(long cycle) {
    return sentAt == cycle;
  }

  /** {@return whether beats are still to leave} */
  public boolean isBusy() {
    return complete < size;
  }

  @Override
  public long nextEvent(long cycle) {
    if (complete == size) {
      return channels == null || channels.isDone() ? NEVER : cycle;
    }
    return Math.max(cycle, firstBeat[current()] + sent);
  }

  /** {@return cycle of the last beat accepted so far; -1 if there was none} */
  public long lastBeat() {
    return lastBeat;
  }

  /**
   * The youngest store that writes into a range at or after a cycle.
   *
   * @param from first byte, in the memory behind both windows
   * @param length how many bytes
   * @param cycle clock cycle, from 0
   * @return its instruction index, or -1
   */
  public int writerAfter(int from, int length, long cycle) {
    for (int i = size - 1; i >= 0; i--) {
      int slot = (head + i) % MAX_STORES;
      if (firstBeat[slot] + beats[slot] > cycle && writes(slot, from, length)) {
        return index[slot];
      }
    }
    return -1;
  }

  /**
   * Passes a chain over the stores and their bytes.
   *
   * @param chain reads or writes the state
   * @throws ScanException if a restored store does not fit
   */
  public void scan(ScanChain chain) {
    size = chain.scanChoice("output.size", size, MAX_STORES + 1);
    complete = 0;
    sent = chain.scan("output.sent", sent);
    ringNext = chain.scan("output.ringNext", ringNext);
    lastBeat = chain.scan("output.lastBeat", lastBeat);
    sentAt = chain.scan("output.sentAt", sentAt);
    writtenAt = hasPath ? chain.scan("output.writtenAt", writtenAt) : sentAt;
    long oldest = ringNext;
    for (int i = 0; i < size; i++) {
      int slot = (head + i) % MAX_STORES;
      chain.unit("output.store[" + i + "]");
      index[slot] = chain.scan("index", index[slot]);
      bank[slot] = hasPath ? chain.scanChoice("bank", bank[slot], 2) : MEMORY;
      address[slot] = chain.scan("address", address[slot]);
      beats[slot] = chain.scan("beats", beats[slot]);
      firstBeat[slot] = chain.scan("firstBeat", firstBeat[slot]);
      ringStart[slot] = chain.scan("ringStart", ringStart[slot]);
      if (i == 0) {
        oldest = ringStart[slot] + (long) sent * beatBytes;
      }
      long end = address[slot] + (long) beats[slot] * beatBytes;
      int most = bank[slot] == MEMORY ? memory.backing().length : path.bankBytes();
      if (address[slot] < 0 || beats[slot] < 1 || end > most) {
        throw new ScanException("store of " + beats[slot] + " beats at " + address[slot]);
      }
    }
    chain.unit("");
    if (oldest < 0 || oldest > ringNext || ringNext - oldest > ring.length) {
      throw new ScanException("output FIFO holds bytes " + oldest + ".." + ringNext);
    }
    for (long at = oldest; at < ringNext; at++) {
      int position = (int) at & (ring.length - 1);
      ring[position] = (byte) chain.scan("output.fifo[" + (at - oldest) + "]", ring[position]);
    }
    if (hasPath) {
      path.scan(chain);
    }
  }

  @Override
  public String toString() {
    if (complete == size) {
      return "output idle";
    }
    int store = current();
    String beat = " beat " + sent + "/" + beats[store];
    return "output #" + index[store] + beat + ", " + (size - complete) + " stores";
  }
}
