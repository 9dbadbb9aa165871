package org.tataa.tensor;

import java.util.List;
import org.tataa.graph.NdTensor;

/** What the host computes in a {@link HostOp}, in float32 and integers. */
public interface HostFunction {
  /**
   * Computes results from operands; must give the same bits for the same operands.
   *
   * @throws org.tataa.graph.GraphException if the operands are not what it expects
   */
  List<NdTensor> apply(List<NdTensor> operands);

  /** Name for printing, as {@code Gather} or {@code attention-mask}. */
  String name();
}
