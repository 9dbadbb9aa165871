package org.tataa.function;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.DoubleUnaryOperator;
import org.tataa.config.IsaProfile;

/**
 * The functions of one variable the machine offers, each with named approximations (functions.md).
 * The first approximation an instruction set can run is its default.
 */
public final class FunctionLibrary {
  /**
   * One way to compute a function.
   *
   * @param function name of the function
   * @param name name of the approximation
   * @param program what the array executes
   */
  public record Approximation(String function, String name, LaneProgram program) {
    @Override
    public String toString() {
      return function + "/" + name;
    }
  }

  /**
   * A function.
   *
   * @param name its name
   * @param exact the function in double precision
   * @param from smallest argument of its error table
   * @param to largest argument of its error table
   * @param isRelative whether errors are relative, otherwise absolute
   * @param approximations in order of preference
   */
  public record Entry(
      String name,
      DoubleUnaryOperator exact,
      double from,
      double to,
      boolean isRelative,
      List<Approximation> approximations) {}

  /** The approximation of GELU that {@link #scaledGelu} computes without its two factors. */
  public static final String GELU_QUINTIC = "quintic";

  /** What the argument of {@link #scaledGelu} is multiplied by. */
  public static final double GELU_SCALE = 0.32247094190323217;

  private static final Map<String, Entry> ENTRIES = new LinkedHashMap<>();

  private FunctionLibrary() {}

  /** All functions. */
  public static List<Entry> entries() {
    return List.copyOf(ENTRIES.values());
  }

  /**
   * {@code s gelu(x / s)} for s = {@link #GELU_SCALE}, for those who multiply argument and result
   * anyway.
   */
  public static LaneProgram scaledGelu() {
    LaneProgram.Builder p = LaneProgram.builder("Gelu/" + GELU_QUINTIC, 1);
    return p.build(Blocks.scaledGelu(p, p.input(0)));
  }

  /** {@code 2^r} for r from 0 to 1, the part of exp2/cubic behind the whole powers. */
  public static LaneProgram exp2Fraction() {
    LaneProgram.Builder p = LaneProgram.builder("exp2 of a fraction", 1);
    return p.build(Blocks.exp2Fraction(p, p.input(0)));
  }

  /** Whether there is a function of a name. */
  public static boolean contains(String function) {
    return ENTRIES.containsKey(function);
  }

  /**
   * An approximation.
   *
   * @param isa instruction set it must run on
   * @param name of the approximation; empty for the default
   * @throws IllegalArgumentException if there is none, listing those there are
   */
  public static Approximation find(String function, IsaProfile isa, String name) {
    Entry entry = ENTRIES.get(function);
    if (entry == null) {
      throw new IllegalArgumentException(
          "no function `" + function + "`, expected one of " + ENTRIES.keySet());
    }
    List<String> possible = new ArrayList<>();
    for (Approximation approximation : entry.approximations()) {
      boolean fits =
          isa == IsaProfile.EXTENDED || approximation.program().isa() == IsaProfile.PUBLISHED;
      if (fits && (name.isEmpty() || approximation.name().equals(name))) {
        return approximation;
      }
      if (fits) {
        possible.add(approximation.name());
      }
    }
    throw new IllegalArgumentException(
        "function "
            + function
            + " has no approximation `"
            + name
            + "` for "
            + isa
            + ", expected "
            + possible);
  }

  private static final class Family {
    private final String function;
    private final List<Approximation> approximations = new ArrayList<>();

    Family(String function) {
      this.function = function;
    }

    Family add(
        String name, BiFunction<LaneProgram.Builder, LaneProgram.Value, LaneProgram.Value> body) {
      LaneProgram.Builder builder = LaneProgram.builder(function + "/" + name, 1);
      approximations.add(
          new Approximation(function, name, builder.build(body.apply(builder, builder.input(0)))));
      return this;
    }

    void register(DoubleUnaryOperator exact, double from, double to, boolean isRelative) {
      ENTRIES.put(
          function, new Entry(function, exact, from, to, isRelative, List.copyOf(approximations)));
    }
  }

  static {
    exponentials();
    sigmoids();
    activations();
    roots();
  }

  private static void exponentials() {
    new Family("exp")
        .add("cubic", (p, x) -> Blocks.exp2(p, p.mul(x, p.constant(Blocks.log2e()))))
        .add("parabola", (p, x) -> Blocks.exp2Square(p, p.mul(x, p.constant(Blocks.log2e()))))
        .add("floor", (p, x) -> p.exp2i(p.mul(x, p.constant(Blocks.log2e()))))
        .add("squared", (p, x) -> Blocks.publishedExp(p, Blocks.publishedMax(p, x, -8)))
        .register(Math::exp, -8, 8, true);
    new Family("exp2")
        .add("cubic", Blocks::exp2)
        .add("parabola", Blocks::exp2Square)
        .add("floor", (p, x) -> p.exp2i(x))
        .add(
            "squared",
            (p, x) ->
                Blocks.publishedExp(
                    p, Blocks.publishedMax(p, p.mul(x, p.constant(Math.log(2))), -8)))
        .register(x -> Math.pow(2, x), -11, 11, true);
  }

  private static LaneProgram.Value publishedSigmoid(LaneProgram.Builder p, LaneProgram.Value x) {
    LaneProgram.Value clamped = Blocks.publishedMin(p, Blocks.publishedMax(p, x, -8), 8);
    LaneProgram.Value power = Blocks.publishedExp(p, p.mul(clamped, p.constant(-1)));
    return Blocks.reciprocal(p, p.add(power, p.constant(1)));
  }

  private static LaneProgram.Value sigmoid(LaneProgram.Builder p, LaneProgram.Value x) {
    return Blocks.logistic2(p, p.mul(x, p.constant(-Blocks.log2e())));
  }

  private static LaneProgram.Value clampedPade(LaneProgram.Builder p, LaneProgram.Value u) {
    return p.min(p.max(Blocks.pade(p, u), p.constant(-1)), p.constant(1));
  }

  private static LaneProgram.Value publishedPade(LaneProgram.Builder p, LaneProgram.Value u) {
    return Blocks.publishedMin(p, Blocks.publishedMax(p, Blocks.pade(p, u), -1), 1);
  }

  private static LaneProgram.Value half(
      LaneProgram.Builder p, LaneProgram.Value x, LaneProgram.Value tanh) {
    return p.mul(p.mul(x, p.constant(0.5)), p.add(tanh, p.constant(1)));
  }

  private static void sigmoids() {
    new Family("Sigmoid")
        .add("exponential", FunctionLibrary::sigmoid)
        .add("squared", FunctionLibrary::publishedSigmoid)
        .register(x -> 1 / (1 + Math.exp(-x)), -20, 20, false);
    new Family("Tanh")
        .add(
            "exponential",
            (p, x) -> {
              LaneProgram.Value s = Blocks.logistic2(p, p.mul(x, p.constant(-2 * Blocks.log2e())));
              return p.sub(p.mul(s, p.constant(2)), p.constant(1));
            })
        .add("pade", FunctionLibrary::clampedPade)
        .add("pade-published", FunctionLibrary::publishedPade)
        .register(Math::tanh, -20, 20, false);
  }

  private static void activations() {
    new Family("Gelu")
        .add(
            GELU_QUINTIC,
            (p, x) ->
                p.mul(
                    Blocks.scaledGelu(p, p.mul(x, p.constant(GELU_SCALE))),
                    p.constant(1 / GELU_SCALE)))
        .add("polynomial", Blocks::geluPolynomial)
        .add(
            "sigmoid",
            (p, x) -> {
              LaneProgram.Value a = Blocks.geluArgument(p, x, -2 * Blocks.log2e());
              return p.mul(x, Blocks.logistic2(p, a));
            })
        .add("pade", (p, x) -> half(p, x, clampedPade(p, Blocks.geluArgument(p, x, 1))))
        .add("pade-published", (p, x) -> half(p, x, publishedPade(p, Blocks.geluArgument(p, x, 1))))
        .register(FunctionLibrary::gelu, -10, 10, false);
    new Family("Silu")
        .add("exponential", (p, x) -> p.mul(x, sigmoid(p, x)))
        .add("squared", (p, x) -> p.mul(x, publishedSigmoid(p, x)))
        .register(x -> x / (1 + Math.exp(-x)), -20, 20, false);
    new Family("Relu")
        .add("max", (p, x) -> p.max(x, p.constant(0)))
        .add("root", (p, x) -> p.mul(p.add(x, Blocks.publishedMagnitude(p, x)), p.constant(0.5)))
        .register(x -> Math.max(0, x), -100, 100, false);
  }

  private static void roots() {
    new Family("Reciprocal")
        .add(
            "signed",
            (p, x) -> {
              LaneProgram.Value root = Blocks.inverseRoot(p, p.mul(x, x), 2);
              return p.mul(p.mul(x, root), root);
            })
        .add("newton", Blocks::reciprocal)
        .add(
            "root",
            (p, x) -> {
              LaneProgram.Value root = Blocks.inverseRoot(p, x, 1);
              return p.mul(root, root);
            })
        .register(x -> 1 / x, 1e-6, 1e6, true);
    new Family("InverseRoot")
        .add("two-steps", (p, x) -> Blocks.inverseRoot(p, x, 2))
        .add("one-step", (p, x) -> Blocks.inverseRoot(p, x, 1))
        .register(x -> 1 / Math.sqrt(x), 1e-6, 1e6, true);
    new Family("Sqrt")
        .add("two-steps", (p, x) -> p.mul(x, Blocks.inverseRoot(p, x, 2)))
        .register(Math::sqrt, 1e-6, 1e6, true);
    new Family("Abs")
        .add("max", (p, x) -> p.max(x, p.mul(x, p.constant(-1))))
        .add("root", Blocks::publishedMagnitude)
        .register(Math::abs, -100, 100, true);
  }

  /** {@code x/2 (1 + erf(x / sqrt 2))}. */
  private static double gelu(double x) {
    return x / 2 * (1 + erf(x / Math.sqrt(2)));
  }

  // Series near zero, continued fraction beyond: double precision for the error tables.
  private static double erf(double x) {
    double a = Math.abs(x);
    if (a > 6) {
      return Math.signum(x);
    }
    if (a < 2.5) {
      double term = a;
      double sum = a;
      for (int n = 1; n < 80; n++) {
        term *= -a * a / n;
        sum += term / (2 * n + 1);
      }
      return Math.signum(x) * 2 / Math.sqrt(Math.PI) * sum;
    }
    double fraction = a;
    for (int n = 60; n >= 1; n--) {
      fraction = a + n / 2.0 / fraction;
    }
    return Math.signum(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * fraction));
  }
}
