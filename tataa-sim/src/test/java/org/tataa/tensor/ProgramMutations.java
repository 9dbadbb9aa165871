package org.tataa.tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.tataa.config.IsaProfile;
import org.tataa.function.LaneProgram;

/** Random programs with something changed: most are not well formed any more. */
final class ProgramMutations {
  private final Random random;

  private ProgramMutations(Random random) {
    this.random = random;
  }

  static TensorProgram mutated(long seed) {
    TensorProgram program = RandomTensorPrograms.program(seed, IsaProfile.EXTENDED);
    Random random = new Random(seed ^ 0xf0221e5);
    TensorProgram result = new ProgramMutations(random).mutated(program);
    for (int more = Math.max(0, random.nextInt(5) - 2); more > 0; more--) {
      result = result.ops().isEmpty() ? result : new ProgramMutations(random).mutated(result);
    }
    return result;
  }

  private TensorProgram mutated(TensorProgram program) {
    List<TensorOp> ops = new ArrayList<>(program.ops());
    int at = random.nextInt(ops.size());
    switch (random.nextInt(7)) {
      case 0 -> ops.remove(at);
      case 1 -> {
        if (random.nextInt(3) == 0) {
          return withOtherOutput(program);
        }
        ops.add(random.nextInt(ops.size()), ops.get(at));
      }
      case 2 -> Collections.swap(ops, at, random.nextInt(ops.size()));
      case 3 -> ops.set(at, otherOperand(ops, at));
      case 4, 5 -> ops.set(at, otherParameter(ops.get(at)));
      default -> {
        return withOtherShape(program, ops.get(at).result());
      }
    }
    return new TensorProgram(program.name(), ops, program.outputs());
  }

  private TensorProgram withOtherOutput(TensorProgram program) {
    Map<String, Value> outputs = new HashMap<>(program.outputs());
    Value other = program.ops().get(random.nextInt(program.ops().size())).result();
    outputs.replaceAll((name, value) -> random.nextBoolean() ? other : value);
    return new TensorProgram(program.name(), program.ops(), outputs);
  }

  private TensorOp otherOperand(List<TensorOp> ops, int at) {
    Value other = ops.get(random.nextInt(ops.size())).result();
    List<Value> operands = ops.get(at).operands();
    if (operands.isEmpty()) {
      return ops.get(at);
    }
    Value old = operands.get(random.nextInt(operands.size()));
    return replaced(ops.get(at), value -> value == old ? other : value);
  }

  // One value with another shape or kind wherever it stands.
  private TensorProgram withOtherShape(TensorProgram program, Value old) {
    int[] shape = old.shape();
    Element element = old.element();
    if (shape.length == 0 || random.nextInt(4) == 0) {
      element = Element.values()[random.nextInt(3)];
    } else {
      int axis = random.nextInt(shape.length);
      shape[axis] = Math.max(0, shape[axis] + random.nextInt(3) - 1);
    }
    Value other = new Value(old.name(), element, shape);
    UnaryOperator<Value> replacement = value -> value == old ? other : value;
    List<TensorOp> ops = new ArrayList<>();
    for (TensorOp op : program.ops()) {
      try {
        ops.add(replaced(op, replacement));
      } catch (IllegalArgumentException e) {
        // The constant does not fit its new shape: its constructor has refused it.
        ops.add(op);
      }
    }
    Map<String, Value> outputs = new HashMap<>(program.outputs());
    outputs.replaceAll((name, value) -> replacement.apply(value));
    return new TensorProgram(program.name(), ops, outputs);
  }

  private int near(int value) {
    return value + random.nextInt(3) - 1;
  }

  private Scale near(Scale scale) {
    return random.nextBoolean()
        ? new Scale(scale.mantissa() * (random.nextInt(5) - 2), scale.rightShift())
        : new Scale(scale.mantissa(), near(scale.rightShift()));
  }

  private TensorOp otherParameter(TensorOp op) {
    if (op instanceof ReduceOp reduce) {
      ReductionOrder order = ReductionOrder.natural(Math.max(1, near(reduce.order().length())));
      return random.nextBoolean()
          ? new ReduceOp(
              reduce.kind(), near(reduce.axis()), reduce.order(), reduce.operand(), reduce.result())
          : new ReduceOp(reduce.kind(), reduce.axis(), order, reduce.operand(), reduce.result());
    }
    if (op instanceof QuantiseOp quantise) {
      return random.nextBoolean()
          ? quantise.withPairAxis(random.nextInt(6) - 2)
          : new QuantiseOp(near(quantise.scale()), quantise.operand(), quantise.result());
    }
    if (op instanceof ContractOp contract) {
      return random.nextBoolean()
          ? new ContractOp(
              contract.b(),
              contract.a(),
              contract.columns(),
              contract.scales(),
              contract.scaleAxis(),
              contract.result())
          : new ContractOp(
              contract.a(),
              contract.b(),
              contract.columns(),
              contract.scales().stream().map(this::near).toList(),
              near(contract.scaleAxis()),
              contract.result());
    }
    if (op instanceof ConcatOp concat) {
      return new ConcatOp(near(concat.axis()), concat.operands(), concat.result());
    }
    if (op instanceof MapOp map) {
      LaneProgram program =
          new RandomLanePrograms(random, IsaProfile.EXTENDED).program(1 + random.nextInt(4));
      return new MapOp(program, map.operands(), map.result());
    }
    if (op instanceof ViewOp view) {
      int[] from = random.nextBoolean() ? view.operand().shape() : view.result().shape();
      RandomMovements.Move move = new RandomMovements(random).move(from, 2000);
      return new ViewOp(move.movement(), view.operand(), view.result());
    }
    return op;
  }

  private static TensorOp replaced(TensorOp op, UnaryOperator<Value> by) {
    if (op instanceof InputOp input) {
      return new InputOp(by.apply(input.result()), input.type());
    }
    if (op instanceof HostOp host) {
      return new HostOp(
          host.function(),
          host.operands().stream().map(by).toList(),
          host.results().stream().map(by).toList());
    }
    if (op instanceof UploadOp upload) {
      return new UploadOp(by.apply(upload.operand()), by.apply(upload.result()));
    }
    if (op instanceof DownloadOp download) {
      return new DownloadOp(by.apply(download.operand()), by.apply(download.result()));
    }
    if (op instanceof ConstantOp constant) {
      return new ConstantOp(constant.bits(), by.apply(constant.result()));
    }
    if (op instanceof MapOp map) {
      return new MapOp(
          map.program(), map.operands().stream().map(by).toList(), by.apply(map.result()));
    }
    if (op instanceof ReduceOp reduce) {
      return new ReduceOp(
          reduce.kind(),
          reduce.axis(),
          reduce.order(),
          by.apply(reduce.operand()),
          by.apply(reduce.result()));
    }
    if (op instanceof ContractOp contract) {
      return new ContractOp(
          by.apply(contract.a()),
          by.apply(contract.b()),
          contract.columns(),
          contract.scales(),
          contract.scaleAxis(),
          by.apply(contract.result()));
    }
    if (op instanceof QuantiseOp quantise) {
      return new QuantiseOp(
          quantise.scale(), by.apply(quantise.operand()), by.apply(quantise.result()));
    }
    if (op instanceof ViewOp view) {
      return new ViewOp(view.movement(), by.apply(view.operand()), by.apply(view.result()));
    }
    ConcatOp concat = (ConcatOp) op;
    return new ConcatOp(
        concat.axis(), concat.operands().stream().map(by).toList(), by.apply(concat.result()));
  }
}
