package org.tataa.simd;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The implementations a test is repeated for, by the values of the system property. */
final class Implementations {
  private Implementations() {}

  /** An implementation; the test is skipped if the JVM has not what it needs. */
  static HostKernels named(String name) {
    assumeTrue(
        name.equals("scalar") || KernelLookup.available(),
        "needs --add-modules " + KernelLookup.MODULE);
    return KernelLookup.choose(name);
  }
}
