package org.tataa.explore;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Events that have a row in a table of energies. */
public enum EnergyEvent {
  /** One int8 multiplication, those of padding too. */
  INT8_MULTIPLY("int8Multiply", "pJ"),
  /** One product added to a partial sum. */
  INT8_ADD("int8Add", "pJ"),
  /** One lane operation of a multiply type. */
  BF16_MULTIPLY("bf16Multiply", "pJ"),
  /** One lane operation of an add type. */
  BF16_ADD("bf16Add", "pJ"),
  /** 64 bits read from or written into a memory of at most 8 KiB. */
  SRAM_8K("sram8K", "pJ"),
  /** 64 bits of a memory of at most 32 KiB. */
  SRAM_32K("sram32K", "pJ"),
  /** 64 bits of a larger memory on the chip. */
  SRAM_1M("sram1M", "pJ"),
  /** 64 bits of external memory. */
  DRAM("dram", "pJ"),
  /** One column of a dual-mode buffer word through the requantiser: two sums or one bfloat16. */
  REQUANTISE("requantise", "pJ"),
  /** One instruction decoded and issued. */
  INSTRUCTION("instruction", "pJ"),
  /** One PE told to change its mode. */
  MODE_SWITCH("modeSwitch", "pJ"),
  /** Registers and clock of one PE in a cycle in which the array works. */
  PE_BUSY_CYCLE("peBusyCycle", "pJ"),
  /** Clock of one PE in a cycle in which the array waits or has nothing to do. */
  PE_IDLE_CYCLE("peIdleCycle", "pJ"),
  /** Static power of one core. */
  STATIC_CORE("staticCore", "mW"),
  /** Static power of everything that exists once: shell, memory controllers, memory. */
  STATIC_DEVICE("staticDevice", "mW");

  private final String key;
  private final String unit;

  EnergyEvent(String key, String unit) {
    this.key = key;
    this.unit = unit;
  }

  /** Name in a table. */
  public String key() {
    return key;
  }

  /** Unit of its row: pJ for an event, mW for power, which is counted in seconds. */
  public String unit() {
    return unit;
  }

  /** How many powers of ten a row's unit is below the joule or watt. */
  int exponent() {
    return unit.equals("pJ") ? 12 : 3;
  }

  /** The event of a name. */
  static Optional<EnergyEvent> of(String key) {
    return Arrays.stream(values()).filter(event -> event.key.equals(key)).findFirst();
  }

  /** Names of all events. */
  static List<String> keys() {
    return Arrays.stream(values()).map(EnergyEvent::key).toList();
  }
}
