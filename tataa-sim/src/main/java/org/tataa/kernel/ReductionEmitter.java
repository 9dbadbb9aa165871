package org.tataa.kernel;

import java.util.ArrayList;
import java.util.List;
import org.tataa.config.TataaConfig;
import org.tataa.numeric.LaneOp;

/**
 * Emits the reduction of many vectors in memory to one: chunks of vectors level by level, their
 * results by a {@link TreeReducer}. The two halves of the lower slots take turns, the tree has the
 * upper slots.
 */
final class ReductionEmitter {
  private final VectorEmitter emitter;
  private final LaneOp op;
  private final int count;
  private final int zero;
  private final int chunk;
  private final TreeReducer tree;

  ReductionEmitter(TataaConfig config, VectorEmitter emitter, LaneOp op, int count, int zero) {
    this.emitter = emitter;
    this.op = op;
    this.count = count;
    this.zero = zero;
    int slots = config.buffers().vectorSlots();
    int wanted = Math.min(8, Math.max(2, slots / 4));
    chunk = Math.min(wanted, Math.max(1, count));
    int levels = Math.min(slots - chunk, TreeReducer.levelsFor(Layouts.parts(count, chunk)));
    tree = new TreeReducer(emitter, op, slots - levels, levels, zero);
  }

  /**
   * Reduces {@code count} vectors.
   *
   * @param address of the first vector
   * @param stride bytes from one vector to the next
   * @return register of the result, in bank A
   */
  VectorEmitter.Reg reduce(long address, long stride) {
    load(0, address, stride);
    emitter.flushLoads();
    for (int first = 0; first < count; first += chunk) {
      int next = first + chunk;
      if (next < count) {
        load(next, address, stride);
      }
      List<VectorEmitter.Reg> inputs = registers(first);
      emitter.tree(op, inputs, zero, tree.next());
      tree.accept();
      emitter.flushLoads();
    }
    return tree.finish();
  }

  private void load(int first, long address, long stride) {
    List<VectorEmitter.Reg> registers = registers(first);
    for (int i = 0; i < registers.size(); i++) {
      emitter.prefetch(registers.get(i), address + (first + i) * stride);
    }
  }

  // Chunk members alternate between the banks; two chunks use different slots of both.
  private List<VectorEmitter.Reg> registers(int first) {
    int base = first / chunk % 2 * ((chunk + 1) / 2);
    List<VectorEmitter.Reg> registers = new ArrayList<>();
    for (int i = 0; i < chunk && first + i < count; i++) {
      int slot = base + i / 2;
      registers.add(i % 2 == 0 ? VectorEmitter.a(slot) : VectorEmitter.b(slot));
    }
    return registers;
  }
}
