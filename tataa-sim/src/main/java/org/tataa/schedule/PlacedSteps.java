package org.tataa.schedule;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tataa.tensor.Scale;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.FusedNest;
import org.tataa.tile.MatMulNest;
import org.tataa.tile.TileStep;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;

/**
 * All that the instructions of a step depend on but the addresses of its buffers, as numbers: its
 * nest, with buffers by number. Names and contents of constants are left out, so that steps of
 * layers that are alike are equal. For one machine.
 */
final class PlacedSteps {
  private final MemoryPlan memory;
  private long[] numbers = new long[256];
  private int count;
  private final Map<Buffer, Integer> buffers = new LinkedHashMap<>();

  private PlacedSteps(MemoryPlan memory) {
    this.memory = memory;
  }

  /**
   * A step in memory.
   *
   * @param key what tells its instructions from others
   * @param starts addresses of its buffers, by number
   * @param bytes their sizes
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Placed(Key key, long[] starts, long[] bytes) {
    /** An address in the same place of the same buffer of another step with the same key. */
    long moved(long address, Placed other) {
      for (int i = 0; i < starts.length; i++) {
        if (address >= starts[i] && address - starts[i] < bytes[i]) {
          return other.starts[i] + address - starts[i];
        }
      }
      throw new IllegalStateException("address " + address + " is in no buffer of the step");
    }

    /** Whether every buffer is where it is in another step. */
    boolean isAt(Placed other) {
      return Arrays.equals(starts, other.starts);
    }
  }

  /** A step of the device. */
  static Placed of(TileStep step, MemoryPlan memory) {
    PlacedSteps placed = new PlacedSteps(memory);
    if (step instanceof MatMulNest nest) {
      placed.product(nest);
    } else if (step instanceof VectorNest nest) {
      placed.vectors(nest);
    } else if (step instanceof FusedNest nest) {
      placed.add(2, nest.bank().ordinal(), nest.group());
      placed.product(nest.products());
      placed.vectors(nest.lanes());
    } else {
      throw new IllegalArgumentException(step.work() + " is the host's");
    }
    return placed.placed();
  }

  // A load may take vectors of two buffers that follow each other.
  private Placed placed() {
    long[] starts = buffers.keySet().stream().mapToLong(memory::address).toArray();
    long[] bytes = buffers.keySet().stream().mapToLong(Buffer::bytes).toArray();
    for (int i = 0; i < starts.length; i++) {
      for (int j = 0; j < starts.length; j++) {
        if (starts[i] + bytes[i] == starts[j]) {
          add(i, j);
        }
      }
    }
    return new Placed(new Key(Arrays.copyOf(numbers, count)), starts, bytes);
  }

  /** Numbers that can be compared. */
  @SuppressWarnings("ArrayRecordComponent")
  record Key(long[] numbers) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && Arrays.equals(numbers, key.numbers);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(numbers);
    }
  }

  private void add(long... values) {
    if (count + values.length > numbers.length) {
      numbers = Arrays.copyOf(numbers, 2 * (count + values.length));
    }
    System.arraycopy(values, 0, numbers, count, values.length);
    count += values.length;
  }

  private void add(Address address) {
    Integer known = buffers.putIfAbsent(address.buffer(), buffers.size());
    add(known == null ? buffers.size() - 1 : known);
    add(address.buffer().bytes(), address.base());
    add(address.strides().length);
    add(address.strides());
  }

  private void add(Scale scale) {
    add(scale.mantissa(), scale.rightShift());
  }

  private void product(MatMulNest nest) {
    add(0, nest.loops().size());
    nest.loops().forEach(count -> add(count));
    add(nest.x());
    add(nest.y());
    add(nest.target());
    add(nest.depth(), nest.segments(), nest.xSegment(), nest.ySegment());
    add(nest.mode().ordinal(), nest.transpose() ? 1 : 0, nest.scaleLoop(), nest.scales().size());
    nest.scales().forEach(this::add);
  }

  private void vectors(VectorNest nest) {
    add(1, nest.loops().size());
    nest.loops().forEach(count -> add(count));
    add(nest.registers(), nest.body().size());
    for (VectorStep step : nest.body()) {
      if (step instanceof VectorStep.Load load) {
        add(0, load.register());
        add(load.from());
      } else if (step instanceof VectorStep.Operate operate) {
        add(1, operate.op().ordinal(), operate.register());
        add(operate.first());
        add(operate.second());
        add(operate.negateSecond() ? 1 : 0);
      } else if (step instanceof VectorStep.Store store) {
        add(2, store.mode().ordinal(), store.transpose() ? 1 : 0, store.registers().length);
        for (int register : store.registers()) {
          add(register);
        }
        add(store.scale());
        add(store.to());
      }
    }
  }

  private void add(VectorStep.Operand operand) {
    add(operand.isConstant() ? 1 : 0, operand.index());
  }
}
