package org.tataa.schedule;

import org.tataa.config.TataaConfig;
import org.tataa.numeric.LaneOp;
import org.tataa.tile.VectorStep;

/**
 * A rough clock of the issue of instructions and of the two load ports, to decide how far loads may
 * run ahead: a port whose queue is full would hold up the controller. It decides order only; cycles
 * are the machine's.
 */
final class PortClock {
  private final int beats;
  private final int toAdd;
  private final int toMultiply;
  private final int afterStore;
  private final int launch;
  private final int dmpus;
  private final int loadLatency;
  private final int loadDone;
  private final int multiplyLatency;
  private final int addLatency;

  /** Last beats of the latest loads of each port, as many as its queue has places, by number. */
  private final long[][] lastBeats;

  private final int[] loads = new int[2];
  private long now;
  private long storeFree;

  /** When each word of a dual-mode buffer can be written anew, by number modulo the depth. */
  private final long[] wordFree;

  private long pushed;
  private long popped;
  private long lastMultiply = Long.MIN_VALUE / 2;
  private long lastAdd = Long.MIN_VALUE / 2;

  PortClock(TataaConfig config) {
    int moveBytes = config.memory().portBytes() * config.memory().vectorLoadBeats();
    beats =
        Math.max(1, config.geometry().vectorBytes() / moveBytes) * config.memory().beatInterval();
    loadLatency = config.timing().loadCommandLatency() + config.memory().latencyCycles();
    loadDone = config.timing().loadDoneLatency() + config.timing().busyClearLatency();
    lastBeats = new long[2][config.memory().queueDepth()];
    multiplyLatency = config.timing().multiplyResultLatency();
    addLatency = config.timing().addResultLatency();
    toAdd = config.timing().multiplyToAddSwitch();
    toMultiply = config.timing().addToMultiplySwitch();
    dmpus = config.geometry().dmpus();
    wordFree = new long[config.buffers().dmbDepth()];
    launch = config.timing().startLatency() + config.timing().busyClearLatency() + 2;
    afterStore = config.timing().startLatency() + config.timing().busyClearLatency() + 1;
  }

  /** When an operation would be issued. */
  long issue(LaneOp op, long ready) {
    return issue(op.isMultiplyType(), ready);
  }

  /** When an operation of a type would be issued. */
  long issue(boolean isMultiply, long ready) {
    long time = Math.max(now + 1, ready);
    return isMultiply ? Math.max(time, lastAdd + toMultiply) : Math.max(time, lastMultiply + toAdd);
  }

  /**
   * An operation is issued.
   *
   * @param ready when its operands are there
   * @return when its result can be read
   */
  long operate(LaneOp op, long ready) {
    now = issue(op, ready);
    if (op.isMultiplyType()) {
      lastMultiply = now;
    } else {
      lastAdd = now;
    }
    return now + (op.isMultiplyType() ? multiplyLatency : addLatency);
  }

  /** Cycles until the last instruction so far is issued. */
  long now() {
    return now;
  }

  /** Cycles until everything is done. */
  long end() {
    long end = Math.max(now, storeFree);
    for (int port = 0; port < 2; port++) {
      int places = lastBeats[port].length;
      end = Math.max(end, lastBeats[port][(loads[port] + places - 1) % places] + loadDone);
    }
    return end;
  }

  /** When the operation after a STORE could be issued. */
  long store() {
    return Math.max(now + afterStore, storeFree) + 1;
  }

  /** Whether no STORE is running when the next could be issued. */
  boolean isStoreFree() {
    return storeFree <= now + afterStore;
  }

  /** A STORE is issued: not before the one before it is done. */
  void store(VectorStep.Store store) {
    now = Math.max(now + afterStore, storeFree);
    storeFree = now + launch + (long) store.registers().length * dmpus;
    for (int i = 0; i < store.registers().length; i++) {
      wordFree[(int) (popped++ % wordFree.length)] = storeFree;
    }
  }

  /** When there is a place in the buffers for one more result that is stored. */
  long place() {
    return wordFree[(int) (pushed % wordFree.length)];
  }

  /** A result goes to the buffers. */
  void push() {
    pushed++;
  }

  /**
   * A load is issued.
   *
   * @return when its vector can be read
   */
  long load(int port) {
    long[] last = lastBeats[port];
    int number = loads[port]++;
    now = Math.max(now, last[number % last.length]) + 1;
    long before = last[(number + last.length - 1) % last.length];
    last[number % last.length] = Math.max(now + loadLatency, before + 1) + beats - 1;
    return last[number % last.length] + loadDone;
  }

  /** When a load could be issued: once its port's queue has a place. */
  long nextLoad(int port) {
    return Math.max(now, lastBeats[port][loads[port] % lastBeats[port].length]) + 1;
  }
}
