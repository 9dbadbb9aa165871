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
  private final int queue;
  private final int toAdd;
  private final int toMultiply;
  private final int afterStore;
  private final int launch;
  private final int dmpus;
  private final int loadLatency;
  private final int multiplyLatency;
  private final int addLatency;
  private final long[] portFree = new long[2];
  private long now;
  private long storeFree;
  private long lastMultiply = Long.MIN_VALUE / 2;
  private long lastAdd = Long.MIN_VALUE / 2;

  PortClock(TataaConfig config) {
    beats =
        config.geometry().vectorBytes()
            / config.memory().portBytes()
            * config.memory().beatInterval();
    queue = config.memory().queueDepth();
    loadLatency = config.memory().latencyCycles();
    multiplyLatency = config.timing().multiplyResultLatency();
    addLatency = config.timing().addResultLatency();
    toAdd = config.timing().multiplyToAddSwitch();
    toMultiply = config.timing().addToMultiplySwitch();
    dmpus = config.geometry().dmpus();
    launch = config.timing().startLatency() + config.timing().busyClearLatency() + 2;
    afterStore = config.timing().startLatency() + config.timing().busyClearLatency() + 1;
  }

  /** When an operation would be issued. */
  long issue(LaneOp op, long ready) {
    long time = Math.max(now + 1, ready);
    return op.isMultiplyType()
        ? Math.max(time, lastAdd + toMultiply)
        : Math.max(time, lastMultiply + toAdd);
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
    return Math.max(Math.max(now, storeFree), Math.max(portFree[0], portFree[1]));
  }

  /** When the operation after a STORE could be issued. */
  long store() {
    return Math.max(now + afterStore, storeFree) + 1;
  }

  /** A STORE is issued: not before the one before it is done. */
  void store(VectorStep.Store store) {
    now = Math.max(now + afterStore, storeFree);
    storeFree = now + launch + (long) store.registers().length * dmpus;
  }

  /**
   * A load is issued.
   *
   * @return when its vector can be read
   */
  long load(int port) {
    now++;
    portFree[port] = Math.max(now + loadLatency, portFree[port]) + beats;
    return portFree[port];
  }

  /** Whether one more load would have to wait for a place in the queue. */
  boolean isBacklogged(int port) {
    return portFree[port] - now - loadLatency > (long) (queue - 1) * beats;
  }
}
