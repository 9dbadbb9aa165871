package org.tataa.config;

/** What the controller does when an instruction cannot be accepted in this cycle (isa.md). */
public enum HazardPolicy {
  /** Wait, and count every waiting cycle by its cause. */
  STALL,
  /** Stop with an error that names the waiting instruction and the one it waits for. */
  TRAP
}
