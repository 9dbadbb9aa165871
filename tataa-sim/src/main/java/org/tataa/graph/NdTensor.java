package org.tataa.graph;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A dense row-major tensor whose data may be unknown: a shape without values, as shape inference
 * produces it. Arrays are shared, not copied; no operator writes to its inputs.
 *
 * <p>Values may also be known without being held: {@link #made} tensors make them whenever they are
 * asked for, as weights of models that would not fit the memory.
 */
public final class NdTensor {
  /** Largest number of elements a tensor may have. */
  public static final long MAX_ELEMENTS = 1L << 30;

  private final ElementType type;
  private final int[] shape;
  private final float @Nullable [] floats;
  private final long @Nullable [] longs;
  private final @Nullable Supplier<float[]> maker;

  private NdTensor(
      ElementType type, int[] shape, float @Nullable [] floats, long @Nullable [] longs) {
    this(type, shape, floats, longs, null);
  }

  private NdTensor(
      ElementType type,
      int[] shape,
      float @Nullable [] floats,
      long @Nullable [] longs,
      @Nullable Supplier<float[]> maker) {
    this.maker = maker;
    this.type = type;
    this.shape = shape.clone();
    this.floats = floats;
    this.longs = longs;
    int size = elements(shape);
    int found = floats != null ? floats.length : longs != null ? longs.length : size;
    if (found != size) {
      throw new GraphException(
          "tensor " + Arrays.toString(shape) + " needs " + size + " values, found " + found);
    }
  }

  /**
   * Number of elements of a shape.
   *
   * @throws GraphException if a dimension is negative or there are more than {@link #MAX_ELEMENTS}
   */
  public static int elements(int[] shape) {
    long size = 1;
    for (int dim : shape) {
      if (dim < 0) {
        throw new GraphException("shape " + Arrays.toString(shape) + " has a negative dimension");
      }
      size *= dim;
      if (size > MAX_ELEMENTS) {
        throw new GraphException(
            "shape " + Arrays.toString(shape) + " has more than " + MAX_ELEMENTS + " elements");
      }
    }
    return (int) size;
  }

  /**
   * Number of elements of a result. A few bytes of a model can ask for any shape, so no result may
   * take more than a quarter of the memory that Java may use, if it is float32.
   *
   * @throws GraphException if there are more, or if {@link #elements} throws it
   */
  static int resultElements(int[] shape) {
    int size = elements(shape);
    long most = Runtime.getRuntime().maxMemory() / 4 / Float.BYTES;
    if (size > most) {
      throw new GraphException(
          "a result of shape "
              + Arrays.toString(shape)
              + " is too large for "
              + (Runtime.getRuntime().maxMemory() >> 20)
              + " MiB of memory, expected at most "
              + most
              + " elements; start Java with more, as java -Xmx...");
    }
    return size;
  }

  /** A float32 tensor. */
  public static NdTensor of(float[] values, int... shape) {
    return new NdTensor(ElementType.FLOAT, shape, values, null);
  }

  /** An integer tensor. */
  public static NdTensor of(long[] values, int... shape) {
    return new NdTensor(ElementType.INT, shape, null, values);
  }

  /** A tensor of truth values 0 and 1. */
  public static NdTensor ofBool(long[] values, int... shape) {
    return new NdTensor(ElementType.BOOL, shape, null, values);
  }

  /** A tensor of INT or BOOL elements. */
  static NdTensor ofLongs(ElementType type, long[] values, int... shape) {
    return new NdTensor(type, shape, null, values);
  }

  /**
   * A float32 tensor whose values are not held.
   *
   * @param maker makes the values, the same whenever it is asked; it may be asked by several
   *     threads
   */
  public static NdTensor made(Supplier<float[]> maker, int... shape) {
    return new NdTensor(ElementType.FLOAT, shape, null, null, maker);
  }

  /** The same with its values held, if they are known. */
  public NdTensor held() {
    return maker == null ? this : of(floats(), shape);
  }

  /** A tensor of which only type and shape are known. */
  public static NdTensor unknown(ElementType type, int... shape) {
    return new NdTensor(type, shape, null, null);
  }

  /** Type of the elements. */
  public ElementType type() {
    return type;
  }

  /** A copy of the shape. */
  public int[] shape() {
    return shape.clone();
  }

  /** The shape as a list, which equals that of another value of the shape. */
  public List<Integer> dims() {
    return Arrays.stream(shape).boxed().toList();
  }

  /** Number of dimensions. */
  public int rank() {
    return shape.length;
  }

  /** One dimension; negative axes count from the end. */
  public int dim(int axis) {
    return shape[axis < 0 ? axis + shape.length : axis];
  }

  /** Number of elements. */
  public int size() {
    return elements(shape);
  }

  /** Whether the values are there. */
  public boolean isKnown() {
    return floats != null || longs != null || maker != null;
  }

  /**
   * The values of a FLOAT tensor; not a copy.
   *
   * @throws GraphException if they are not known or not floats
   */
  public float[] floats() {
    if (maker != null) {
      float[] made = maker.get();
      if (made.length != size()) {
        throw new GraphException(this + " needs " + size() + " values, found " + made.length);
      }
      return made;
    }
    if (floats == null) {
      throw new GraphException("expected known float values, found " + this);
    }
    return floats;
  }

  /**
   * The values of an INT or BOOL tensor; not a copy.
   *
   * @throws GraphException if they are not known or not integers
   */
  public long[] longs() {
    if (longs == null) {
      throw new GraphException("expected known integer values, found " + this);
    }
    return longs;
  }

  /** A value as double, whatever its type. */
  public double at(int index) {
    return type == ElementType.FLOAT ? floats()[index] : longs()[index];
  }

  /** The same values under another shape. */
  public NdTensor reshaped(int... newShape) {
    if (elements(newShape) != size()) {
      throw new GraphException("cannot reshape " + this + " to " + Arrays.toString(newShape));
    }
    return new NdTensor(type, newShape, floats, longs, maker);
  }

  /** Type and shape only. */
  public NdTensor withoutData() {
    return unknown(type, shape);
  }

  @Override
  public String toString() {
    return type + Arrays.toString(shape) + (isKnown() ? "" : " (values unknown)");
  }
}
