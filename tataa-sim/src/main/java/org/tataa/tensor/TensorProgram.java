package org.tataa.tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A whole model as operations on tensors, in an order in which every value is made before it is
 * read. Immutable; a pass makes another one.
 */
public final class TensorProgram {
  private final String name;
  private final List<TensorOp> ops;
  private final Map<String, Value> outputs;
  private final Map<Value, TensorOp> producers = new HashMap<>();
  private final Map<Value, List<TensorOp>> consumers = new HashMap<>();

  /**
   * A program. {@link TensorVerifier} tells whether it is well formed.
   *
   * @param ops operations in order
   * @param outputs HOST values by the names of the model's outputs, in order
   */
  public TensorProgram(String name, List<TensorOp> ops, Map<String, Value> outputs) {
    this.name = name;
    this.ops = List.copyOf(ops);
    this.outputs = new LinkedHashMap<>(outputs);
    for (TensorOp op : ops) {
      op.results().forEach(result -> producers.put(result, op));
      for (Value operand : op.operands().stream().distinct().toList()) {
        consumers.computeIfAbsent(operand, key -> new ArrayList<>()).add(op);
      }
    }
  }

  /** Name of the model. */
  public String name() {
    return name;
  }

  /** Operations in order. */
  public List<TensorOp> ops() {
    return ops;
  }

  /** Values of the outputs by name, in order; a copy. */
  public Map<String, Value> outputs() {
    return new LinkedHashMap<>(outputs);
  }

  /** HOST values of the inputs, in order. */
  public List<Value> inputs() {
    return ops.stream().filter(InputOp.class::isInstance).map(TensorOp::result).toList();
  }

  /** Operations on tensors that live on the device between runs, in order. */
  public List<StateOp> states() {
    return ops.stream().filter(StateOp.class::isInstance).map(StateOp.class::cast).toList();
  }

  /** The operation that makes a value, or null. */
  public @Nullable TensorOp producer(Value value) {
    return producers.get(value);
  }

  /** Operations that read a value, in order, each once. */
  public List<TensorOp> consumers(Value value) {
    return consumers.getOrDefault(value, List.of());
  }

  /** Whether a value is read by exactly one operation and is no output. */
  public boolean isPrivate(Value value) {
    return consumers(value).size() == 1 && !outputs.containsValue(value);
  }

  /** Multiply-accumulates of all products. */
  public long macs() {
    return ops.stream()
        .mapToLong(op -> op instanceof ContractOp contract ? contract.macs() : 0)
        .sum();
  }

  /** The program with other operations; those neither an output nor a state needs are dropped. */
  public TensorProgram with(List<TensorOp> newOps) {
    Set<Value> needed = new HashSet<>(outputs.values());
    List<TensorOp> kept = new ArrayList<>();
    for (int i = newOps.size() - 1; i >= 0; i--) {
      TensorOp op = newOps.get(i);
      if (op instanceof InputOp
          || op instanceof StateOp
          || op.results().stream().anyMatch(needed::contains)) {
        needed.addAll(op.operands());
        kept.add(op);
      }
    }
    Collections.reverse(kept);
    return new TensorProgram(name, kept, outputs);
  }

  @Override
  public String toString() {
    return name + ": " + ops.size() + " operations";
  }
}
