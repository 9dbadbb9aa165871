package org.tataa.tensor.pass;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.tataa.tensor.ConcatOp;
import org.tataa.tensor.ConstantOp;
import org.tataa.tensor.ContractOp;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.Movement;
import org.tataa.tensor.QuantiseOp;
import org.tataa.tensor.ReduceOp;
import org.tataa.tensor.ReductionOrder;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorPass;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.UploadOp;
import org.tataa.tensor.Value;
import org.tataa.tensor.ViewOp;

/**
 * Computes everything once: of operations on the device that do the same with the same operands,
 * and of equal constants, the first stays. What no output needs is dropped.
 */
public final class CommonSubexpressions implements TensorPass {
  @Override
  public String name() {
    return "common-subexpressions";
  }

  @Override
  public String description() {
    return "keeps one of equal constants and equal operations and drops what no output needs";
  }

  @Override
  public TensorProgram apply(TensorProgram program) {
    Map<Value, Value> firsts = new HashMap<>();
    Map<List<Object>, Value> known = new HashMap<>();
    List<TensorOp> ops = new ArrayList<>();
    for (TensorOp op : program.ops()) {
      TensorOp reading = Operands.replaced(op, value -> firsts.getOrDefault(value, value));
      if (reading.results().size() == 1 && reading.result().isOnDevice()) {
        Value first = known.putIfAbsent(key(reading), reading.result());
        if (first != null) {
          firsts.put(reading.result(), first);
          continue;
        }
      }
      ops.add(reading);
    }
    TensorProgram made = program.with(ops);
    return made.ops().equals(program.ops()) ? program : made;
  }

  // Everything that decides about the result.
  private static List<Object> key(TensorOp op) {
    List<Object> key = new ArrayList<>();
    key.add(op.getClass());
    key.add(op.result().element());
    key.add(ints(op.result().shape()));
    key.addAll(op.operands());
    if (op instanceof ConstantOp constant) {
      key.add(new Shorts(constant.bits()));
      key.add(constant.exact() == null ? "rounded" : new Floats(constant.exact()));
    } else if (op instanceof MapOp map) {
      key.add(map.program().steps());
      key.add(map.program().result());
    } else if (op instanceof ReduceOp reduce) {
      key.add(reduce.kind());
      key.add(reduce.axis());
      key.add(order(reduce.order()));
    } else if (op instanceof ContractOp contract) {
      key.add(contract.columns());
      key.add(contract.scales());
      key.add(contract.scaleAxis());
    } else if (op instanceof QuantiseOp quantise) {
      key.add(quantise.scale());
    } else if (op instanceof ViewOp view) {
      Movement movement = view.movement();
      key.add(movement instanceof Movement.Gather gather ? ints(gather.indices()) : movement);
    } else if (op instanceof ConcatOp concat) {
      key.add(concat.axis());
    } else if (!(op instanceof UploadOp)) {
      // Not known to be the same as any other.
      key.add(op.result());
    }
    return key;
  }

  private static List<Integer> ints(int[] values) {
    return IntStream.of(values).boxed().toList();
  }

  private static List<List<Integer>> order(ReductionOrder order) {
    return IntStream.range(0, order.parts()).mapToObj(part -> ints(order.part(part))).toList();
  }

  /** An array compared by its elements. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Shorts(short[] values) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Shorts shorts && Arrays.equals(values, shorts.values);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(values);
    }
  }

  /** An array compared by its elements. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Floats(float[] values) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Floats floats && Arrays.equals(values, floats.values);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(values);
    }
  }
}
