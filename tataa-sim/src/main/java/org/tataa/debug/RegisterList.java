package org.tataa.debug;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tataa.core.TataaCore;
import org.tataa.state.ScanChain;

/**
 * Every register of a core, as its scan chain hands it over: the names are those of the hardware
 * units, a number after # tells registers of the same name apart ({@code dmb.popped#1} is that of
 * the second DMPU).
 */
final class RegisterList implements ScanChain {
  private final Map<String, Long> values = new LinkedHashMap<>();
  private final Map<String, Integer> seen = new HashMap<>();
  private String unit = "";

  private RegisterList() {}

  /** All registers by name, in the order of the chain. */
  static Map<String, Long> of(TataaCore core) {
    RegisterList list = new RegisterList();
    core.scan(list);
    return list.values;
  }

  // Queued commands are named alike in both movers; the mover's own registers come first.
  private String unique(String register) {
    int dot = register.indexOf('.');
    if (register.startsWith("LOAD_") && dot > 0) {
      unit = register.substring(0, dot + 1);
    }
    String name = register.startsWith("command.") ? unit + register : register;
    int number = seen.merge(name, 1, Integer::sum) - 1;
    return number == 0 ? name : name + "#" + number;
  }

  private void array(String register, int count, java.util.function.IntToLongFunction value) {
    String name = unique(register);
    for (int i = 0; i < count; i++) {
      values.put(name + "[" + i + "]", value.applyAsLong(i));
    }
  }

  @Override
  public int scan(String register, int value) {
    values.put(unique(register), (long) value);
    return value;
  }

  @Override
  public long scan(String register, long value) {
    values.put(unique(register), value);
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
