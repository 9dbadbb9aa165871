package org.tataa.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tataa.graph.NdTensor;
import org.tataa.numeric.Bfloat16;

/** What happens to values in the host's memory and on their way to and from the device. */
public final class HostValues {
  private HostValues() {}

  /**
   * The given value of an input.
   *
   * @throws TensorException if it is missing or has another shape
   */
  public static NdTensor input(InputOp input, Map<String, NdTensor> inputs) {
    NdTensor value = inputs.get(input.result().name());
    if (value == null || !Arrays.equals(value.shape(), input.result().shape())) {
      throw new TensorException(
          "input " + input.result() + ": found " + (value == null ? "nothing" : value.toString()));
    }
    return value;
  }

  /**
   * Executes work of the host.
   *
   * @param host receives the results
   */
  public static void compute(HostOp op, List<NdTensor> operands, Map<Value, NdTensor> host) {
    List<NdTensor> results = op.function().apply(operands);
    for (int i = 0; i < op.results().size(); i++) {
      Value result = op.results().get(i);
      if (!Arrays.equals(results.get(i).shape(), result.shape())) {
        throw new TensorException(
            op.describe() + ": expected " + result + ", found " + results.get(i));
      }
      host.put(result, results.get(i));
    }
  }

  /** The pattern of a number on the device: nearest even, denormals flushed to a signed zero. */
  public static short pattern(float value) {
    return (short) Bfloat16.flush(Bfloat16.fromFloat(value));
  }

  /** Patterns of all elements. */
  public static short[] rounded(NdTensor tensor) {
    short[] bits = new short[tensor.size()];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = pattern((float) tensor.at(i));
    }
    return bits;
  }

  /** The exact values of patterns. */
  public static NdTensor exact(short[] bits, int[] shape) {
    float[] values = new float[bits.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Bfloat16.toFloat(bits[i] & 0xffff);
    }
    return NdTensor.of(values, shape);
  }
}
