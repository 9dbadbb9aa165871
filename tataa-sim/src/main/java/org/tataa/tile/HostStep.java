package org.tataa.tile;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tataa.tensor.HostOp;
import org.tataa.tensor.StateOp;
import org.tataa.tensor.Value;

/** Work of the host between programs of the device. The device has finished what came before. */
public sealed interface HostStep extends TileStep {
  /**
   * Computes values of the host.
   *
   * @param op what is computed
   */
  record Compute(Work work, HostOp op) implements HostStep {}

  /**
   * Writes a value of the host to the device, rounded to bfloat16; padding becomes +0.
   *
   * @param value a HOST value
   * @param layout where its elements go
   */
  record Upload(Work work, Value value, Buffer to, Layout layout) implements HostStep {}

  /**
   * Reads a value from the device.
   *
   * @param from a buffer of bfloat16
   * @param layout where its elements are
   * @param value a HOST value
   */
  record Download(Work work, Buffer from, Layout layout, Value value) implements HostStep {}

  /**
   * Writes rows to a state.
   *
   * @param op says which rows, and where they go at run time
   * @param from where the rows are
   * @param to the state
   * @param layout where the state's elements are in it, each at one place
   */
  record Append(Work work, StateOp op, Source from, Buffer to, Layout layout) implements HostStep {}

  /**
   * A source of a move.
   *
   * @param buffer where elements come from
   * @param layout where they are in it
   */
  record Source(Buffer buffer, Layout layout) {}

  /**
   * Moves elements on the device's memory; padding becomes 0.
   *
   * @param sources where elements come from
   * @param width bytes of an element, 2 or 1
   * @param source for each element of the moved tensor the number of its source; null for source 0
   * @param element for each element of the moved tensor the element of its source, -1 for zero
   * @param to where they go
   * @param layout layout of the moved tensor
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Move(
      Work work,
      List<Source> sources,
      int width,
      byte @Nullable [] source,
      int[] element,
      Buffer to,
      Layout layout)
      implements HostStep {}
}
