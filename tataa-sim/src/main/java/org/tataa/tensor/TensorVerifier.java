package org.tataa.tensor;

/** Checks that a tensor program is well formed. */
public final class TensorVerifier {
  private TensorVerifier() {}
}
