package org.tataa.tensor.pass;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.function.LaneProgram;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorPass;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.Value;

/**
 * Merges a map into the map that reads it, so that the value between them needs no place. One that
 * several maps read is merged into each if it is cheap. Operands that are the same become one, and
 * so do equal operations.
 *
 * <p>A value that is repeated along an axis is not merged: it would be computed for each element
 * again. Nor is a copy of what the host has given ({@link RemoveCopies}).
 */
public final class MergeMaps implements TensorPass {
  /** Most operations of a map that is computed in several places. */
  private static final int CHEAP = 2;

  private static final int NAME_LENGTH = 60;

  private final int maxOperands;

  /**
   * A pass.
   *
   * @param maxOperands most operands of a merged map: each needs a vector slot
   */
  public MergeMaps(int maxOperands) {
    this.maxOperands = maxOperands;
  }

  @Override
  public String name() {
    return "merge-maps";
  }

  @Override
  public String description() {
    return "merges maps into the maps that read them";
  }

  @Override
  public TensorProgram apply(TensorProgram program) {
    TensorProgram before = program;
    while (true) {
      TensorProgram after = merged(before);
      if (after == before) {
        return before;
      }
      before = after;
    }
  }

  private TensorProgram merged(TensorProgram program) {
    Map<Value, MapOp> maps = new HashMap<>();
    List<TensorOp> ops = new ArrayList<>();
    boolean changed = false;
    for (TensorOp op : program.ops()) {
      TensorOp kept = op;
      if (op instanceof MapOp map) {
        MapOp grown = UsedOperands.of(map.program(), map.operands(), map.result());
        changed |= isSimpler(grown, map);
        MapOp next = step(program, grown, maps);
        while (next != null) {
          grown = next;
          changed = true;
          next = step(program, grown, maps);
        }
        maps.put(grown.result(), grown);
        kept = grown;
      }
      ops.add(kept);
    }
    return changed ? program.with(ops) : program;
  }

  private static boolean isSimpler(MapOp a, MapOp b) {
    return a.operands().size() < b.operands().size()
        || a.program().operations() < b.program().operations();
  }

  // The map with one of its operands merged into it, or null.
  private @Nullable MapOp step(TensorProgram program, MapOp map, Map<Value, MapOp> maps) {
    for (Value operand : map.operands()) {
      MapOp producer = maps.get(operand);
      if (producer != null
          && Arrays.equals(operand.shape(), map.result().shape())
          && producer.program().result().kind() != LaneProgram.Kind.CONSTANT
          && mayVanish(program, operand, producer)) {
        MapOp merged = merged(map, producer);
        if (merged.operands().size() <= Math.max(maxOperands, map.operands().size())) {
          return merged;
        }
      }
    }
    return null;
  }

  private static boolean mayVanish(TensorProgram program, Value value, MapOp producer) {
    if (RemoveCopies.isGiven(program, producer)) {
      return false;
    }
    return program.isPrivate(value)
        || (producer.program().operations() <= CHEAP
            && program.consumers(value).stream()
                .allMatch(
                    reader ->
                        reader instanceof MapOp map
                            && Arrays.equals(value.shape(), map.result().shape())));
  }

  private static MapOp merged(MapOp map, MapOp producer) {
    List<Value> operands = new ArrayList<>();
    for (Value operand : map.operands()) {
      if (operand != producer.result() && !operands.contains(operand)) {
        operands.add(operand);
      }
    }
    for (Value operand : producer.operands()) {
      if (!operands.contains(operand)) {
        operands.add(operand);
      }
    }
    String name = producer.program().name() + ", " + map.program().name();
    LaneProgram.Builder builder =
        LaneProgram.builder(
            name.length() <= NAME_LENGTH ? name : map.program().name(), operands.size());
    LaneSimplifier simplifier = new LaneSimplifier(builder);
    LaneProgram.Value inner =
        simplifier.insert(producer.program(), inputs(builder, operands, producer.operands()));
    List<LaneProgram.Value> arguments = new ArrayList<>();
    for (Value operand : map.operands()) {
      arguments.add(
          operand == producer.result() ? inner : builder.input(operands.indexOf(operand)));
    }
    return UsedOperands.of(
        builder.build(simplifier.insert(map.program(), arguments)), operands, map.result());
  }

  private static List<LaneProgram.Value> inputs(
      LaneProgram.Builder builder, List<Value> operands, List<Value> read) {
    return read.stream().map(value -> builder.input(operands.indexOf(value))).toList();
  }
}
