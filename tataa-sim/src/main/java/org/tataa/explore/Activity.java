package org.tataa.explore;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.EnumMap;
import java.util.Map;
import org.tataa.compiler.ProgramTraffic;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.TataaConfig;
import org.tataa.observe.Counters;
import org.tataa.observe.InstructionKind;
import org.tataa.observe.UnitKind;

/** How often every event happened in each unit. Counts are exact; power is counted in seconds. */
public final class Activity {
  /** Nothing happened. */
  public static final Activity NONE = new Activity();

  /** Bits of an access that tables give the energy of. */
  private static final BigDecimal ACCESS_BITS = BigDecimal.valueOf(64);

  private static final int KIB = 1024;

  private final Map<EnergyUnit, Map<EnergyEvent, BigDecimal>> counts =
      new EnumMap<>(EnergyUnit.class);

  private Activity() {}

  /**
   * The events of a run of programs to their end.
   *
   * @param config the device
   * @param counters of its cores
   * @param traffic of the programs
   */
  public static Activity of(TataaConfig config, Counters counters, ProgramTraffic traffic) {
    ArrayGeometry shape = config.geometry();
    Activity sum = waiting(config, counters.cycles(), counters.busy(UnitKind.EXEC));
    long lanes = shape.lanes();
    sum.put(EnergyUnit.ARRAY, EnergyEvent.INT8_MULTIPLY, counters.macs());
    sum.put(EnergyUnit.ARRAY, EnergyEvent.INT8_ADD, counters.macs());
    sum.put(
        EnergyUnit.ARRAY,
        EnergyEvent.BF16_MULTIPLY,
        lanes * counters.instructions(InstructionKind.VECTOR_MULTIPLY));
    sum.put(
        EnergyUnit.ARRAY,
        EnergyEvent.BF16_ADD,
        lanes * counters.instructions(InstructionKind.VECTOR_ADD));
    sum.put(
        EnergyUnit.ARRAY,
        EnergyEvent.MODE_SWITCH,
        counters.modeSwitches() * shape.processingElements());
    sum.putTraffic(config, traffic);
    sum.put(
        EnergyUnit.REQUANTISER, EnergyEvent.REQUANTISE, traffic.storedWords() * shape.columns());
    sum.put(EnergyUnit.CONTROLLER, EnergyEvent.INSTRUCTION, counters.instructions());
    sum.putBits(EnergyUnit.MEMORY_INSTRUCTIONS, EnergyEvent.DRAM, 64 * counters.instructions());
    sum.putBits(EnergyUnit.MEMORY_X, EnergyEvent.DRAM, 8 * counters.bytesLoadedX());
    sum.putBits(EnergyUnit.MEMORY_Y, EnergyEvent.DRAM, 8 * counters.bytesLoadedY());
    sum.putBits(EnergyUnit.MEMORY_Z, EnergyEvent.DRAM, 8 * counters.bytesStored());
    return sum;
  }

  /** Cycles of cores in which nothing runs. */
  public static Activity idle(TataaConfig config, long coreCycles) {
    return waiting(config, coreCycles, 0);
  }

  // Clocks and static power. Time of the device is time of a core divided by their number.
  private static Activity waiting(TataaConfig config, long coreCycles, long busy) {
    Activity sum = new Activity();
    long elements = config.geometry().processingElements();
    sum.put(EnergyUnit.ARRAY, EnergyEvent.PE_BUSY_CYCLE, busy * elements);
    sum.put(EnergyUnit.ARRAY, EnergyEvent.PE_IDLE_CYCLE, (coreCycles - busy) * elements);
    BigDecimal seconds =
        BigDecimal.valueOf(coreCycles)
            .divide(BigDecimal.valueOf(config.clockHz()), MathContext.DECIMAL128);
    sum.put(EnergyUnit.STATIC, EnergyEvent.STATIC_CORE, seconds);
    sum.put(
        EnergyUnit.STATIC,
        EnergyEvent.STATIC_DEVICE,
        seconds.divide(BigDecimal.valueOf(config.cores()), MathContext.DECIMAL128));
    return sum;
  }

  private void putTraffic(TataaConfig config, ProgramTraffic traffic) {
    ArrayGeometry shape = config.geometry();
    long tileDepth = 2L * config.buffers().tileDepth();
    putBits(EnergyUnit.REGISTER_FILE_X, sram(tileDepth * shape.rows()), 8 * traffic.xTileBytes());
    putBits(
        EnergyUnit.REGISTER_FILE_Y, sram(tileDepth * shape.outputs()), 8 * traffic.yTileBytes());
    putBits(
        EnergyUnit.REGISTER_FILE_Y,
        sram(2L * config.buffers().vectorSlots() * 2 * shape.columns()),
        8 * traffic.vectorBytes());
    long wordBits = (long) shape.columns() * bufferColumnBits(config);
    putBits(
        EnergyUnit.BUFFERS,
        sram(config.buffers().dmbDepth() * wordBits / 8),
        (traffic.bufferWords() + traffic.storedWords()) * wordBits);
  }

  /** Bits of a column of a dual-mode buffer: what the accumulator reads out for two outputs. */
  static int bufferColumnBits(TataaConfig config) {
    AccumulatorKind kind = config.profiles().accumulator();
    return switch (kind) {
      case PACKED_INT16 -> 32;
      case PACKED_FULL -> 48;
      case INT32 -> 32 * config.geometry().outputsPerColumn();
    };
  }

  // The smallest memory in the tables that holds so many bytes.
  private static EnergyEvent sram(long bytes) {
    return bytes <= 8 * KIB
        ? EnergyEvent.SRAM_8K
        : bytes <= 32 * KIB ? EnergyEvent.SRAM_32K : EnergyEvent.SRAM_1M;
  }

  private void putBits(EnergyUnit unit, EnergyEvent event, long bits) {
    put(unit, event, BigDecimal.valueOf(bits).divide(ACCESS_BITS));
  }

  private void put(EnergyUnit unit, EnergyEvent event, long count) {
    put(unit, event, BigDecimal.valueOf(count));
  }

  private void put(EnergyUnit unit, EnergyEvent event, BigDecimal count) {
    counts
        .computeIfAbsent(unit, key -> new EnumMap<>(EnergyEvent.class))
        .merge(event, count, BigDecimal::add);
  }

  /** These events and others. */
  public Activity plus(Activity other) {
    Activity sum = new Activity();
    sum.add(this);
    sum.add(other);
    return sum;
  }

  private void add(Activity other) {
    other.counts.forEach(
        (unit, events) -> events.forEach((event, count) -> put(unit, event, count)));
  }

  /** How often an event happened in all units; seconds for static power. */
  public BigDecimal count(EnergyEvent event) {
    return counts.values().stream()
        .map(events -> events.getOrDefault(event, BigDecimal.ZERO))
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  /** Energy of every unit, of all of them in the order of {@link EnergyUnit}. */
  public Map<EnergyUnit, Energy> byUnit(EnergyTable table) {
    Map<EnergyUnit, Energy> energies = new EnumMap<>(EnergyUnit.class);
    for (EnergyUnit unit : EnergyUnit.values()) {
      Energy sum = Energy.NONE;
      for (var count : counts.getOrDefault(unit, Map.of()).entrySet()) {
        sum = sum.plus(table.row(count.getKey()).times(count.getValue(), count.getKey()));
      }
      energies.put(unit, sum);
    }
    return energies;
  }

  /** Energy of all units. */
  public Energy energy(EnergyTable table) {
    return byUnit(table).values().stream().reduce(Energy.NONE, Energy::plus);
  }
}
