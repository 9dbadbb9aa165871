package org.tataa.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** What an operation asks of its operands and its result, each on its own well formed. */
final class OpRules {
  private final TensorOp op;
  private final Consumer<String> problems;

  OpRules(TensorOp op, Consumer<String> problems) {
    this.op = op;
    this.problems = problems;
  }

  /** Reports what is wrong. */
  void check() {
    if (op instanceof InputOp) {
      kinds(Element.HOST, Element.HOST);
    } else if (op instanceof HostOp) {
      kinds(Element.HOST, Element.HOST);
    } else if (op instanceof UploadOp upload) {
      if (kinds(Element.HOST, Element.BF16)) {
        same("a result of shape", upload.operand().shape(), upload.result().shape());
      }
    } else if (op instanceof DownloadOp download) {
      if (kinds(Element.BF16, Element.HOST)) {
        same("a result of shape", download.operand().shape(), download.result().shape());
      }
    } else if (op instanceof ConstantOp constant) {
      constant(constant);
    } else if (op instanceof MapOp map) {
      if (kinds(Element.BF16, Element.BF16)) {
        map(map);
      }
    } else if (op instanceof ReduceOp reduce) {
      if (kinds(Element.BF16, Element.BF16)) {
        reduce(reduce);
      }
    } else if (op instanceof ContractOp contract) {
      Element result = contract.toInt8() ? Element.INT8 : Element.BF16;
      if (kinds(Element.INT8, result)) {
        contract(contract);
      }
    } else if (op instanceof QuantiseOp quantise) {
      if (kinds(Element.BF16, Element.INT8)) {
        scale(quantise.scale());
        same("a result of shape", quantise.operand().shape(), quantise.result().shape());
        if (quantise.pairAxis() < -1 || quantise.pairAxis() >= quantise.result().rank()) {
          problems.accept(
              "expected an axis of pairs of "
                  + quantise.result()
                  + " or -1, found "
                  + quantise.pairAxis());
        }
      }
    } else if (op instanceof ViewOp view) {
      if (alike(List.of(view.operand()))) {
        new MovementRules(view.operand().shape(), view.result().shape(), problems)
            .check(view.movement());
      }
    } else if (op instanceof ConcatOp concat) {
      if (alike(concat.operands())) {
        concat(concat);
      }
    } else if (op instanceof StateOp state) {
      if (alike(List.of(state.rows())) && kind("a position", Element.HOST, state.position())) {
        state(state);
      }
    }
  }

  private void expected(String what, Object found) {
    problems.accept("expected " + what + ", found " + found);
  }

  private boolean same(String what, int[] expected, int[] found) {
    boolean same = Arrays.equals(expected, found);
    if (!same) {
      expected(what + " " + Arrays.toString(expected), Arrays.toString(found));
    }
    return same;
  }

  private boolean kinds(Element operands, Element results) {
    boolean right = true;
    for (Value operand : op.operands()) {
      right &= kind("operands", operands, operand);
    }
    for (Value result : op.results()) {
      right &= kind("results", results, result);
    }
    return right;
  }

  private boolean kind(String what, Element element, Value value) {
    if (value.element() != element) {
      expected(what + " of kind " + element, value);
    }
    return value.element() == element;
  }

  // Operands of the result's kind, on the device.
  private boolean alike(List<Value> operands) {
    if (operands.isEmpty()) {
      expected("operands", "none");
    }
    if (!op.result().isOnDevice()) {
      expected("a value on the device", op.result());
    }
    boolean right = !operands.isEmpty() && op.result().isOnDevice();
    for (Value operand : operands) {
      right &= kind("operands", op.result().element(), operand);
    }
    return right;
  }

  private void scale(Scale scale) {
    if (scale.mantissa() != (short) scale.mantissa()
        || scale.rightShift() < 0
        || scale.rightShift() > 31) {
      expected("a scale of a 16-bit mantissa and a right shift of 0..31", scale);
    }
  }

  private void constant(ConstantOp constant) {
    if (!constant.result().isOnDevice()) {
      expected("a value on the device", constant.result());
    }
    if (constant.result().element() == Element.INT8) {
      for (short value : constant.bits()) {
        if (value != (byte) value) {
          expected("values of [-128, 127]", value);
          return;
        }
      }
    }
  }

  private void map(MapOp map) {
    if (map.operands().isEmpty() || map.program().inputs() != map.operands().size()) {
      expected(
          "one operand for each of " + map.program().inputs() + " inputs, at least one",
          map.operands().size());
    }
    for (Value operand : map.operands()) {
      boolean fits = operand.rank() == map.result().rank();
      for (int axis = 0; fits && axis < operand.rank(); axis++) {
        fits = operand.dim(axis) == 1 || operand.dim(axis) == map.result().dim(axis);
      }
      if (!fits) {
        expected("operands that broadcast to " + map.result(), operand);
      }
    }
  }

  private void reduce(ReduceOp reduce) {
    Value operand = reduce.operand();
    if (reduce.axis() < 0 || reduce.axis() >= operand.rank()) {
      expected("an axis of " + operand, reduce.axis());
      return;
    }
    if (reduce.order().length() != operand.dim(reduce.axis())) {
      expected("an order of " + operand.dim(reduce.axis()) + " elements", reduce.order().length());
    }
    int[] shape = operand.shape();
    shape[reduce.axis()] = 1;
    same("a result of shape", shape, reduce.result().shape());
  }

  private void contract(ContractOp contract) {
    Value a = contract.a();
    Value b = contract.b();
    if (a.rank() < 2 || b.rank() != a.rank()) {
      expected("two operands of the same rank of at least 2", op.operands());
      return;
    }
    int rank = a.rank();
    if (a.dim(-1) != b.dim(-2)) {
      expected("operands [..][M][K] and [..][K][N]", op.operands());
    }
    int[] shape = new int[rank];
    for (int axis = 0; axis < rank - 2; axis++) {
      if (a.dim(axis) != b.dim(axis) && a.dim(axis) != 1 && b.dim(axis) != 1) {
        expected("leading dimensions that are equal or 1", op.operands());
      }
      shape[axis] = Math.max(a.dim(axis), b.dim(axis));
    }
    shape[rank - 2] = a.dim(-2);
    shape[rank - 1] = b.dim(-1);
    if (same("a result of shape", shape, contract.result().shape())) {
      contract.scales().forEach(this::scale);
      int axis = contract.scaleAxis();
      if (axis < -1 || axis >= rank - 2) {
        expected("a scale axis of -1.." + (rank - 3), axis);
      } else if (contract.scales().size() != (axis < 0 ? 1 : shape[axis])) {
        expected((axis < 0 ? 1 : shape[axis]) + " scales", contract.scales().size());
      }
    }
  }

  private void state(StateOp state) {
    if (state.position().size() != 1) {
      expected("a position of one element", state.position());
    }
    int axis = state.axis();
    int[] shape = state.result().shape();
    if (axis < 0 || axis >= shape.length || state.rows().rank() != shape.length) {
      expected("rows of the rank of " + state.result() + " and one of its axes", axis);
      return;
    }
    int count = state.rows().dim(axis);
    if (count > shape[axis]) {
      expected("at most " + shape[axis] + " rows", count);
    }
    shape[axis] = count;
    same("rows of shape", shape, state.rows().shape());
  }

  private void concat(ConcatOp concat) {
    int axis = concat.axis();
    int[] shape = concat.operands().get(0).shape();
    if (axis < 0 || axis >= shape.length) {
      expected("an axis of " + concat.operands().get(0), axis);
      return;
    }
    long length = 0;
    for (Value operand : concat.operands()) {
      if (operand.rank() != shape.length) {
        expected("operands of rank " + shape.length, operand);
        return;
      }
      length += operand.dim(axis);
      shape[axis] = operand.dim(axis);
      if (!same("operands of shape", shape, operand.shape())) {
        return;
      }
    }
    shape[axis] = (int) Math.min(Integer.MAX_VALUE, length);
    same("a result of shape", shape, concat.result().shape());
  }
}
