package org.tataa.tensor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tataa.config.IsaProfile;
import org.tataa.config.TataaConfig;
import org.tataa.graph.NdTensor;

/**
 * Checks that a tensor program is well formed: every value made once and before it is used, names
 * unique, kinds of elements and shapes as {@link TensorOp each operation} asks, outputs in the
 * host's memory. What passes can be interpreted.
 */
public final class TensorVerifier {
  private final TensorProgram program;
  private final List<String> problems = new ArrayList<>();
  private final Set<Value> made = new HashSet<>();
  private final Map<String, Value> names = new HashMap<>();

  private TensorVerifier(TensorProgram program) {
    this.program = program;
  }

  /** What is wrong with a program on any machine, in order; each says operation and expectation. */
  public static List<String> problems(TensorProgram program) {
    TensorVerifier verifier = new TensorVerifier(program);
    verifier.verify();
    return List.copyOf(verifier.problems);
  }

  /** What is wrong with a program for a machine. */
  public static List<String> problems(TensorProgram program, TataaConfig config) {
    List<String> problems = new ArrayList<>(problems(program));
    if (config.profiles().isa() == IsaProfile.PUBLISHED) {
      for (int i = 0; i < program.ops().size(); i++) {
        TensorOp op = program.ops().get(i);
        if (needsExtended(op)) {
          problems.add(place(i, op) + ": expected the PUBLISHED instruction set, found EXTENDED");
        }
      }
    }
    return problems;
  }

  /**
   * Refuses a program that is not well formed.
   *
   * @throws TensorException naming all problems, the first ten in full
   */
  public static void check(TensorProgram program) {
    refuse(program, problems(program));
  }

  /**
   * Refuses a program that is not well formed or that a machine cannot compute.
   *
   * @throws TensorException naming all problems, the first ten in full
   */
  public static void check(TensorProgram program, TataaConfig config) {
    refuse(program, problems(program, config));
  }

  private static void refuse(TensorProgram program, List<String> problems) {
    if (!problems.isEmpty()) {
      int shown = Math.min(10, problems.size());
      String more = problems.size() > shown ? "\n" + (problems.size() - shown) + " more" : "";
      throw new TensorException(
          "tensor program "
              + program.name()
              + ": "
              + String.join("\n", problems.subList(0, shown))
              + more);
    }
  }

  private static boolean needsExtended(TensorOp op) {
    return (op instanceof MapOp map && map.program().isa() == IsaProfile.EXTENDED)
        || (op instanceof ReduceOp reduce && reduce.kind() == ReduceOp.Kind.MAX);
  }

  private static String place(int number, TensorOp op) {
    String kind = op.getClass().getSimpleName();
    return "operation " + number + ", " + kind + " " + op.results();
  }

  private void verify() {
    for (int i = 0; i < program.ops().size(); i++) {
      TensorOp op = program.ops().get(i);
      String place = place(i, op);
      int before = problems.size();
      for (Value operand : op.operands()) {
        if (!made.contains(operand)) {
          add(place, "expected operands made before, found " + operand);
        }
      }
      checkResults(op, place);
      if (problems.size() == before) {
        new OpRules(op, problem -> add(place, problem)).check();
      }
    }
    program
        .outputs()
        .forEach(
            (name, value) -> {
              if (!made.contains(value)) {
                add("output " + name, "expected a value that is made, found " + value);
              } else if (value.isOnDevice()) {
                add("output " + name, "expected a HOST value, found " + value);
              }
            });
  }

  private void checkResults(TensorOp op, String place) {
    if (op.results().isEmpty()) {
      add(place, "expected a result, found none");
    }
    for (Value result : op.results()) {
      if (!made.add(result)) {
        add(place, "expected a value made once, found " + result + " again");
      } else if (names.putIfAbsent(result.name(), result) != null) {
        add(place, "expected a unique name, found " + result.name() + " twice");
      }
      long size = 1;
      for (int dim : result.shape()) {
        if (dim < (result.isOnDevice() ? 1 : 0)) {
          add(place, "expected dimensions of at least 1, found " + result);
          return;
        }
        size *= dim;
        if (size > NdTensor.MAX_ELEMENTS) {
          add(place, "expected at most 2^30 elements, found " + result);
          return;
        }
      }
    }
  }

  private void add(String place, String problem) {
    problems.add(place + ": " + problem);
  }
}
