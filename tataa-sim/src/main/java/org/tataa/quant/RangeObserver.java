package org.tataa.quant;

/** How the range of int8 codes is chosen from the values seen (functions.md, Quantisation). */
public enum RangeObserver {
  /** The largest magnitude. */
  MIN_MAX,
  /** The magnitude that a given share of the values does not exceed. */
  PERCENTILE,
  /** The range with the least mean square error. */
  MSE,
  /** The range whose codes have the distribution closest to the values (Kullback-Leibler). */
  ENTROPY
}
