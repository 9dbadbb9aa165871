package org.tataa.bench;

import org.tataa.simd.HostKernels;

/** The host kernels a benchmark parameter names. */
final class Kernels {
  /** JVM option of a fork, so that both implementations are there. */
  static final String MODULE = "--add-modules=jdk.incubator.vector";

  private Kernels() {}

  /**
   * The kernels called {@code scalar} or {@code vector}.
   *
   * @throws IllegalStateException if the JVM has no vector kernels
   */
  static HostKernels named(String name) {
    if (name.equals("scalar")) {
      return HostKernels.scalar();
    }
    HostKernels best = HostKernels.best();
    if (best.description().equals(HostKernels.scalar().description())) {
      throw new IllegalStateException("kernels=" + name + " needs the JVM option " + MODULE);
    }
    return best;
  }
}
