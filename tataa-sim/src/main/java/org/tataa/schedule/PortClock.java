package org.tataa.schedule;

import org.tataa.config.TataaConfig;
import org.tataa.numeric.LaneOp;

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
  private final int loadLatency;
  private final int multiplyLatency;
  private final int addLatency;
  private final long[] portFree = new long[2];
  private long now;
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
    afterStore = config.timing().startLatency() + config.timing().busyClearLatency() + 1;
  }

  /**
   * An operation is issued.
   *
   * @param ready when its operands are there
   * @return when its result can be read
   */
  long operate(LaneOp op, long ready) {
    now = Math.max(now + 1, ready);
    if (op.isMultiplyType()) {
      now = Math.max(now, lastAdd + toMultiply);
      lastMultiply = now;
    } else {
      now = Math.max(now, lastMultiply + toAdd);
      lastAdd = now;
    }
    return now + (op.isMultiplyType() ? multiplyLatency : addLatency);
  }

  void store() {
    now += afterStore;
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
