package org.tataa.tiling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.tensor.ConcatOp;
import org.tataa.tensor.ContractOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.Movement;
import org.tataa.tensor.QuantiseOp;
import org.tataa.tensor.ReduceOp;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.Value;
import org.tataa.tensor.ViewOp;

/**
 * Decides which axis of each value lies along the rows of the array and which along its lanes.
 * Values of one expression agree. An axis that is reduced must lie along the rows; a value that
 * becomes operand words is best stored with the contracted axis along the lanes.
 */
final class Orientation {
  // Axes a reader of a value would like along rows and lanes; row -1 for any.
  private record Wish(int row, int lane) {}

  private static final class Group {
    @Nullable Group parent;
    int reduced = -1;
    final Map<Wish, Long> votes = new LinkedHashMap<>();
    boolean isProduct;

    Group root() {
      Group root = this;
      while (root.parent != null) {
        root = root.parent;
      }
      return root;
    }
  }

  private final TensorProgram program;
  private final Sources sources;
  private final Map<Value, Group> groups = new HashMap<>();

  Orientation(TensorProgram program, Sources sources) {
    this.program = program;
    this.sources = sources;
    for (TensorOp op : program.ops()) {
      for (Value value : op.results()) {
        if (value.element() == Element.BF16 || op instanceof ContractOp) {
          Group made = new Group();
          groups.put(value, made);
        }
      }
    }
    for (TensorOp op : program.ops()) {
      if (op instanceof MapOp map) {
        for (Value operand : map.operands()) {
          if (Arrays.equals(operand.shape(), map.result().shape())) {
            join(operand, map.result());
          }
        }
      }
    }
    for (TensorOp op : program.ops()) {
      if (op instanceof ViewOp view
          && view.movement() instanceof Movement.Slice
          && program.producer(view.operand()) instanceof ContractOp contract
          && !contract.toInt8()) {
        join(view.operand(), view.result());
      } else if (op instanceof ConcatOp concat && Joins.areProducts(program, concat)) {
        concat.operands().forEach(part -> join(part, concat.result()));
      }
    }
    for (TensorOp op : program.ops()) {
      if (op instanceof ReduceOp reduce) {
        Group of = of(reduce.operand());
        of.reduced = of.reduced < 0 ? padded(reduce.operand(), reduce.axis()) : of.reduced;
      } else if (op instanceof ContractOp contract) {
        of(contract.result()).isProduct = true;
        if (contract.toInt8()) {
          vote(contract.result(), contract.result(), true);
        }
      } else if (op instanceof QuantiseOp quantise) {
        vote(quantise.result(), quantise.operand(), false);
      }
    }
  }

  private static int padded(Value value, int axis) {
    return axis + Math.max(0, 2 - value.rank());
  }

  private void join(Value a, Value b) {
    Group one = of(a);
    Group other = of(b);
    if (one != other) {
      one.parent = other;
    }
  }

  private Group of(Value value) {
    Group known = groups.get(value);
    if (known == null) {
      throw new IllegalStateException(value + " is not a bfloat16 value of the program");
    }
    return known.root();
  }

  /** The product that reads a value's codes first, through views, and by which operand; or null. */
  static @Nullable Use use(TensorProgram program, Value codes) {
    List<Value> open = new ArrayList<>(List.of(codes));
    for (int i = 0; i < open.size(); i++) {
      for (TensorOp consumer : program.consumers(open.get(i))) {
        if (consumer instanceof ContractOp contract) {
          return new Use(contract, contract.a() == open.get(i));
        }
        if (consumer instanceof ViewOp || consumer instanceof ConcatOp) {
          open.add(consumer.result());
        }
      }
    }
    return null;
  }

  /**
   * A product and which operand of it.
   *
   * @param contract the product
   * @param isFirst whether the operand is a
   */
  record Use(ContractOp contract, boolean isFirst) {}

  // Where the product that reads codes would like the value they are made of: the contracted axis
  // along the lanes, or along the rows if a row of a block becomes a word.
  private void vote(Value codes, Value voter, boolean rowsAreWords) {
    Use use = use(program, codes);
    if (use == null) {
      return;
    }
    Value operand = use.isFirst() ? use.contract().a() : use.contract().b();
    int rank = operand.rank();
    int depthAxis = use.isFirst() ? rank - 1 : rank - 2;
    int byteAxis = use.isFirst() ? rank - 2 : rank - 1;
    Sources.Source source = sources.of(operand);
    int lanes = axis(source, operand, rowsAreWords ? byteAxis : depthAxis, codes);
    int rows = axis(source, operand, rowsAreWords ? depthAxis : byteAxis, codes);
    if (lanes >= 0 && rows != lanes) {
      Group of = of(voter);
      int row = rows >= 0 ? padded(codes, rows) : -1;
      Wish wish = new Wish(row, padded(codes, lanes));
      of.votes.merge(wish, (long) operand.size(), Long::sum);
    }
  }

  // The axis of the codes along which an axis of the operand runs, or -1.
  private static int axis(Sources.Source source, Value operand, int axis, Value codes) {
    if (operand.size() == 0 || operand.dim(axis) < 2) {
      return -1;
    }
    int stride = 1;
    for (int i = axis + 1; i < operand.rank(); i++) {
      stride *= operand.dim(i);
    }
    int difference = Math.abs(source.element(stride) - source.element(0));
    int inner = 1;
    for (int i = codes.rank() - 1; i >= 0; i--) {
      if (difference >= inner && difference < inner * codes.dim(i)) {
        return i;
      }
      inner *= codes.dim(i);
    }
    return -1;
  }

  /** Placement of a value. */
  Placement placement(Value value) {
    Group of = of(value);
    int last = Math.max(2, value.rank()) - 1;
    Placement usual = Placement.last(value, false);
    TensorOp op = program.producer(value);
    if (of.reduced >= 0) {
      int lane = of.reduced == last ? last - 1 : last;
      return usual.with(of.reduced, lane);
    }
    if (op instanceof ReduceOp reduce) {
      return placement(reduce.operand()).sameAxes(value);
    }
    Wish best = null;
    long most = 0;
    for (Map.Entry<Wish, Long> vote : of.votes.entrySet()) {
      if (vote.getValue() > most) {
        best = vote.getKey();
        most = vote.getValue();
      }
    }
    if (best != null) {
      int other = best.lane() == last ? last - 1 : last;
      return usual.with(best.row() < 0 || of.isProduct ? other : best.row(), best.lane());
    }
    if (op instanceof MapOp map) {
      for (Value operand : map.operands()) {
        if (program.producer(operand) instanceof ReduceOp reduce
            && operand.rank() == value.rank()
            && Arrays.equals(operand.shape(), value.shape())) {
          return placement(reduce.operand()).sameAxes(value);
        }
      }
    }
    return usual;
  }
}
