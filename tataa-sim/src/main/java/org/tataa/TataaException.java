package org.tataa;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tataa.graph.GraphException;
import org.tataa.onnx.ModelFormatException;
import org.tataa.quant.CalibrationException;

/**
 * A model, its inputs, its calibration or matrices that cannot be used, or not on this device. The
 * message says what and why; the cause, if there is one, comes from the package that found it.
 */
public final class TataaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TataaException(String message) {
    this(message, null);
  }

  TataaException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Does something, and turns exceptions that are documented for input into this one. */
  static <T> T explain(Supplier<T> work) {
    try {
      return work.get();
    } catch (ModelFormatException
        | GraphException
        | CalibrationException
        | IllegalArgumentException e) {
      throw new TataaException(String.valueOf(e.getMessage()), e);
    }
  }
}
