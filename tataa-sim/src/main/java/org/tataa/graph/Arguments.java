package org.tataa.graph;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Values of a node's inputs. */
final class Arguments {
  private final @Nullable NdTensor[] values;

  Arguments(@Nullable NdTensor[] values) {
    this.values = values;
  }

  /** An input the operator cannot do without. */
  NdTensor get(int number) {
    NdTensor value = orNull(number);
    if (value == null) {
      throw new GraphException("input " + number + " is missing");
    }
    return value;
  }

  /** An optional input. */
  @Nullable NdTensor orNull(int number) {
    return number < values.length ? values[number] : null;
  }

  /** All inputs of an operator that takes any number. */
  List<NdTensor> all() {
    List<NdTensor> all = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      all.add(get(i));
    }
    return all;
  }

  /** Whether the values of all given inputs are known. */
  boolean areKnown() {
    for (NdTensor value : values) {
      if (value != null && !value.isKnown()) {
        return false;
      }
    }
    return true;
  }

  /** A value that must be known to find the shape of the result. */
  NdTensor known(int number, String role) {
    NdTensor value = get(number);
    if (!value.isKnown()) {
      throw new GraphException(
          "the shape of the result depends on " + role + ", which is computed");
    }
    return value;
  }
}
