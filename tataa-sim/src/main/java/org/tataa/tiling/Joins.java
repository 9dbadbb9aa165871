package org.tataa.tiling;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.tensor.ConcatOp;
import org.tataa.tensor.ContractOp;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.Value;

/**
 * Concatenations of products whose blocks are stored side by side as they are made, so that nothing
 * has to be moved: every part but the last is whole tiles.
 */
final class Joins {
  /**
   * A part of a concatenation.
   *
   * @param concat the concatenation
   * @param from index of its first element along the axis
   */
  private record Part(ConcatOp concat, int from) {}

  private final Orientation orientation;
  private final Emission emission;
  private final Geometry geometry;
  private final Map<Value, Part> parts = new HashMap<>();
  private final Map<ConcatOp, Stored> stored = new HashMap<>();

  Joins(TensorProgram program, Orientation orientation, Emission emission) {
    this.orientation = orientation;
    this.emission = emission;
    geometry = emission.geometry;
    for (TensorOp op : program.ops()) {
      if (op instanceof ConcatOp concat
          && areProducts(program, concat)
          && areTiles(concat, orientation.placement(concat.result()))) {
        int from = 0;
        for (Value part : concat.operands()) {
          parts.put(part, new Part(concat, from));
          from += part.dim(concat.axis());
        }
        emission.sources.keep(concat.result());
      }
    }
  }

  /** Whether all parts are blocks of bfloat16 numbers that nothing else reads. */
  static boolean areProducts(TensorProgram program, ConcatOp concat) {
    List<Value> parts = concat.operands();
    return parts.size() > 1
        && parts.stream().distinct().count() == parts.size()
        && parts.stream()
            .allMatch(
                part ->
                    program.isPrivate(part)
                        && program.producer(part) instanceof ContractOp contract
                        && !contract.toInt8());
  }

  private boolean areTiles(ConcatOp concat, Placement placement) {
    int axis = concat.axis() + placement.rank() - concat.result().rank();
    int size =
        axis == placement.rowAxis
            ? geometry.tileRows()
            : axis == placement.laneAxis ? geometry.outputs() : 0;
    List<Value> parts = concat.operands();
    return size > 0
        && parts.subList(0, parts.size() - 1).stream()
            .allMatch(part -> part.dim(concat.axis()) % size == 0);
  }

  /** Whether a value is a part that is stored in its place. */
  boolean isPart(Value value) {
    return parts.containsKey(value);
  }

  /** Where a product that is a part stores its blocks. */
  BlockTarget target(ContractOp op) {
    Value result = op.result();
    Part part = part(result);
    MatrixLayout whole = (MatrixLayout) stored(part.concat()).layout();
    Placement own = WovenOperand.placement(op);
    int rank = result.rank();
    int[] leading = Arrays.copyOf(result.shape(), rank - 2);
    BlockTarget all = BlockTarget.tiles(geometry, whole, stored(part.concat()).buffer(), leading);
    boolean alongRows = part.concat().axis() + own.rank() - rank == own.rowAxis;
    long base =
        alongRows
            ? (long) part.from() / geometry.rows() * all.strides()[rank - 2]
            : (long) part.from() / geometry.outputs() * all.strides()[rank - 1];
    return new BlockTarget(
        all.buffer(),
        base,
        leading,
        Geometry.parts(own.rows(), geometry.rows()),
        Geometry.parts(own.lanes(), geometry.outputs()),
        all.strides());
  }

  /** Notes where a part is, and with the last one the concatenation. */
  void made(Value value) {
    Part part = part(value);
    ConcatOp concat = part.concat();
    Stored whole = stored(concat);
    int[] placeOf = whole.layout().placeOf();
    int inner = 1;
    for (int axis = concat.axis() + 1; axis < value.rank(); axis++) {
      inner *= value.dim(axis);
    }
    int run = value.dim(concat.axis()) * inner;
    int row = concat.result().dim(concat.axis()) * inner;
    int[] places = new int[value.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = placeOf[i / run * row + part.from() * inner + i % run];
    }
    emission.stored(
        value,
        new Stored(
            whole.buffer(),
            TableLayout.ofPlaces(
                "part of " + whole.layout().describe(), whole.layout().places(), places)));
  }

  /** Where a concatenation is; null if its parts are not stored side by side. */
  @Nullable Stored whole(ConcatOp concat) {
    return stored.get(concat);
  }

  private Part part(Value value) {
    Part part = parts.get(value);
    if (part == null) {
      throw new IllegalArgumentException(value + " is no part");
    }
    return part;
  }

  private Stored stored(ConcatOp concat) {
    return stored.computeIfAbsent(
        concat,
        key -> {
          MatrixLayout layout =
              emission.layout(orientation.placement(concat.result()), TileOrder.NATURAL);
          return new Stored(emission.buffer(concat.result().name(), layout.bytes()), layout);
        });
  }
}
