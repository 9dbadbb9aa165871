package org.tataa.memory;

import java.util.ArrayList;
import java.util.List;
import org.tataa.clock.ClockedUnit;
import org.tataa.config.HbmConfig;
import org.tataa.config.TataaConfig;
import org.tataa.observe.Counters;
import org.tataa.state.ScanChain;

/**
 * Pseudo-channels of high-bandwidth memory behind the ports of one core, or of several that share
 * them (docs/memory.md). It knows when bytes come, not what they are: those are in {@link
 * ExternalMemory}.
 *
 * <p>It goes through the cycles of its own clock when a port asks for something, up to the
 * beginning of the cycle of the core. What a port commands or takes in a cycle of the core
 * therefore changes nothing before the next, and the order in which units are evaluated does not
 * matter.
 */
public final class Hbm {
  private final HbmConfig config;
  private final long coreHz;
  private final HbmChannel[] channels;
  private final List<HbmReadPort> readers = new ArrayList<>();
  private final List<Counters> counters = new ArrayList<>();
  private final int mostBursts;
  private final long coreBytes;
  private int cores;
  private int ports;
  private long now;

  /**
   * Idle channels without ports.
   *
   * @param config a machine with {@link org.tataa.config.MemoryConfig#hbm()}
   * @param isOneMemory whether cores that are connected have one memory; else each has its own, one
   *     after the other in the channels
   * @throws IllegalArgumentException if the machine has a memory of fixed latency
   */
  public Hbm(TataaConfig config, boolean isOneMemory) {
    HbmConfig hbm = config.memory().hbm();
    if (hbm == null) {
      throw new IllegalArgumentException("memory has a fixed latency");
    }
    this.config = hbm;
    coreHz = config.clockHz();
    mostBursts = config.memory().queueDepth() + 1;
    long row =
        (long) hbm.channels() * hbm.banks() * Math.max(hbm.rowBytes(), hbm.interleaveBytes());
    coreBytes = isOneMemory ? 0 : (config.memory().totalBytes() + row - 1) / row * row;
    channels = new HbmChannel[hbm.channels()];
    for (int i = 0; i < channels.length; i++) {
      channels[i] = new HbmChannel(hbm, this);
    }
  }

  HbmConfig config() {
    return config;
  }

  /**
   * {@return connects one more core}
   *
   * @param itsCounters count columns and rows
   */
  public Ports connect(Counters itsCounters) {
    long base = cores * coreBytes;
    HbmReadPort x = new HbmReadPort(this, ports, base, mostBursts);
    HbmReadPort y = new HbmReadPort(this, ports + 1, base, mostBursts);
    WritePort z = new WritePort(this, ports + 2, base);
    readers.add(x);
    readers.add(y);
    counters.add(itsCounters);
    cores++;
    ports += 3;
    return new Ports(x, y, z);
  }

  /** The ports of a core. */
  public static final class Ports {
    final HbmReadPort x;
    final HbmReadPort y;
    final WritePort z;

    Ports(HbmReadPort x, HbmReadPort y, WritePort z) {
      this.x = x;
      this.y = y;
      this.z = z;
    }
  }

  /**
   * The write port of a core: beats are taken at once and written when there is time.
   *
   * @param number of the port
   * @param base where the memory of the core begins in the channels
   */
  record WritePort(Hbm hbm, int number, long base) {
    /** Bytes {@code address..address+count-1} leave the core in a cycle of it. */
    void write(long now, int address, int count, boolean isLast) {
      hbm.advance(now);
      long end = base + address + count;
      // A column is written when its last byte has come, or the last of the store.
      long to = (isLast ? end + HbmConfig.COLUMN_BYTES - 1 : end) / HbmConfig.COLUMN_BYTES;
      for (long column = (base + address) / HbmConfig.COLUMN_BYTES; column < to; column++) {
        hbm.channel(column).write(hbm.local(column), number, hbm.cycleAt(now + 1));
      }
    }

    /** Goes on to the beginning of a cycle of the core. */
    void advance(long now) {
      hbm.advance(now);
    }

    /** Whether everything was written at the beginning of the cycle that was evaluated last. */
    boolean isDone() {
      for (HbmChannel channel : hbm.channels) {
        if (channel.hasWriteOf(number)) {
          return false;
        }
      }
      return true;
    }
  }

  /** All rows closed, nothing asked for, at cycle 0. */
  public void reset() {
    now = 0;
    for (HbmChannel channel : channels) {
      channel.reset();
    }
    readers.forEach(HbmReadPort::reset);
  }

  /** {@return refreshes of a channel since the last reset, of all channels} */
  public long refreshes() {
    long sum = 0;
    for (HbmChannel channel : channels) {
      sum += channel.refreshes();
    }
    return sum;
  }

  /** Cycles of the channels before a cycle of the core begins. */
  long cycleAt(long coreCycle) {
    return coreCycle <= Long.MAX_VALUE / config.clockHz()
        ? coreCycle * config.clockHz() / coreHz
        : coreCycle / coreHz * config.clockHz() + coreCycle % coreHz * config.clockHz() / coreHz;
  }

  /** Counters of the core of a port. */
  Counters counters(int port) {
    return counters.get(port / 3);
  }

  private HbmChannel channel(long column) {
    return channels[
        (int) (column * HbmConfig.COLUMN_BYTES / config.interleaveBytes()) & channels.length - 1];
  }

  private long local(long column) {
    long each = config.interleaveBytes() / HbmConfig.COLUMN_BYTES;
    return column / each / channels.length * each + column % each;
  }

  /** A port asks for a column. */
  void ask(long column, int port, long sequence, long cycle) {
    channel(column).read(local(column), port, sequence, cycle);
  }

  /** Goes on to the beginning of a cycle of the core. */
  void advance(long coreCycle) {
    long to = cycleAt(coreCycle);
    while (now < to) {
      long next = ClockedUnit.NEVER;
      for (HbmReadPort reader : readers) {
        next = Math.min(next, reader.nextAsking());
        if (next <= now) {
          reader.ask(now);
        }
      }
      boolean isWaiting = false;
      for (HbmChannel channel : channels) {
        if (channel.isWaiting()) {
          isWaiting = true;
          serve(channel);
        }
      }
      now = isWaiting ? now + 1 : Math.min(to, Math.max(now + 1, next));
      if (!isWaiting) {
        for (HbmChannel channel : channels) {
          channel.restUntil(now);
        }
      }
    }
  }

  private void serve(HbmChannel channel) {
    int served = channel.serve(now);
    if (served >= 0) {
      HbmRequests reads = channel.reads();
      long there = now + config.timing().readLatency();
      reader(reads.port(served)).comes(reads.sequence(served), there);
      reads.remove(served);
    }
  }

  // Ports of a core are X, Y and Z; readers are X and Y.
  private HbmReadPort reader(int port) {
    return readers.get(port / 3 * 2 + port % 3);
  }

  /**
   * Passes a chain over channels and ports, at a cycle of the core.
   *
   * @param chain reads or writes the state
   * @param coreCycle cycle of the core
   */
  public void scan(ScanChain chain, long coreCycle) {
    advance(coreCycle);
    now = chain.scan("hbm.now", now);
    for (int i = 0; i < channels.length; i++) {
      chain.unit("hbm.channel[" + i + "]");
      channels[i].scan(chain, ports);
    }
    for (int i = 0; i < readers.size(); i++) {
      chain.unit("hbm.reader[" + i + "]");
      readers.get(i).scan(chain);
    }
    chain.unit("");
  }
}
