package org.tataa.lower;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.tensor.HostFunction;
import org.tataa.tensor.Movement;

/**
 * What is added to the scores of an attention, in units of ln 2 and relative to the largest addend
 * of each row, which SoftMax does not see: -0 for a visible key without bias, so that the sum is
 * exactly the score; far below any score for a hidden key, so that it enters neither the maximum
 * nor the sum.
 *
 * @param name of the attention, for messages
 * @param masks what the operands are
 * @param shape shape of the result
 * @param form what is wanted of it
 */
@SuppressWarnings("ArrayRecordComponent")
record AttentionMask(String name, List<AttentionPattern.Mask> masks, int[] shape, Form form)
    implements HostFunction {
  /** What is wanted of a mask. */
  enum Form {
    /** All of it as an addend. */
    ADDEND,
    /** The addends of visible keys; hidden ones have -0. */
    BIAS,
    /** 1 for visible keys, 0 for hidden ones. */
    FACTOR
  }

  /** An addend this much below the largest of its row hides a key. */
  static final double HIDDEN_BELOW = -1000;

  /** What a hidden key's score is changed by. */
  static final float HIDDEN = -0x1p30f;

  /** Shape of the result: 1 along axes on which no mask depends, but for the keys. */
  static int[] shape(LoweringContext context, List<AttentionPattern.Mask> masks, int[] scores) {
    int[] result = new int[scores.length];
    Arrays.fill(result, 1);
    for (AttentionPattern.Mask mask : masks) {
      int[] own = context.shape(mask.value());
      for (int i = 1; i <= Math.min(own.length, result.length); i++) {
        int axis = result.length - i;
        result[axis] = Math.max(result[axis], own[own.length - i]);
      }
    }
    result[result.length - 1] = scores[scores.length - 1];
    return result;
  }

  /** Most keys a query sees, as far as constant masks say. */
  static int mostVisible(LoweringContext context, AttentionPattern pattern, int keys) {
    List<AttentionPattern.Mask> masks = new ArrayList<>();
    List<NdTensor> constants = new ArrayList<>();
    for (AttentionPattern.Mask mask : pattern.masks) {
      NdTensor constant = context.graph.constant(mask.value());
      if (constant != null) {
        masks.add(mask);
        constants.add(constant);
      }
    }
    if (masks.isEmpty()) {
      return keys;
    }
    int[] shape = shape(context, masks, context.shape(pattern.scores));
    float[] seen =
        new AttentionMask(pattern.scores, masks, shape, Form.FACTOR)
            .apply(constants)
            .get(0)
            .floats();
    int most = 0;
    for (int row = 0; row < seen.length; row += keys) {
      int count = 0;
      for (int i = row; i < row + keys; i++) {
        count += seen[i] == 0 ? 0 : 1;
      }
      most = Math.max(most, count);
    }
    return most;
  }

  @Override
  public List<NdTensor> apply(List<NdTensor> operands) {
    double[] sum = new double[NdTensor.elements(shape)];
    for (int m = 0; m < masks.size(); m++) {
      AttentionPattern.Mask mask = masks.get(m);
      NdTensor value = operands.get(m);
      int[] own = new int[shape.length];
      Arrays.fill(own, 1);
      System.arraycopy(value.shape(), 0, own, shape.length - value.rank(), value.rank());
      int[] sources = new Movement.Broadcast().sources(own, shape);
      @Nullable Boolean where = mask.hidesWhere();
      for (int i = 0; i < sum.length; i++) {
        double v = value.at(sources[i]);
        if (where == null) {
          sum[i] += v * mask.factor();
        } else if ((v != 0) == where) {
          sum[i] = Double.NEGATIVE_INFINITY;
        }
      }
    }
    int keys = shape[shape.length - 1];
    float[] addends = new float[sum.length];
    for (int row = 0; row < sum.length; row += keys) {
      double largest = Double.NEGATIVE_INFINITY;
      for (int i = row; i < row + keys; i++) {
        largest = Math.max(largest, sum[i]);
      }
      if (largest == Double.NEGATIVE_INFINITY) {
        throw new GraphException(
            name + ": row " + row / keys + " of the mask hides every key, which has no SoftMax");
      }
      for (int i = row; i < row + keys; i++) {
        double relative = sum[i] - largest;
        boolean hides = relative <= HIDDEN_BELOW;
        addends[i] =
            switch (form) {
              case FACTOR -> hides ? 0 : 1;
              case BIAS -> hides || relative == 0 ? -0f : (float) (relative / Math.log(2));
              case ADDEND ->
                  hides ? HIDDEN : relative == 0 ? -0f : (float) (relative / Math.log(2));
            };
      }
    }
    return List.of(NdTensor.of(addends, shape));
  }
}
