package org.tataa.tensor;

import org.tataa.config.AccumulatorKind;
import org.tataa.config.ArithmeticProfile;
import org.tataa.config.TataaConfig;
import org.tataa.numeric.AccumulatorReadout;
import org.tataa.numeric.Bfloat16;
import org.tataa.simd.HostKernels;
import org.tataa.simd.LaneKernel;
import org.tataa.simd.RequantiseKernel;

/** The arithmetic of a machine, and how many threads of the host compute it. */
final class Machine {
  final ArithmeticProfile profile;
  final AccumulatorReadout readout;

  /** Whether neighbouring sums share an accumulator. */
  final boolean isPaired;

  /** Whether the weights of a pair go through one pre-adder. */
  final boolean isPacked;

  /** Most threads, 0 for one per processor. */
  final int threads;

  Machine(TataaConfig config, int threads) {
    profile = config.profiles().arithmetic();
    readout = AccumulatorReadout.of(config.profiles().accumulator());
    isPaired = config.geometry().outputsPerColumn() == 2;
    isPacked = isPaired && config.profiles().accumulator() != AccumulatorKind.INT32;
    this.threads = threads;
  }

  /** Lane operations for one thread. */
  LaneKernel lanes() {
    return HostKernels.best().lanes(profile);
  }

  /** Conversions for one thread. */
  RequantiseKernel requantise() {
    return HostKernels.best().requantise(profile);
  }

  /** How many patterns of a range are not numbers. */
  int nans(short[] bits, int from, int count) {
    if (profile == ArithmeticProfile.RELEASED_RTL) {
      return 0;
    }
    int nans = 0;
    for (int i = from; i < from + count; i++) {
      nans += (bits[i] & 0x7fff) > Bfloat16.POSITIVE_INFINITY ? 1 : 0;
    }
    return nans;
  }
}
