package org.tataa.config;

/** Which bfloat16 and requantiser arithmetic the machine computes (arithmetic.md). */
public enum ArithmeticProfile {
  /** Correctly rounded (nearest even), zeros, infinities and NaN handled, denormals are zero. */
  CORRECTED,
  /** Bit-exact to the datapath the authors released, its defects included. */
  RELEASED_RTL
}
