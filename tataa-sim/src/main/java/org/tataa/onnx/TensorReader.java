package org.tataa.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.ElementType;
import org.tataa.graph.GraphException;
import org.tataa.graph.NdTensor;
import org.tataa.graph.OnnxTypes;

/**
 * Reads tensors of every numeric type: floating-point types become float32, integers of 2 to 64
 * bits 64-bit integers. A tensor is only allocated after the bytes it claims to have were found.
 */
final class TensorReader {
  private static final int FLOAT = 1;
  private static final int FLOAT16 = 10;
  private static final int DOUBLE = 11;
  private static final int BFLOAT16 = 16;

  private final String model;
  private final ExternalData external;

  /**
   * A reader.
   *
   * @param model name for messages
   * @param directory where data outside of the file may be, or null
   */
  TensorReader(String model, @Nullable Path directory) {
    this.model = model;
    external = new ExternalData(model, directory);
  }

  NdTensor read(TensorProto proto) {
    String label = "tensor `" + proto.getName() + "`";
    int[] shape = shape(proto, label);
    int type = proto.getDataType();
    int size;
    try {
      size = NdTensor.elements(shape);
      OnnxTypes.element(type);
    } catch (GraphException e) {
      throw new ModelFormatException(model + ": " + label + ": " + e.getMessage(), e);
    }
    if (proto.hasSegment()) {
      throw new ModelFormatException(model + ": " + label + ": segments are not supported");
    }
    long bytes = ((long) size * OnnxTypes.bits(type) + 7) / 8;
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      return decode(external.read(proto, label, bytes), type, size, shape);
    }
    if (proto.hasRawData()) {
      ByteString raw = proto.getRawData();
      requireCount(label, raw.size(), bytes, "bytes");
      return decode(raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN), type, size, shape);
    }
    return OnnxTypes.element(type) == ElementType.FLOAT
        ? floats(proto, type, size, shape, label)
        : integers(proto, type, size, shape, label);
  }

  private int[] shape(TensorProto proto, String label) {
    int[] shape = new int[proto.getDimsCount()];
    for (int i = 0; i < shape.length; i++) {
      long dim = proto.getDims(i);
      if (dim < 0 || dim > NdTensor.MAX_ELEMENTS) {
        throw new ModelFormatException(model + ": " + label + " has a dimension " + dim);
      }
      shape[i] = (int) dim;
    }
    return shape;
  }

  private NdTensor floats(TensorProto proto, int type, int size, int[] shape, String label) {
    int found =
        switch (type) {
          case FLOAT -> proto.getFloatDataCount();
          case DOUBLE -> proto.getDoubleDataCount();
          default -> proto.getInt32DataCount();
        };
    requireCount(label, found, size, "values");
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] =
          switch (type) {
            case FLOAT -> proto.getFloatData(i);
            case DOUBLE -> (float) proto.getDoubleData(i);
            case FLOAT16 -> Float16.toFloat((short) proto.getInt32Data(i));
            default -> Float.intBitsToFloat(proto.getInt32Data(i) << 16);
          };
    }
    return NdTensor.of(values, shape);
  }

  private NdTensor integers(TensorProto proto, int type, int size, int[] shape, String label) {
    int bits = OnnxTypes.bits(type);
    if (bits < 8) {
      int perEntry = 8 / bits;
      requireCount(label, proto.getInt32DataCount(), (size + perEntry - 1) / perEntry, "values");
      return packed(i -> proto.getInt32Data(i), type, size, shape);
    }
    boolean isLong = type == 7;
    boolean isUnsigned = type == 12 || type == 13;
    requireCount(
        label,
        isLong
            ? proto.getInt64DataCount()
            : isUnsigned ? proto.getUint64DataCount() : proto.getInt32DataCount(),
        size,
        "values");
    long[] values = new long[size];
    for (int i = 0; i < size; i++) {
      values[i] =
          isLong
              ? proto.getInt64Data(i)
              : isUnsigned ? proto.getUint64Data(i) : proto.getInt32Data(i);
    }
    return type == 9 ? NdTensor.ofBool(values, shape) : NdTensor.of(values, shape);
  }

  // Several elements in a byte, the first in its low bits.
  private static NdTensor packed(IntToLongFunction bytes, int type, int size, int[] shape) {
    int bits = OnnxTypes.bits(type);
    int perByte = 8 / bits;
    long[] values = new long[size];
    for (int i = 0; i < size; i++) {
      values[i] = OnnxTypes.wrapped(type, bytes.applyAsLong(i / perByte) >> i % perByte * bits);
    }
    return NdTensor.of(values, shape);
  }

  private void requireCount(String label, long found, long expected, String unit) {
    if (found != expected) {
      throw new ModelFormatException(
          model + ": " + label + " has " + found + " " + unit + ", expected " + expected);
    }
  }

  private static NdTensor decode(ByteBuffer data, int type, int size, int[] shape) {
    if (OnnxTypes.bits(type) < 8) {
      return packed(i -> data.get(data.position() + i), type, size, shape);
    }
    if (OnnxTypes.element(type) == ElementType.FLOAT) {
      float[] values = new float[size];
      if (type == FLOAT) {
        data.asFloatBuffer().get(values);
      }
      for (int i = 0; type != FLOAT && i < size; i++) {
        values[i] =
            switch (type) {
              case FLOAT16 -> Float16.toFloat(data.getShort());
              case DOUBLE -> (float) data.getDouble();
              case BFLOAT16 -> Float.intBitsToFloat(data.getShort() << 16);
              default -> throw new IllegalStateException("type=" + type);
            };
      }
      return NdTensor.of(values, shape);
    }
    long[] values = new long[size];
    for (int i = 0; i < size; i++) {
      values[i] =
          switch (OnnxTypes.bits(type)) {
            case 8 -> OnnxTypes.wrapped(type, data.get());
            case 16 -> OnnxTypes.wrapped(type, data.getShort());
            case 32 -> OnnxTypes.wrapped(type, data.getInt());
            default -> data.getLong();
          };
    }
    return type == 9 ? NdTensor.ofBool(values, shape) : NdTensor.of(values, shape);
  }
}
