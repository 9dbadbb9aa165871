package org.tataa.config;

import java.util.Objects;

/**
 * The explicit choices every report prints (architecture.md, Profiles).
 *
 * @param arithmetic bfloat16 and requantiser arithmetic
 * @param accumulator how partial sums are read out
 * @param isa which vector operations are legal
 * @param hazards whether a hazard waits or is an error
 */
public record Profiles(
    ArithmeticProfile arithmetic,
    AccumulatorKind accumulator,
    IsaProfile isa,
    HazardPolicy hazards) {

  /** The defaults: CORRECTED, PACKED_FULL, EXTENDED, STALL. */
  public static final Profiles DEFAULT =
      new Profiles(
          ArithmeticProfile.CORRECTED,
          AccumulatorKind.PACKED_FULL,
          IsaProfile.EXTENDED,
          HazardPolicy.STALL);

  /** What the released RTL does: RELEASED_RTL, PACKED_INT16, PUBLISHED, STALL. */
  public static final Profiles RELEASED =
      new Profiles(
          ArithmeticProfile.RELEASED_RTL,
          AccumulatorKind.PACKED_INT16,
          IsaProfile.PUBLISHED,
          HazardPolicy.STALL);

  /**
   * Checks that the choices fit together.
   *
   * @param arithmetic bfloat16 and requantiser arithmetic
   * @param accumulator how partial sums are read out
   * @param isa which vector operations are legal
   * @param hazards whether a hazard waits or is an error
   * @throws IllegalArgumentException if RELEASED_RTL is combined with an accumulator it never had
   */
  public Profiles {
    Objects.requireNonNull(arithmetic, "arithmetic");
    Objects.requireNonNull(accumulator, "accumulator");
    Objects.requireNonNull(isa, "isa");
    Objects.requireNonNull(hazards, "hazards");
    Checks.require(
        arithmetic == ArithmeticProfile.CORRECTED || accumulator == AccumulatorKind.PACKED_INT16,
        "arithmetic=RELEASED_RTL needs accumulator=PACKED_INT16, found " + accumulator);
  }

  /**
   * {@return these choices with another accumulator}
   *
   * @param value the new value
   */
  public Profiles withAccumulator(AccumulatorKind value) {
    return new Profiles(arithmetic, value, isa, hazards);
  }

  /**
   * {@return these choices with another instruction set}
   *
   * @param value the new value
   */
  public Profiles withIsa(IsaProfile value) {
    return new Profiles(arithmetic, accumulator, value, hazards);
  }

  /**
   * {@return these choices with another hazard policy}
   *
   * @param value the new value
   */
  public Profiles withHazards(HazardPolicy value) {
    return new Profiles(arithmetic, accumulator, isa, value);
  }
}
