package org.tataa.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The registers of a chain by name, for comparing two machines and naming the first difference. */
public final class ScanList implements ScanChain {
  private final List<String> names = new ArrayList<>();
  private final List<String> values = new ArrayList<>();

  private String unit = "";

  /** An empty list. */
  public ScanList() {}

  private void add(String register, String value) {
    names.add(unit + register);
    values.add(value);
  }

  @Override
  public void unit(String name) {
    unit = name.isEmpty() ? "" : name + ".";
  }

  @Override
  public int scan(String register, int value) {
    add(register, Integer.toString(value));
    return value;
  }

  @Override
  public long scan(String register, long value) {
    add(register, Long.toString(value));
    return value;
  }

  @Override
  public void scan(String register, int[] array, int from, int count) {
    for (int i = 0; i < count; i++) {
      add(register + "[" + i + "]", Integer.toString(array[from + i]));
    }
  }

  @Override
  public void scan(String register, byte[] array, int from, int count) {
    for (int i = 0; i < count; i++) {
      add(register + "[" + i + "]", Integer.toString(array[from + i]));
    }
  }

  @Override
  public void scan(String register, long[] array) {
    for (int i = 0; i < array.length; i++) {
      add(register + "[" + i + "]", Long.toString(array[i]));
    }
  }

  /** The first registers that differ, as text; empty if none does. */
  public String difference(ScanList other) {
    StringBuilder text = new StringBuilder();
    int count = Math.min(names.size(), other.names.size());
    for (int i = 0, found = 0; i < count && found < 8; i++) {
      boolean same = values.get(i).equals(other.values.get(i));
      if (!same || !names.get(i).equals(other.names.get(i))) {
        found++;
        text.append(names.get(i)).append(": ").append(values.get(i)).append(" against ");
        text.append(same ? other.names.get(i) + ": " : "").append(other.values.get(i)).append('\n');
      }
    }
    if (names.size() != other.names.size()) {
      text.append(names.size()).append(" registers against ").append(other.names.size());
    }
    return text.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ScanList list && names.equals(list.names) && values.equals(list.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(new int[] {names.hashCode(), values.hashCode()});
  }

  @Override
  public String toString() {
    return names.size() + " registers";
  }
}
