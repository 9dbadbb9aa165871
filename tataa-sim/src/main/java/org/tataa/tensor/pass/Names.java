package org.tataa.tensor.pass;

import java.util.HashSet;
import java.util.Set;
import org.tataa.tensor.Element;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.Value;

/** Makes values with names a program has not yet. */
final class Names {
  private final Set<String> used = new HashSet<>();

  Names(TensorProgram program) {
    for (TensorOp op : program.ops()) {
      op.results().forEach(result -> used.add(result.name()));
    }
  }

  /** A value named after another: its name, the suffix and, if need be, a number. */
  Value after(Value value, String suffix, Element element, int... shape) {
    String name = value.name() + "." + suffix;
    for (int i = 2; !used.add(name); i++) {
      name = value.name() + "." + suffix + i;
    }
    return new Value(name, element, shape);
  }
}
