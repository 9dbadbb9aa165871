package org.tataa.tensor;

import java.util.List;

/**
 * A tensor that lives on the device between runs, as the keys of a decoder do: rows are written to
 * it at a position known at run time, and the result is all of it afterwards. Before the first run
 * it is zero.
 *
 * @param axis axis along which rows are counted, not negative
 * @param rows a device value, of the result's kind and shape but for fewer rows
 * @param position a HOST value of one integer: the row the first of them becomes
 * @param result the tensor; states are known by its name from run to run
 */
public record StateOp(int axis, Value rows, Value position, Value result) implements TensorOp {
  @Override
  public List<Value> operands() {
    return List.of(rows, position);
  }

  @Override
  public List<Value> results() {
    return List.of(result);
  }

  /** Name of the tensor from run to run. */
  public String name() {
    return result.name();
  }

  /**
   * Where the first element of each run of rows goes.
   *
   * @param first what {@link #position} holds
   * @return for each index of the axes before {@link #axis} the element of the result
   * @throws TensorException if the rows do not fit behind the position
   */
  public int[] starts(double first) {
    int inner = inner();
    int capacity = result.dim(axis);
    if (first < 0 || first != Math.rint(first) || first + rows.dim(axis) > capacity) {
      throw new TensorException(
          "state "
              + name()
              + " has no room for rows "
              + first
              + " to "
              + (first + rows.dim(axis) - 1)
              + ", expected less than "
              + capacity);
    }
    int[] starts = new int[result.size() / (capacity * inner)];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = (i * capacity + (int) first) * inner;
    }
    return starts;
  }

  /** Elements that follow each other in rows and result alike: all rows of one index before. */
  public int run() {
    return rows.dim(axis) * inner();
  }

  private int inner() {
    int inner = 1;
    for (int i = axis + 1; i < result.rank(); i++) {
      inner *= result.dim(i);
    }
    return inner;
  }

  @Override
  public String describe() {
    return "state rows %" + rows.name() + " along axis " + axis + " from %" + position.name();
  }
}
