package org.tataa.compiler;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Joins chains of products and sums with rows: {@code ((x * f + b) - c) * s} becomes {@code x * (f
 * s) + (b - c) s}, with rows computed before they are rounded to bfloat16. Fewer operations, fewer
 * roundings, and no large intermediate values that cancel.
 */
final class RowFolding {
  private record Link(String op, Source.Row row) {}

  private final IdentityHashMap<Expr, Expr> done = new IdentityHashMap<>();

  private RowFolding() {}

  /** The same values with fewer operations. */
  static Expr fold(Expr expr) {
    return new RowFolding().folded(expr);
  }

  private Expr folded(Expr expr) {
    Expr known = done.get(expr);
    if (known == null) {
      known = compute(expr);
      done.put(expr, known);
    }
    return known;
  }

  private Expr compute(Expr expr) {
    if (expr instanceof Expr.Named named) {
      return folded(named.inner);
    }
    if (!(expr instanceof Expr.Apply apply)) {
      return expr;
    }
    List<Link> chain = new ArrayList<>();
    Expr base = base(expr, chain);
    if (chain.size() > 1) {
      Expr joined = join(base, chain);
      if (joined != null) {
        return joined;
      }
    }
    Expr[] arguments = apply.arguments.stream().map(this::folded).toArray(Expr[]::new);
    return new Expr.Apply(apply.function, arguments);
  }

  // What the chain starts from; the links are collected innermost first.
  private static Expr base(Expr expr, List<Link> chain) {
    if (expr instanceof Expr.Named named) {
      return base(named.inner, chain);
    }
    if (expr instanceof Expr.Apply apply && apply.arguments.size() == 2) {
      String op = apply.function.name();
      Source.Row first = row(apply.arguments.get(0));
      Source.Row second = row(apply.arguments.get(1));
      boolean commutes = op.equals("mul") || op.equals("add");
      if (second != null && first == null && (commutes || op.equals("sub"))) {
        Expr base = base(apply.arguments.get(0), chain);
        chain.add(new Link(op, second));
        return base;
      }
      if (first != null && second == null && commutes) {
        Expr base = base(apply.arguments.get(1), chain);
        chain.add(new Link(op, first));
        return base;
      }
    }
    return expr;
  }

  private static Source.@Nullable Row row(Expr expr) {
    return expr instanceof Expr.Read read && read.source() instanceof Source.Row row ? row : null;
  }

  private @Nullable Expr join(Expr base, List<Link> chain) {
    Source.Row factor = null;
    Source.Row addend = null;
    for (Link link : chain) {
      Source.Row row = link.row();
      if (link.op().equals("mul")) {
        factor = factor == null ? row : combine("mul", factor, row);
        addend = addend == null ? null : combine("mul", addend, row);
      } else {
        addend = combine(link.op(), addend, row);
      }
    }
    int operations = (factor == null ? 0 : 1) + (addend == null ? 0 : 1);
    if (operations == chain.size()) {
      return null;
    }
    Expr result = folded(base);
    if (factor != null) {
      result = Expr.binary("mul", result, new Expr.Read(factor));
    }
    return addend == null ? result : Expr.binary("add", result, new Expr.Read(addend));
  }

  private static Source.Row combine(String op, Source.@Nullable Row a, Source.Row b) {
    if (a == null && op.equals("add")) {
      return b;
    }
    return new Source.Row(
        (a == null ? "0" : a.name) + " " + op + " " + b.name,
        quantization -> {
          float[] right = b.values.apply(quantization);
          float[] left = a == null ? new float[right.length] : a.values.apply(quantization);
          float[] result = new float[right.length];
          for (int i = 0; i < result.length; i++) {
            result[i] =
                switch (op) {
                  case "mul" -> left[i] * right[i];
                  case "add" -> left[i] + right[i];
                  default -> left[i] - right[i];
                };
          }
          return result;
        });
  }
}
