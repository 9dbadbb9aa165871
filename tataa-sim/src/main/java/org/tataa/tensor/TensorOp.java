package org.tataa.tensor;

import java.util.List;

/** An operation on whole tensors; immutable. */
public sealed interface TensorOp
    permits InputOp,
        HostOp,
        UploadOp,
        DownloadOp,
        ConstantOp,
        MapOp,
        ReduceOp,
        ContractOp,
        QuantiseOp,
        ViewOp,
        ConcatOp,
        StateOp {
  /** Values it reads, in order. */
  List<Value> operands();

  /** Values it makes; only {@link HostOp} may make several. */
  List<Value> results();

  /** The one value it makes. */
  default Value result() {
    return results().get(0);
  }

  /** The operation as a line of text without its results, as {@code map gelu(%x)}. */
  String describe();
}
