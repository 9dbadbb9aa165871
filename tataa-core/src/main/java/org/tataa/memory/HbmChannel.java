package org.tataa.memory;

import java.util.Arrays;
import org.tataa.config.HbmConfig;
import org.tataa.config.HbmTiming;
import org.tataa.state.ScanChain;

/**
 * One pseudo-channel: banks with at most one open row each, one column command and one row command
 * (activate or precharge) a cycle, and refresh of all banks.
 *
 * <pre>
 *  activate --tRCD--> column ... column --tRTP/tWR--> precharge --tRP--> activate
 *     |--------------------tRAS----------------------->|
 * </pre>
 *
 * <p>Of the oldest requests the first whose row is open is served; if none is, rows are opened in
 * the order of the requests, and none is closed that one of them wants. Once the oldest request has
 * waited for {@value #PATIENCE} cycles, nobody holds up its bank any more. Reads go before writes
 * until there are {@value #MANY_WRITES} of those, which are then done until {@value #FEW_WRITES}
 * are left.
 *
 * <p>Addresses are mapped as the U280 does by default (row, bank group, bank, column, bank group):
 * neighbouring columns are in different bank groups.
 */
final class HbmChannel {
  private static final int PATIENCE = 256;
  private static final int MANY_WRITES = 32;
  private static final int FEW_WRITES = 8;
  private static final long LONG_AGO = Long.MIN_VALUE / 2;

  private final HbmConfig config;
  private final Hbm hbm;
  private final HbmTiming timing;
  private final HbmRequests reads;
  private final HbmRequests writes;
  private final long[] openRow;
  private final long[] columnFrom;
  private final long[] activateFrom;
  private final long[] prechargeFrom;
  private final long[] lastOfGroup;
  private final long[] activates = new long[4];
  private final boolean[] isBankSeen;
  private long lastRead;
  private long lastWrite;
  private long busyUntil;
  private long nextRefresh;
  private boolean isDraining;
  private long refreshCount;

  HbmChannel(HbmConfig config, Hbm hbm) {
    this.config = config;
    this.hbm = hbm;
    timing = config.timing();
    reads = new HbmRequests();
    writes = new HbmRequests();
    openRow = new long[config.banks()];
    columnFrom = new long[config.banks()];
    activateFrom = new long[config.banks()];
    prechargeFrom = new long[config.banks()];
    lastOfGroup = new long[config.bankGroups()];
    isBankSeen = new boolean[config.banks()];
    reset();
  }

  /** All rows closed; the first refresh comes after half an interval. */
  void reset() {
    reads.clear();
    writes.clear();
    Arrays.fill(openRow, -1);
    Arrays.fill(columnFrom, 0);
    Arrays.fill(activateFrom, 0);
    Arrays.fill(prechargeFrom, 0);
    Arrays.fill(lastOfGroup, LONG_AGO);
    Arrays.fill(activates, LONG_AGO);
    lastRead = LONG_AGO;
    lastWrite = LONG_AGO;
    busyUntil = 0;
    nextRefresh = timing.refreshInterval() / 2;
    isDraining = false;
    refreshCount = 0;
  }

  /** Whether a request waits. */
  boolean isWaiting() {
    return !reads.isEmpty() || !writes.isEmpty();
  }

  /** Whether a write of a port waits. */
  boolean hasWriteOf(int port) {
    return writes.hasPort(port);
  }

  /** Refreshes so far. */
  long refreshes() {
    return refreshCount;
  }

  /**
   * Enters the read of a column.
   *
   * @param local number of the column in the channel
   * @param sequence number of the column among those of its port
   */
  void read(long local, int port, long sequence, long arrival) {
    reads.add(bank(local), row(local), port, sequence, arrival);
  }

  /** Enters the write of a column. */
  void write(long local, int port, long arrival) {
    writes.add(bank(local), row(local), port, 0, arrival);
  }

  private int bank(long local) {
    long columns = config.rowBytes() / HbmConfig.COLUMN_BYTES;
    long lowGroup = local % 2;
    long bank = local / 2 / columns % config.banksPerGroup();
    long highGroup = local / 2 / columns / config.banksPerGroup() % (config.bankGroups() / 2);
    return (int) ((highGroup * 2 + lowGroup) * config.banksPerGroup() + bank);
  }

  private long row(long local) {
    return local * HbmConfig.COLUMN_BYTES / config.rowBytes() / config.banks();
  }

  /** Refreshes that came while nobody asked for anything. */
  void restUntil(long cycle) {
    while (nextRefresh < cycle) {
      refresh(nextRefresh);
    }
  }

  // All banks are precharged as soon as they can be, then refreshed.
  private void refresh(long cycle) {
    long start = cycle;
    for (int bank = 0; bank < openRow.length; bank++) {
      long idle =
          openRow[bank] < 0
              ? activateFrom[bank]
              : Math.max(cycle, prechargeFrom[bank]) + timing.precharge();
      start = Math.max(start, idle);
    }
    Arrays.fill(openRow, -1);
    busyUntil = start + timing.refreshCycles();
    Arrays.fill(activateFrom, busyUntil);
    nextRefresh += timing.refreshInterval();
    refreshCount++;
  }

  /**
   * One cycle.
   *
   * @return place of the read that was served, in {@link #reads}, or -1; the caller removes it
   */
  int serve(long cycle) {
    restUntil(cycle);
    if (cycle >= nextRefresh) {
      refresh(cycle);
    }
    if (cycle < busyUntil) {
      return -1;
    }
    int arrivedWrites = writes.arrived(cycle);
    boolean mayRead = reads.arrived(cycle) > 0;
    isDraining =
        arrivedWrites > 0
            && (!mayRead
                || arrivedWrites >= MANY_WRITES
                || isDraining && arrivedWrites > FEW_WRITES);
    HbmRequests queue = isDraining ? writes : reads;
    int seen = Math.min(queue.arrived(cycle), config.window());
    if (seen == 0) {
      return -1;
    }
    boolean isImpatient = cycle - queue.arrival(0) > PATIENCE;
    int served = cycle % config.turns() == 0 ? column(queue, seen, isImpatient, cycle) : -1;
    openRows(queue, seen, served, isImpatient, cycle);
    if (served >= 0 && isDraining) {
      queue.remove(served);
      return -1;
    }
    return served;
  }

  /** The reads that wait. */
  HbmRequests reads() {
    return reads;
  }

  // Serves the oldest request that can be served.
  private int column(HbmRequests queue, int seen, boolean isImpatient, long cycle) {
    boolean isRead = queue == reads;
    if (isRead
        ? cycle < lastWrite + timing.writeToRead()
        : cycle < lastRead + timing.readToWrite()) {
      return -1;
    }
    for (int i = 0; i < seen; i++) {
      int bank = queue.bank(i);
      int group = bank / config.banksPerGroup();
      if (isImpatient && bank == queue.bank(0) && queue.row(i) != queue.row(0)) {
        continue;
      }
      if (openRow[bank] == queue.row(i)
          && cycle >= columnFrom[bank]
          && cycle >= lastOfGroup[group] + timing.sameGroupInterval()) {
        lastOfGroup[group] = cycle;
        hbm.counters(queue.port(i)).countColumn();
        int recovery = isRead ? timing.readToPrecharge() : timing.writeRecovery();
        prechargeFrom[bank] = Math.max(prechargeFrom[bank], cycle + recovery);
        lastRead = isRead ? cycle : lastRead;
        lastWrite = isRead ? lastWrite : cycle;
        return i;
      }
    }
    return -1;
  }

  // Opens or closes one row for the oldest request that needs it.
  private void openRows(HbmRequests queue, int seen, int served, boolean isImpatient, long cycle) {
    boolean mayActivate =
        cycle >= activates[3] + timing.activateInterval()
            && cycle >= activates[0] + timing.fourActivates();
    Arrays.fill(isBankSeen, false);
    for (int i = 0; i < seen; i++) {
      int bank = queue.bank(i);
      if (i == served || isBankSeen[bank]) {
        continue;
      }
      isBankSeen[bank] = true;
      if (openRow[bank] < 0) {
        if (mayActivate && cycle >= activateFrom[bank]) {
          activate(bank, queue.row(i), cycle);
          hbm.counters(queue.port(i)).countActivate();
          return;
        }
      } else if (openRow[bank] != queue.row(i)
          && cycle >= prechargeFrom[bank]
          && (isImpatient && i == 0 || !queue.wants(bank, openRow[bank], seen, served))) {
        openRow[bank] = -1;
        activateFrom[bank] = cycle + timing.precharge();
        return;
      }
    }
  }

  private void activate(int bank, long row, long cycle) {
    openRow[bank] = row;
    columnFrom[bank] = cycle + timing.rowToColumn();
    prechargeFrom[bank] = cycle + timing.rowActive();
    System.arraycopy(activates, 1, activates, 0, 3);
    activates[3] = cycle;
  }

  /** Passes a chain over rows, dates and requests. */
  void scan(ScanChain chain, int ports) {
    chain.scan("openRow", openRow);
    chain.scan("columnFrom", columnFrom);
    chain.scan("activateFrom", activateFrom);
    chain.scan("prechargeFrom", prechargeFrom);
    chain.scan("lastOfGroup", lastOfGroup);
    chain.scan("activates", activates);
    lastRead = chain.scan("lastRead", lastRead);
    lastWrite = chain.scan("lastWrite", lastWrite);
    busyUntil = chain.scan("busyUntil", busyUntil);
    nextRefresh = chain.scan("nextRefresh", nextRefresh);
    isDraining = chain.scan("isDraining", isDraining);
    refreshCount = chain.scan("refreshCount", refreshCount);
    reads.scan(chain, "reads", config.banks(), ports);
    writes.scan(chain, "writes", config.banks(), ports);
  }
}
