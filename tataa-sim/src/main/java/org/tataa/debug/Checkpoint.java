package org.tataa.debug;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tataa.memory.ExternalMemory;
import org.tataa.sim.Simulator;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanIn;
import org.tataa.state.ScanOut;

/**
 * The state of a machine of one core at one cycle, in the simulator's own memory. Pages of external
 * memory that did not change since an earlier checkpoint are shared with it.
 */
final class Checkpoint {
  private static final int PAGE_BYTES = 4096;

  private final long cycle;
  private final byte[] registers;
  private final byte[][] pages;

  /** Takes a checkpoint. */
  Checkpoint(Simulator simulator, @Nullable Checkpoint earlier) {
    cycle = simulator.cycle();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    simulator.scan(new ScanOut(bytes));
    registers = bytes.toByteArray();
    ExternalMemory memory = simulator.memory(0);
    int total = memory.config().totalBytes();
    pages = new byte[(total + PAGE_BYTES - 1) / PAGE_BYTES][];
    PageKeeper keeper = new PageKeeper();
    for (int page = 0; page < pages.length; page++) {
      keeper.page = earlier == null ? new byte[0] : earlier.pages[page];
      int from = page * PAGE_BYTES;
      memory.scan(keeper, from, Math.min(PAGE_BYTES, total - from));
      pages[page] = keeper.page;
    }
  }

  /** When it was taken. */
  long cycle() {
    return cycle;
  }

  /** Puts the machine back into this state; its program must be the same. */
  void restore(Simulator simulator) {
    simulator.scan(new ScanIn(new ByteArrayInputStream(registers)));
    for (int page = 0; page < pages.length; page++) {
      ScanIn content = new ScanIn(new ByteArrayInputStream(pages[page]));
      simulator.memory(0).scan(content, page * PAGE_BYTES, pages[page].length);
    }
  }

  /** Copies the page only if it differs from the one it has. */
  private static final class PageKeeper implements ScanChain {
    private byte[] page = {};

    @Override
    public void scan(String register, byte[] values, int from, int count) {
      if (!Arrays.equals(values, from, from + count, page, 0, page.length)) {
        page = Arrays.copyOfRange(values, from, from + count);
      }
    }

    @Override
    public int scan(String register, int value) {
      throw new IllegalStateException(register + " is not a page of memory");
    }

    @Override
    public long scan(String register, long value) {
      throw new IllegalStateException(register + " is not a page of memory");
    }

    @Override
    public void scan(String register, int[] values, int from, int count) {
      throw new IllegalStateException(register + " is not a page of memory");
    }

    @Override
    public void scan(String register, long[] values) {
      throw new IllegalStateException(register + " is not a page of memory");
    }
  }
}
