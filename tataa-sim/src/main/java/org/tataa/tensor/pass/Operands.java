package org.tataa.tensor.pass;

import java.util.List;
import java.util.function.UnaryOperator;
import org.tataa.tensor.ConcatOp;
import org.tataa.tensor.ConstantOp;
import org.tataa.tensor.ContractOp;
import org.tataa.tensor.DownloadOp;
import org.tataa.tensor.HostOp;
import org.tataa.tensor.InputOp;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.QuantiseOp;
import org.tataa.tensor.ReduceOp;
import org.tataa.tensor.StateOp;
import org.tataa.tensor.TensorOp;
import org.tataa.tensor.UploadOp;
import org.tataa.tensor.Value;
import org.tataa.tensor.ViewOp;

/** Operations with other operands. */
final class Operands {
  private Operands() {}

  /** The operation reading other values of the same shapes; the same object if none is another. */
  static TensorOp replaced(TensorOp op, UnaryOperator<Value> replacement) {
    List<Value> operands = op.operands().stream().map(replacement).toList();
    if (operands.equals(op.operands()) || op instanceof ConstantOp || op instanceof InputOp) {
      return op;
    }
    Value first = operands.get(0);
    if (op instanceof HostOp host) {
      return new HostOp(host.function(), operands, host.results());
    }
    if (op instanceof UploadOp upload) {
      return new UploadOp(first, upload.result());
    }
    if (op instanceof DownloadOp download) {
      return new DownloadOp(first, download.result());
    }
    if (op instanceof MapOp map) {
      return new MapOp(map.program(), operands, map.result());
    }
    if (op instanceof ReduceOp reduce) {
      return new ReduceOp(reduce.kind(), reduce.axis(), reduce.order(), first, reduce.result());
    }
    if (op instanceof ContractOp contract) {
      return new ContractOp(
          first,
          operands.get(1),
          contract.columns(),
          contract.scales(),
          contract.scaleAxis(),
          contract.result());
    }
    if (op instanceof QuantiseOp quantise) {
      return new QuantiseOp(quantise.scale(), quantise.pairAxis(), first, quantise.result());
    }
    if (op instanceof ViewOp view) {
      return new ViewOp(view.movement(), first, view.result());
    }
    if (op instanceof StateOp state) {
      return new StateOp(state.axis(), first, operands.get(1), state.result());
    }
    return new ConcatOp(((ConcatOp) op).axis(), operands, op.result());
  }
}
