package org.tataa.tensor;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What the states of a model hold between runs, by name, whatever executes it. A program with more
 * rows than the one before finds the same rows and zeros behind them. Not thread safe.
 */
public final class StateValues {
  @SuppressWarnings("ArrayRecordComponent")
  private record Content(int[] shape, short[] bits) {}

  private final Map<String, Content> contents = new LinkedHashMap<>();

  /** States that are zero. */
  public StateValues() {}

  /**
   * Content of a state, row-major, to be written to by whoever executes the operation.
   *
   * @throws TensorException if it has another shape, rows apart, or more rows than the operation
   */
  public short[] of(StateOp op) {
    int[] shape = op.result().shape();
    Content known = contents.get(op.name());
    if (known != null && Arrays.equals(known.shape(), shape)) {
      return known.bits();
    }
    short[] bits = new short[op.result().size()];
    if (known != null) {
      int[] same = known.shape().clone();
      if (same.length == shape.length) {
        same[op.axis()] = shape[op.axis()];
      }
      if (!Arrays.equals(same, shape) || known.shape()[op.axis()] > shape[op.axis()]) {
        throw new TensorException(
            "state "
                + op.result()
                + " cannot be continued from shape "
                + Arrays.toString(known.shape()));
      }
      int outer = 1;
      for (int i = 0; i < op.axis(); i++) {
        outer *= shape[i];
      }
      int run = known.bits().length / outer;
      for (int i = 0; i < outer; i++) {
        System.arraycopy(known.bits(), i * run, bits, i * (bits.length / outer), run);
      }
    }
    contents.put(op.name(), new Content(shape, bits));
    return bits;
  }

  /** Sets the content of a state, row-major; a copy is not taken. */
  public void put(StateOp op, short[] bits) {
    contents.put(op.name(), new Content(op.result().shape(), bits));
  }

  /** Names of the states that hold anything. */
  public Set<String> names() {
    return Collections.unmodifiableSet(contents.keySet());
  }
}
