package org.tataa.memory;

import java.util.Arrays;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;

/** Columns to be read, or to be written, in the order in which they were asked for. */
final class HbmRequests {
  private int[] bank = new int[64];
  private int[] port = new int[64];
  private long[] row = new long[64];
  private long[] sequence = new long[64];
  private long[] arrival = new long[64];
  private int size;

  void clear() {
    size = 0;
  }

  boolean isEmpty() {
    return size == 0;
  }

  void add(int newBank, long newRow, int newPort, long newSequence, long newArrival) {
    if (size == bank.length) {
      grow(2 * size);
    }
    bank[size] = newBank;
    row[size] = newRow;
    port[size] = newPort;
    sequence[size] = newSequence;
    arrival[size] = newArrival;
    size++;
  }

  private void grow(int places) {
    bank = Arrays.copyOf(bank, places);
    port = Arrays.copyOf(port, places);
    row = Arrays.copyOf(row, places);
    sequence = Arrays.copyOf(sequence, places);
    arrival = Arrays.copyOf(arrival, places);
  }

  /** Requests that have arrived by a cycle; they arrive in order. */
  int arrived(long cycle) {
    int count = size;
    while (count > 0 && arrival[count - 1] > cycle) {
      count--;
    }
    return count;
  }

  int bank(int i) {
    return bank[i];
  }

  long row(int i) {
    return row[i];
  }

  int port(int i) {
    return port[i];
  }

  long sequence(int i) {
    return sequence[i];
  }

  long arrival(int i) {
    return arrival[i];
  }

  /** Whether one of the oldest requests, other than one that is served, is in a row of a bank. */
  boolean wants(int itsBank, long itsRow, int seen, int served) {
    for (int i = 0; i < seen; i++) {
      if (i != served && bank[i] == itsBank && row[i] == itsRow) {
        return true;
      }
    }
    return false;
  }

  boolean hasPort(int which) {
    for (int i = 0; i < size; i++) {
      if (port[i] == which) {
        return true;
      }
    }
    return false;
  }

  void remove(int i) {
    size--;
    int after = size - i;
    System.arraycopy(bank, i + 1, bank, i, after);
    System.arraycopy(port, i + 1, port, i, after);
    System.arraycopy(row, i + 1, row, i, after);
    System.arraycopy(sequence, i + 1, sequence, i, after);
    System.arraycopy(arrival, i + 1, arrival, i, after);
  }

  void scan(ScanChain chain, String name, int banks, int ports) {
    size = chain.scan(name + ".size", size);
    if (size < 0 || size > 1 << 20) {
      throw new ScanException(size + " requests of a memory channel");
    }
    if (size > bank.length) {
      grow(size);
    }
    chain.scan(name + ".bank", bank, 0, size);
    chain.scan(name + ".port", port, 0, size);
    for (int i = 0; i < size; i++) {
      if (bank[i] < 0 || bank[i] >= banks || port[i] < 0 || port[i] >= ports) {
        throw new ScanException("request of bank " + bank[i] + " by port " + port[i]);
      }
      row[i] = chain.scan(name + ".row", row[i]);
      sequence[i] = chain.scan(name + ".sequence", sequence[i]);
      arrival[i] = chain.scan(name + ".arrival", arrival[i]);
    }
  }
}
