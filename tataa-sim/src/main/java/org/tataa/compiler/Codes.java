package org.tataa.compiler;

import java.util.function.Function;
import org.tataa.numeric.Bfloat16;

/**
 * int8 codes of a matrix {@code [group][token][place]}.
 *
 * <p>The inverse of a step is a bfloat16 number, so that the array multiplies by exactly it.
 */
final class Codes {
  /** How codes lie in memory. */
  enum Arrangement {
    /** Words {@code [token block][place][32 tokens]}. */
    PLACES,
    /** Words {@code [place block][token][32 places]}. */
    TOKENS
  }

  final String name;
  final int groups;
  final int tokens;
  final int places;
  final Arrangement arrangement;
  private final Function<Quantization, double[]> wanted;

  Codes(
      String name,
      int groups,
      int tokens,
      int places,
      Arrangement arrangement,
      Function<Quantization, double[]> wanted) {
    this.name = name;
    this.groups = groups;
    this.tokens = tokens;
    this.places = places;
    this.arrangement = arrangement;
    this.wanted = wanted;
  }

  /** The same codes in another arrangement. */
  Codes as(Arrangement other) {
    return new Codes(name, groups, tokens, places, other, wanted);
  }

  int blocksPerGroup() {
    return Matrix.blocks(tokens);
  }

  int tokenBlocks() {
    return groups * Matrix.blocks(tokens);
  }

  int placeBlocks() {
    return Matrix.blocks(places);
  }

  /** Bytes from a token block to the next in arrangement PLACES, with room for spilled zeros. */
  long stride() {
    return (32L * placeBlocks() + 16) * 32;
  }

  long bytes() {
    return arrangement == Arrangement.PLACES
        ? tokenBlocks() * stride()
        : ((long) placeBlocks() * tokenBlocks() * 32 + 16) * 32;
  }

  /** Inverse steps, one per place, as the array multiplies with them. */
  float[] inverses(Quantization quantization) {
    double[] steps = wanted.apply(quantization);
    float[] inverses = new float[steps.length];
    for (int i = 0; i < steps.length; i++) {
      inverses[i] =
          steps[i] == 0 ? 0 : Bfloat16.toFloat(Bfloat16.fromFloat((float) (1 / steps[i])));
    }
    return inverses;
  }

  /** Exact steps, one per place; 0 for padding. */
  double[] steps(Quantization quantization) {
    float[] inverses = inverses(quantization);
    double[] steps = new double[inverses.length];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = inverses[i] == 0 ? 0 : 1.0 / inverses[i];
    }
    return steps;
  }

  @Override
  public String toString() {
    return name + " int8 " + groups + "x[" + tokens + "][" + places + "]";
  }
}
