package org.tataa.simd;

import org.tataa.config.ArithmeticProfile;

/**
 * Where array loops come from: an implementation for the running JVM, looked up once. All
 * implementations give the same results bit for bit.
 *
 * <p>A factory may be shared by threads. The kernels it makes own scratch arrays: one kernel for
 * one simulated core, used by one thread at a time. No kernel allocates when it is called.
 */
public interface HostKernels {
  /** Name of the system property that chooses: {@code auto}, {@code scalar} or {@code vector}. */
  String PROPERTY = "tataa.simd";

  /** What runs, for reports; for example {@code scalar} or {@code Vector API, 512 bits}. */
  String description();

  /** A kernel for the int8 products of blocks of a shape. */
  BlockProduct blockProduct(BlockShape shape);

  /** A kernel for lane operations. */
  LaneKernel lanes();

  /** A kernel for the conversions of the store path. */
  RequantiseKernel requantise();

  /** A kernel for lane operations in the arithmetic of a profile. */
  default LaneKernel lanes(ArithmeticProfile profile) {
    return profile == ArithmeticProfile.CORRECTED ? lanes() : new ReleasedLanes();
  }

  /** A kernel for the conversions of the store path in the arithmetic of a profile. */
  default RequantiseKernel requantise(ArithmeticProfile profile) {
    return profile == ArithmeticProfile.CORRECTED ? requantise() : new ReleasedRequantise();
  }

  /**
   * The fastest the running JVM has: the Vector API if it was started with {@code --add-modules
   * jdk.incubator.vector} (from when they are compiled on; until then the scalar ones run), else
   * {@link #scalar}. The system property {@value #PROPERTY} overrides the choice; one message of
   * the logger {@code org.tataa.simd} says what was chosen.
   *
   * @throws IllegalStateException if the property asks for what the JVM has not, or has an unknown
   *     value
   */
  static HostKernels best() {
    return KernelLookup.best();
  }

  /** Kernels that compute nothing, for machines of which only the cycles are asked for. */
  static HostKernels none() {
    return NoKernels.INSTANCE;
  }

  /** The definition: plain Java. */
  static HostKernels scalar() {
    return ScalarKernels.INSTANCE;
  }
}
