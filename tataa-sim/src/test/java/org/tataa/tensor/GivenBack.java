package org.tataa.tensor;

import java.util.List;
import org.tataa.graph.NdTensor;

/** A function of the host whose results are its operands. */
record GivenBack(String name) implements HostFunction {
  @Override
  public List<NdTensor> apply(List<NdTensor> operands) {
    return operands;
  }
}
