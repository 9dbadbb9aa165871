package org.tataa.lower;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tataa.function.FunctionLibrary;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;
import org.tataa.graph.Node;
import org.tataa.graph.Operators;

/** Which class lowers which operator. */
final class Dispatch {
  private final LoweringContext context;
  private final Map<String, OperatorLowering> byOperator = new HashMap<>();
  private final Map<String, Boolean> hostOnly = new HashMap<>();

  Dispatch(LoweringContext context) {
    this.context = context;
    register(
        new ArithmeticLowering(),
        "Add",
        "Sub",
        "Mul",
        "Div",
        "Neg",
        "Min",
        "Max",
        "Clip",
        "Pow",
        "Identity",
        "Cast",
        "Dropout",
        "Where",
        "Sum");
    FunctionLowering functions = new FunctionLowering();
    for (FunctionLibrary.Entry entry : FunctionLibrary.entries()) {
      register(functions, entry.name());
    }
    register(functions, "Exp", "Erf", "LeakyRelu", "HardSigmoid", "HardSwish", "Sqrt");
    MovementLowering movement = new MovementLowering();
    for (String operator : Operators.MOVEMENT) {
      if (!operator.equals("Identity") && !operator.equals("Dropout")) {
        register(movement, operator);
      }
    }
    register(movement, "Trilu");
    register(
        new ReductionLowering(),
        "ReduceMean",
        "ReduceSum",
        "ReduceMax",
        "ReduceSumSquare",
        "ReduceL2",
        "GlobalAveragePool");
    register(new NormalisationLowering(), "LayerNormalization", "RMSNormalization");
    register(new SoftmaxLowering(), "Softmax");
    register(new LinearLowering(), "Linear");
    register(new MatMulLowering(), "MatMul");
    register(new CacheLowering(), Operators.CACHE);
    register(new ResidentLowering(), Operators.RESIDENT);
  }

  private void register(OperatorLowering lowering, String... operators) {
    for (String operator : operators) {
      byOperator.put(operator, lowering);
    }
  }

  private @Nullable OperatorLowering find(Node node) {
    OperatorLowering lowering = byOperator.get(node.op());
    List<NdTensor> outputs =
        node.outputs().stream().filter(context::hasValue).map(context::tensor).toList();
    boolean isFloat = outputs.stream().allMatch(o -> o.type() == ElementType.FLOAT);
    boolean hasElements = outputs.stream().allMatch(o -> o.size() > 0);
    return lowering != null && isFloat && hasElements && lowering.fits(context, node)
        ? lowering
        : null;
  }

  /** Whether the host must execute a node. */
  boolean isHostOnly(Node node) {
    return hostOnly.computeIfAbsent(node.outputs().toString(), key -> find(node) == null);
  }

  Expression lower(Node node, String output) {
    OperatorLowering lowering = find(node);
    if (lowering == null) {
      throw new IllegalStateException(node + " has no form on the device");
    }
    return lowering.lower(context, node, output);
  }
}
