package org.tataa.graph;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What each operator does, in the newest form of ONNX; the importer brings older forms into it.
 * Unknown values in, unknown values of the right shape out: one implementation for shape inference,
 * constant folding and execution.
 */
public final class Operators {
  /** Operator names made by pattern matching, beside those of ONNX. */
  public static final Set<String> FUSED = Set.of("Linear", "Silu", "RMSNormalization", "Patches");

  /** Operators that only move elements of their first input (all inputs for Concat). */
  public static final Set<String> MOVEMENT =
      Set.of(
          "Identity",
          "Dropout",
          "Reshape",
          "Flatten",
          "Squeeze",
          "Unsqueeze",
          "Transpose",
          "Concat",
          "Split",
          "Slice",
          "Gather",
          "Expand",
          "Tile",
          "Pad",
          "Patches");

  /**
   * Attribute, an ONNX type number, of a node whose integers are narrower than 64 bits and must
   * wrap around or saturate as those of the file do.
   */
  public static final String ELEMENT_TYPE = "element_type";

  /** Rows appended to those of earlier runs: rows, position, slots; attributes axis and limit. */
  public static final String CACHE = "Cache";

  /** The shape of what a cache held before its rows: rows, position, slots; attribute axis. */
  public static final String CACHE_BEFORE = "CacheBefore";

  /** What follows from tokens and lengths: tokens, position, slots; attribute part. */
  public static final String CONTROL = "Control";

  /**
   * A value another program has left. It passes through the array once more, so that it is stored
   * as what is computed is, and what reads it does what it would do beside its computation.
   */
  public static final String RESIDENT = "Resident";

  private static final Map<String, OperatorFunction> TABLE = new HashMap<>();

  static {
    ArithmeticOperators.register(TABLE);
    FunctionOperators.register(TABLE);
    MovementOperators.register(TABLE);
    GeneratorOperators.register(TABLE);
    IndexOperators.register(TABLE);
    ReductionOperators.register(TABLE);
    NormalisationOperators.register(TABLE);
    ProductOperators.register(TABLE);
    PoolingOperators.register(TABLE);
    QuantisationOperators.register(TABLE);
    StateOperators.register(TABLE);
  }

  /** The operators of an opset; models read from a file are in the newest form whatever it is. */
  public Operators(int opset) {
    if (opset < 0) {
      throw new IllegalArgumentException("opset=" + opset);
    }
  }

  /** Whether an operator is known. */
  public static boolean isKnown(String op) {
    return TABLE.containsKey(op);
  }

  /** Registers operators with one output. */
  static void single(
      Map<String, OperatorFunction> table, OperatorFunction.Single function, String... names) {
    for (String name : names) {
      table.put(name, (node, in) -> new NdTensor[] {function.apply(node, in)});
    }
  }

  /**
   * Applies a node.
   *
   * @param in values of the inputs, null for those left out
   * @return one value per output of the operator
   * @throws GraphException naming the node if it is unknown or its inputs do not fit
   */
  public NdTensor[] apply(Node node, @Nullable NdTensor[] in) {
    OperatorFunction function = TABLE.get(node.op());
    if (function == null) {
      throw new GraphException(node + ": operator is not known");
    }
    try {
      NdTensor[] out = function.apply(node, new Arguments(in));
      for (int i = out.length; i < node.outputs().size(); i++) {
        if (!node.outputs().get(i).isEmpty()) {
          throw new GraphException("output " + i + " is not supported");
        }
      }
      if (node.has(ELEMENT_TYPE)) {
        out[0] = OnnxTypes.wrapped(node.integer(ELEMENT_TYPE, 7), out[0]);
      }
      return out;
    } catch (GraphException e) {
      throw new GraphException(node + ": " + e.getMessage(), e);
    } catch (ArithmeticException | IndexOutOfBoundsException | NegativeArraySizeException e) {
      throw new GraphException(node + ": inputs do not fit: " + e.getMessage(), e);
    }
  }
}
