package org.tataa.debug;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntToLongFunction;
import org.tataa.core.TataaCore;
import org.tataa.state.ScanChain;

/** Every register of a core, as its scan chain hands it over: by unit and name. */
final class RegisterList implements ScanChain {
  private final Map<String, Long> values = new LinkedHashMap<>();
  private String unit = "";

  private RegisterList() {}

  /** All registers by name, in the order of the chain. */
  static Map<String, Long> of(TataaCore core) {
    RegisterList list = new RegisterList();
    core.scan(list);
    return list.values;
  }

  @Override
  public void unit(String name) {
    unit = name.isEmpty() ? "" : name + ".";
  }

  private void array(String register, int count, IntToLongFunction value) {
    for (int i = 0; i < count; i++) {
      values.put(unit + register + "[" + i + "]", value.applyAsLong(i));
    }
  }

  @Override
  public int scan(String register, int value) {
    values.put(unit + register, (long) value);
    return value;
  }

  @Override
  public long scan(String register, long value) {
    values.put(unit + register, value);
    return value;
  }

  @Override
  public void scan(String register, int[] array, int from, int count) {
    array(register, count, i -> array[from + i]);
  }

  @Override
  public void scan(String register, byte[] array, int from, int count) {
    array(register, count, i -> array[from + i]);
  }

  @Override
  public void scan(String register, long[] array) {
    array(register, array.length, i -> array[i]);
  }
}
