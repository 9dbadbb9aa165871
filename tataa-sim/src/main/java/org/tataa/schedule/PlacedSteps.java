package org.tataa.schedule;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.stream.LongStream;
import org.tataa.tensor.Scale;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.MatMulNest;
import org.tataa.tile.TileStep;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;

/**
 * All that the instructions of a step depend on, as numbers: its nest, with buffers by number and
 * address. Names and contents of constants are left out, so that steps of layers that are alike are
 * equal. For one machine.
 */
final class PlacedSteps {
  private final MemoryPlan memory;
  private final LongStream.Builder numbers = LongStream.builder();
  private final IdentityHashMap<Buffer, Integer> buffers = new IdentityHashMap<>();

  private PlacedSteps(MemoryPlan memory) {
    this.memory = memory;
  }

  /** The numbers of a step of the device. */
  static Key of(TileStep step, MemoryPlan memory) {
    PlacedSteps placed = new PlacedSteps(memory);
    if (step instanceof MatMulNest nest) {
      placed.product(nest);
    } else if (step instanceof VectorNest nest) {
      placed.vectors(nest);
    } else {
      throw new IllegalArgumentException(step.work() + " is the host's");
    }
    return new Key(placed.numbers.build().toArray());
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
    for (long value : values) {
      numbers.add(value);
    }
  }

  private void add(Address address) {
    Integer known = buffers.putIfAbsent(address.buffer(), buffers.size());
    add(known == null ? buffers.size() - 1 : known);
    add(memory.address(address.buffer()), address.buffer().bytes(), address.base());
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
