package org.tataa.schedule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tataa.tile.Address;
import org.tataa.tile.Buffer;
import org.tataa.tile.VectorNest;
import org.tataa.tile.VectorStep;

/**
 * What a nest's schedule depends on: all but which buffers and scales they are. Layers of a model
 * repeat, so that most nests have a shape that was seen before.
 *
 * @param loops iterations of the loops
 * @param body operations as they are, addresses by number of their buffer and their distance to the
 *     first one in it
 */
record NestShape(List<Integer> loops, List<Object> body) {
  // Where a buffer is read or written first.
  private record First(int number, long base) {}

  static NestShape of(VectorNest nest) {
    Map<Buffer, First> buffers = new HashMap<>();
    List<Object> body = new ArrayList<>();
    for (VectorStep step : nest.body()) {
      if (step instanceof VectorStep.Load load) {
        body.add(load.register());
        address(load.from(), buffers, body);
      } else if (step instanceof VectorStep.Store store) {
        body.add(store.mode());
        body.add(store.transpose());
        for (int register : store.registers()) {
          body.add(register);
        }
        address(store.to(), buffers, body);
      } else {
        body.add(step);
      }
    }
    return new NestShape(nest.loops(), body);
  }

  private static void address(Address address, Map<Buffer, First> buffers, List<Object> body) {
    First first =
        buffers.computeIfAbsent(
            address.buffer(), buffer -> new First(buffers.size(), address.base()));
    body.add(first.number());
    body.add(address.base() - first.base());
    for (long stride : address.strides()) {
      body.add(stride);
    }
  }
}
