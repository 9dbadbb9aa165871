package org.tataa.explore;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.ArithmeticProfile;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.BufferConfig;
import org.tataa.config.HazardPolicy;
import org.tataa.config.HbmConfig;
import org.tataa.config.IsaProfile;
import org.tataa.config.MemoryConfig;
import org.tataa.config.Profiles;
import org.tataa.config.TataaConfig;
import org.tataa.config.TimingConfig;

/** Machines from named values, and back. */
final class Configurations {
  private Configurations() {}

  /** Names and values of a machine, in the order of tables. */
  static Map<String, Object> values(TataaConfig config) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("cores", config.cores());
    values.put("dmpus", config.geometry().dmpus());
    values.put("columns", config.geometry().columns());
    values.put("clockHz", config.clockHz());
    values.put("tileDepth", config.buffers().tileDepth());
    values.put("vectorSlots", config.buffers().vectorSlots());
    values.put("dmbDepth", config.buffers().dmbDepth());
    values.put("outputFifoBeats", config.buffers().outputFifoBeats());
    values.put("portBytes", config.memory().portBytes());
    values.put("memoryLatency", config.memory().latencyCycles());
    values.put("beatInterval", config.memory().beatInterval());
    values.put("queueDepth", config.memory().queueDepth());
    values.put("sharedYzPort", config.memory().sharedYzPort());
    values.put("vectorLoadBeats", config.memory().vectorLoadBeats());
    HbmConfig hbm = config.memory().hbm();
    values.put("pseudoChannels", hbm == null ? 0 : hbm.channels());
    values.put("pipelinedMode", config.pipelinedMode());
    values.put("overlappedDrain", config.overlappedDrain());
    values.put("resultPath", config.resultPath());
    values.put("arithmetic", config.profiles().arithmetic().name());
    values.put("accumulator", config.profiles().accumulator().name());
    values.put("isa", config.profiles().isa().name());
    return values;
  }

  /** Names of {@link #values}. */
  static List<String> names() {
    return List.copyOf(values(TataaConfig.u280()).keySet());
  }

  /**
   * The u280 preset with other values; latencies follow the shape of the array.
   *
   * @throws IllegalArgumentException if a value has the wrong type, or the machine cannot be
   */
  static TataaConfig of(Map<String, Object> changes) {
    TataaConfig base = TataaConfig.u280();
    Values v = new Values(changes, values(base));
    ArrayGeometry geometry =
        new ArrayGeometry(
            v.integer("dmpus"), v.integer("columns"), base.geometry().outputsPerColumn());
    MemoryConfig memory =
        base.memory()
            .withPortBytes(v.integer("portBytes"))
            .withLatencyCycles(v.integer("memoryLatency"))
            .withBeatInterval(v.integer("beatInterval"))
            .withQueueDepth(v.integer("queueDepth"))
            .withSharedYzPort(v.flag("sharedYzPort"))
            .withVectorLoadBeats(v.integer("vectorLoadBeats"))
            .withHbm(channels(v.integer("pseudoChannels")));
    return new TataaConfig(
        base.name(),
        v.integer("cores"),
        geometry,
        new BufferConfig(
            v.integer("tileDepth"),
            v.integer("vectorSlots"),
            base.buffers().constants(),
            v.integer("dmbDepth"),
            v.integer("outputFifoBeats")),
        memory,
        TimingConfig.released(geometry),
        new Profiles(
            v.choice("arithmetic", ArithmeticProfile.class),
            v.choice("accumulator", AccumulatorKind.class),
            v.choice("isa", IsaProfile.class),
            HazardPolicy.STALL),
        v.number("clockHz"),
        v.flag("pipelinedMode"),
        v.flag("overlappedDrain"),
        v.flag("resultPath"));
  }

  private static @Nullable HbmConfig channels(int count) {
    return count == 0 ? null : HbmConfig.U280.withChannels(count);
  }

  private record Values(Map<String, Object> changes, Map<String, Object> base) {
    private <T> T get(String name, Class<T> type) {
      Object value = changes.getOrDefault(name, base.get(name));
      if (!type.isInstance(value)) {
        throw new IllegalArgumentException(
            name + "=" + value + ", expected a value as " + base.get(name));
      }
      return type.cast(value);
    }

    long number(String name) {
      return get(name, Number.class) instanceof Double fraction
          ? fail(name, fraction)
          : get(name, Number.class).longValue();
    }

    private static long fail(String name, Double value) {
      throw new IllegalArgumentException(name + "=" + value + ", expected a whole number");
    }

    int integer(String name) {
      long value = number(name);
      if (value != (int) value) {
        throw new IllegalArgumentException(name + "=" + value + " is too large");
      }
      return (int) value;
    }

    boolean flag(String name) {
      return get(name, Boolean.class);
    }

    <E extends Enum<E>> E choice(String name, Class<E> type) {
      String value = get(name, String.class);
      try {
        return Enum.valueOf(type, value);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            name + "=" + value + ", expected one of " + List.of(type.getEnumConstants()), e);
      }
    }
  }
}
