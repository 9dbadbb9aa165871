package org.tataa.function;

/** Building blocks of functions (functions.md, Building blocks). */
final class Blocks {
  private static final double LOG2_E = 1 / Math.log(2);

  private Blocks() {}

  /** {@code t * (1.5 - 0.5 y t t)} from {@code t = app(y)}; y above 0. */
  static LaneProgram.Value inverseRoot(LaneProgram.Builder p, LaneProgram.Value y, int steps) {
    LaneProgram.Value root = p.app(y);
    for (int i = 0; i < steps; i++) {
      // In this order the square of a large root does not overflow.
      LaneProgram.Value product = p.mul(p.mul(y, root), root);
      root = p.mul(root, p.add(p.mul(product, p.constant(-0.5)), p.constant(1.5)));
    }
    return root;
  }

  /** 1/y for y above 0: the square of the start of the inverse root, two steps r(2 - yr). */
  static LaneProgram.Value reciprocal(LaneProgram.Builder p, LaneProgram.Value y) {
    LaneProgram.Value root = p.app(y);
    LaneProgram.Value r = p.mul(root, root);
    for (int i = 0; i < 2; i++) {
      r = p.mul(r, p.sub(p.constant(2), p.mul(y, r)));
    }
    return r;
  }

  /** {@code 2^x} for x below 128: whole part by exponent insertion, fraction by a cubic. */
  static LaneProgram.Value exp2(LaneProgram.Builder p, LaneProgram.Value x) {
    LaneProgram.Value whole = p.floor(x);
    return p.mul(exp2Fraction(p, p.sub(x, whole)), p.exp2i(whole));
  }

  /** {@code 2^r} for r from 0 to 1, by a cubic. */
  static LaneProgram.Value exp2Fraction(LaneProgram.Builder p, LaneProgram.Value r) {
    LaneProgram.Value poly = p.add(p.mul(r, p.constant(0.078125)), p.constant(0.2265625));
    poly = p.add(p.mul(r, poly), p.constant(0.6953125));
    return p.add(p.mul(r, poly), p.constant(1));
  }

  /** {@code 2^x} with a parabola instead of the cubic. */
  static LaneProgram.Value exp2Square(LaneProgram.Builder p, LaneProgram.Value x) {
    LaneProgram.Value whole = p.floor(x);
    LaneProgram.Value r = p.sub(x, whole);
    LaneProgram.Value poly = p.add(p.mul(r, p.constant(0.33984375)), p.constant(0.66015625));
    poly = p.add(p.mul(r, poly), p.constant(1));
    return p.mul(poly, p.exp2i(whole));
  }

  /** The logistic function of {@code -x ln 2}, that is {@code 1 / (1 + 2^x)}. */
  static LaneProgram.Value logistic2(LaneProgram.Builder p, LaneProgram.Value x) {
    LaneProgram.Value power = exp2(p, p.min(x, p.constant(64)));
    return reciprocal(p, p.add(power, p.constant(1)));
  }

  /** {@code e^x} by published operations: a cubic of x/8 squared three times; |x| up to 8. */
  static LaneProgram.Value publishedExp(LaneProgram.Builder p, LaneProgram.Value x) {
    LaneProgram.Value z = p.mul(x, p.constant(0.125));
    LaneProgram.Value poly = p.add(p.mul(z, p.constant(1.0 / 6)), p.constant(0.5));
    poly = p.add(p.mul(z, poly), p.constant(1));
    poly = p.add(p.mul(z, poly), p.constant(1));
    for (int i = 0; i < 3; i++) {
      poly = p.mul(poly, poly);
    }
    return poly;
  }

  /** |x| by published operations: {@code x x isqrt(x x)}. */
  static LaneProgram.Value publishedMagnitude(LaneProgram.Builder p, LaneProgram.Value x) {
    LaneProgram.Value square = p.mul(x, x);
    return p.mul(square, inverseRoot(p, square, 2));
  }

  /** The larger of a value and a constant by published operations. */
  static LaneProgram.Value publishedMax(LaneProgram.Builder p, LaneProgram.Value x, double limit) {
    LaneProgram.Value magnitude = publishedMagnitude(p, p.sub(x, p.constant(limit)));
    return p.mul(p.add(p.add(x, p.constant(limit)), magnitude), p.constant(0.5));
  }

  /** The smaller of a value and a constant by published operations. */
  static LaneProgram.Value publishedMin(LaneProgram.Builder p, LaneProgram.Value x, double limit) {
    LaneProgram.Value magnitude = publishedMagnitude(p, p.sub(x, p.constant(limit)));
    return p.mul(p.sub(p.add(x, p.constant(limit)), magnitude), p.constant(0.5));
  }

  /** {@code u(27 + u^2) / (27 + 9 u^2)}, close to tanh up to |u| of about 2; not yet clamped. */
  static LaneProgram.Value pade(LaneProgram.Builder p, LaneProgram.Value u) {
    LaneProgram.Value square = p.mul(u, u);
    LaneProgram.Value below = p.add(p.mul(square, p.constant(9)), p.constant(27));
    LaneProgram.Value root = inverseRoot(p, below, 1);
    return p.mul(p.mul(u, p.add(square, p.constant(27))), p.mul(root, root));
  }

  /** {@code sqrt(2/pi) (x + 0.044715 x^3) * factor}. */
  static LaneProgram.Value geluArgument(LaneProgram.Builder p, LaneProgram.Value x, double factor) {
    double c = Math.sqrt(2 / Math.PI) * factor;
    LaneProgram.Value square = p.mul(x, x);
    return p.mul(x, p.add(p.mul(square, p.constant(0.044715 * c)), p.constant(c)));
  }

  /**
   * {@code x (1/2 + k t q(t^2))} for t = x clamped where the normal distribution has all but 0.2 %
   * of its mass. The cubic q is {@code (a - u) ((u - b)^2 + d)}: in this form the operation type
   * changes less often than in Horner's. It was fitted in bfloat16: sums and products as the array
   * rounds them, least squares of the error for normally distributed x.
   */
  static LaneProgram.Value geluPolynomial(LaneProgram.Builder p, LaneProgram.Value x) {
    LaneProgram.Value t = p.min(p.max(x, p.constant(-2.859375)), p.constant(2.859375));
    LaneProgram.Value u = p.mul(t, t);
    LaneProgram.Value k = p.mul(t, p.constant(2.1839141845703125e-4));
    LaneProgram.Value a = p.sub(p.constant(15.875), u);
    LaneProgram.Value b = p.add(u, p.constant(-4.65625));
    LaneProgram.Value linear = p.mul(a, k);
    LaneProgram.Value quadratic = p.add(p.mul(b, b), p.constant(91.5));
    return p.mul(x, p.add(p.mul(linear, quadratic), p.constant(0.5)));
  }

  /**
   * {@code x (1/2 + p(x))} with the sum clamped to 0..1, p odd, growing and of degree 5, for x = s
   * z with s = {@link FunctionLibrary#GELU_SCALE}: s times GELU of z. Of each element two vectors
   * are live at most. Fitted as {@link #geluPolynomial} was.
   */
  static LaneProgram.Value scaledGelu(LaneProgram.Builder p, LaneProgram.Value x) {
    LaneProgram.Value b = p.add(p.mul(x, x), p.constant(-0.77734375));
    LaneProgram.Value quadratic = p.add(p.mul(b, b), p.constant(0.60546875));
    LaneProgram.Value mass = p.add(p.mul(quadratic, x), p.constant(0.5));
    return p.mul(p.min(p.max(mass, p.constant(0)), p.constant(1)), x);
  }

  static double log2e() {
    return LOG2_E;
  }
}
