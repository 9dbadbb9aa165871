package org.tataa.compiler;

import java.util.Arrays;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.kernel.BlockForm;
import org.tataa.kernel.Layouts;
import org.tataa.numeric.Bfloat16;

/** Data in the host's arrays and in the machine's blocks. */
final class Hosts {
  private Hosts() {}

  /** A tensor stretched to a shape as ONNX broadcasts. */
  static NdTensor broadcast(NdTensor tensor, int[] shape) {
    if (Arrays.equals(tensor.shape(), shape)) {
      return tensor;
    }
    int offset = shape.length - tensor.rank();
    if (offset < 0) {
      int[] trimmed = tensor.shape();
      int drop = -offset;
      for (int i = 0; i < drop; i++) {
        if (trimmed[i] != 1) {
          throw new GraphException("cannot broadcast " + tensor + " to " + Arrays.toString(shape));
        }
      }
      return broadcast(tensor.reshaped(Arrays.copyOfRange(trimmed, drop, trimmed.length)), shape);
    }
    int[] stride = new int[shape.length];
    int next = 1;
    for (int axis = shape.length - 1; axis >= offset; axis--) {
      int dim = tensor.dim(axis - offset);
      if (dim != 1 && dim != shape[axis]) {
        throw new GraphException("cannot broadcast " + tensor + " to " + Arrays.toString(shape));
      }
      stride[axis] = dim == 1 ? 0 : next;
      next *= dim;
    }
    float[] result = new float[NdTensor.elements(shape)];
    int[] index = new int[shape.length];
    int source = 0;
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) tensor.at(source);
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        index[axis]++;
        source += stride[axis];
        if (index[axis] < shape[axis]) {
          break;
        }
        source -= stride[axis] * shape[axis];
        index[axis] = 0;
      }
    }
    return NdTensor.of(result, shape);
  }

  /**
   * Blocks of a matrix. Padding tokens repeat the last token, so that their sums stay in the range
   * of real ones and are not reported as wrapped.
   *
   * @param rows {@code [group * tokens + token][places]}
   */
  static byte[] blocks(Matrix matrix, BlockForm form, float[] rows) {
    int perGroup = matrix.blocksPerGroup();
    int featureBlocks = matrix.featureBlocks();
    byte[] bytes = new byte[(int) matrix.bytes()];
    for (int tokenBlock = 0; tokenBlock < matrix.tokenBlocks(); tokenBlock++) {
      int group = tokenBlock / perGroup;
      for (int featureBlock = 0; featureBlock < featureBlocks; featureBlock++) {
        int base = (tokenBlock * featureBlocks + featureBlock) * BlockForm.BYTES;
        for (int i = 0; i < BlockForm.BYTES / 2; i++) {
          int token = tokenBlock % perGroup * BlockForm.SIZE + form.token(i);
          int place = featureBlock * BlockForm.SIZE + form.feature(i);
          if (place < matrix.places) {
            int row = group * matrix.tokens + Math.min(token, matrix.tokens - 1);
            int bits = Bfloat16.fromFloat(rows[row * matrix.places + place]);
            bytes[base + 2 * i] = (byte) bits;
            bytes[base + 2 * i + 1] = (byte) (bits >> 8);
          }
        }
      }
    }
    return bytes;
  }

  /** The inverse of {@link #blocks}. */
  static float[] rows(Matrix matrix, BlockForm form, byte[] bytes) {
    int perGroup = matrix.blocksPerGroup();
    int featureBlocks = matrix.featureBlocks();
    float[] rows = new float[matrix.groups * matrix.tokens * matrix.places];
    for (int tokenBlock = 0; tokenBlock < matrix.tokenBlocks(); tokenBlock++) {
      int group = tokenBlock / perGroup;
      for (int featureBlock = 0; featureBlock < featureBlocks; featureBlock++) {
        int base = (tokenBlock * featureBlocks + featureBlock) * BlockForm.BYTES;
        for (int i = 0; i < BlockForm.BYTES / 2; i++) {
          int token = tokenBlock % perGroup * BlockForm.SIZE + form.token(i);
          int place = featureBlock * BlockForm.SIZE + form.feature(i);
          if (token < matrix.tokens && place < matrix.places) {
            int row = group * matrix.tokens + token;
            rows[row * matrix.places + place] =
                Bfloat16.toFloat(Layouts.bf16At(bytes, base + 2 * i));
          }
        }
      }
    }
    return rows;
  }

  /** Vectors of one value per place, as {@code LanePass.Kind.FEATURE} reads them. */
  static byte[] featureVectors(BlockForm form, float[] values) {
    int variants = form.featureVectors();
    int blocks = Matrix.blocks(values.length);
    int lanes = BlockForm.BYTES / 2 / BlockForm.VECTORS;
    int[] patterns = new int[blocks * variants * lanes];
    for (int block = 0; block < blocks; block++) {
      for (int variant = 0; variant < variants; variant++) {
        int vector = variants == 4 ? 2 * variant : variant;
        for (int i = 0; i < lanes; i++) {
          int place = block * BlockForm.SIZE + form.feature(vector * lanes + i);
          float value = place < values.length ? values[place] : 0;
          patterns[(block * variants + variant) * lanes + i] = Bfloat16.fromFloat(value);
        }
      }
    }
    return Layouts.bf16Bytes(patterns);
  }
}
