package org.tataa.schedule;

import org.tataa.config.TataaConfig;

/**
 * A rough clock of products: the ports load operands, the array multiplies when both are there,
 * blocks are stored. It compares ways of doing the same; cycles are the machine's.
 */
final class ProductClock {
  private final int portBytes;
  private final int interval;
  private final int latency;
  private final int tail;
  private final int drain;
  private final int store;
  // When the tiles of X, then those of Y, are loaded.
  private final long[] loaded = new long[4];
  private final long[] portFree = new long[2];
  private long now;
  private long arrayFree;
  private long storeFree;

  ProductClock(TataaConfig config) {
    portBytes = config.memory().portBytes();
    interval = config.memory().beatInterval();
    latency = config.memory().latencyCycles();
    tail = config.timing().matmulTail() + config.timing().startLatency();
    drain = config.timing().drainCycles();
    store = config.timing().accToBf16StoreLatency() + config.timing().outputLatency();
  }

  /** A tile is loaded, at the time the last product began. */
  void load(boolean isX, int tile, long bytes) {
    int port = isX ? 0 : 1;
    portFree[port] = Math.max(now + latency, portFree[port]) + bytes / portBytes * interval;
    loaded[2 * port + tile] = portFree[port];
  }

  /** A product of two tiles. */
  void multiply(int x, int y, int depth, boolean drains) {
    now = Math.max(arrayFree, Math.max(loaded[x], loaded[2 + y]));
    arrayFree = now + depth + tail + (drains ? drain : 0);
  }

  /** The block that the running product ends is stored. */
  void store(long bytes) {
    storeFree = Math.max(arrayFree, storeFree) + store + bytes / portBytes;
  }

  /** Cycles until everything is done. */
  long end() {
    return Math.max(arrayFree, storeFree);
  }
}
