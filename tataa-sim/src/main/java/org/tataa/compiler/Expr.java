package org.tataa.compiler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tataa.function.LaneProgram;

/** Element-wise work that is not yet a lane program. */
sealed interface Expr {
  /** Something in memory. */
  record Read(Source source) implements Expr {}

  /** A number. */
  record Constant(double value) implements Expr {}

  /** A function of other expressions. */
  final class Apply implements Expr {
    final LaneProgram function;
    final List<Expr> arguments;

    Apply(LaneProgram function, Expr... arguments) {
      this.function = function;
      this.arguments = List.of(arguments);
    }
  }

  /** A value of the graph: a place where the work can be cut. */
  final class Named implements Expr {
    final String name;
    final Expr inner;

    /** Whether it is read more than once, so that it is computed once and stored. */
    final boolean isShared;

    final int groups;
    final int tokens;
    final FeatureMap map;
    @Nullable Matrix stored;

    Named(String name, Expr inner, boolean isShared, int groups, int tokens, FeatureMap map) {
      this.name = name;
      this.inner = inner;
      this.isShared = isShared;
      this.groups = groups;
      this.tokens = tokens;
      this.map = map;
    }
  }

  /** Matrices the machine makes that the expression reads; not behind stored values. */
  static Set<Matrix> matrices(Expr expr) {
    Set<Matrix> found = new LinkedHashSet<>();
    collect(expr, found);
    return found;
  }

  private static void collect(Expr expr, Set<Matrix> found) {
    if (expr instanceof Read read) {
      if (read.source() instanceof Matrix matrix && matrix.form != null) {
        found.add(matrix);
      } else if (read.source() instanceof Source.Statistic statistic) {
        found.add(statistic.step().input);
      }
    } else if (expr instanceof Apply apply) {
      apply.arguments.forEach(argument -> collect(argument, found));
    } else if (expr instanceof Named named) {
      if (named.stored != null) {
        found.add(named.stored);
      } else {
        collect(named.inner, found);
      }
    }
  }

  /**
   * A lane program with what it reads.
   *
   * @param program the program
   * @param sources its inputs in order
   */
  record Compiled(LaneProgram program, List<Source> sources) {}

  /** {@code a op b} with add, sub, mul, max or min. */
  static Expr binary(String op, Expr a, Expr b) {
    LaneProgram.Builder p = LaneProgram.builder(op, 2);
    LaneProgram.Value x = p.input(0);
    LaneProgram.Value y = p.input(1);
    LaneProgram.Value result =
        switch (op) {
          case "add" -> p.add(x, y);
          case "sub" -> p.sub(x, y);
          case "mul" -> p.mul(x, y);
          case "max" -> p.max(x, y);
          case "min" -> p.min(x, y);
          default -> throw new IllegalArgumentException(op);
        };
    return new Apply(p.build(result), a, b);
  }

  /** Turns an expression without cuts into a lane program. */
  static Compiled compile(String name, Expr whole) {
    Expr expr = RowFolding.fold(whole);
    List<Source> sources = new ArrayList<>();
    sources(expr, sources);
    LaneProgram.Builder builder = LaneProgram.builder(name, sources.size());
    Map<Source, LaneProgram.Value> inputs = new HashMap<>();
    for (int i = 0; i < sources.size(); i++) {
      inputs.put(sources.get(i), builder.input(i));
    }
    LaneProgram.Value result = build(expr, builder, inputs, new IdentityHashMap<>());
    if (result.kind() == LaneProgram.Kind.CONSTANT) {
      throw new IllegalStateException(name + " does not depend on anything");
    }
    return new Compiled(builder.build(result), sources);
  }

  private static void sources(Expr expr, List<Source> found) {
    if (expr instanceof Read read) {
      if (!found.contains(read.source())) {
        found.add(read.source());
      }
    } else if (expr instanceof Apply apply) {
      apply.arguments.forEach(argument -> sources(argument, found));
    } else if (expr instanceof Named named) {
      sources(named.inner, found);
    }
  }

  private static LaneProgram.Value build(
      Expr expr,
      LaneProgram.Builder builder,
      Map<Source, LaneProgram.Value> inputs,
      Map<Expr, LaneProgram.Value> done) {
    LaneProgram.Value value = done.get(expr);
    if (value == null) {
      if (expr instanceof Read read) {
        value = inputs.get(read.source());
      } else if (expr instanceof Constant number) {
        value = builder.constant(number.value());
      } else if (expr instanceof Named named) {
        value = build(named.inner, builder, inputs, done);
      } else if (expr instanceof Apply apply) {
        LaneProgram.Value[] arguments = new LaneProgram.Value[apply.arguments.size()];
        for (int i = 0; i < arguments.length; i++) {
          arguments[i] = build(apply.arguments.get(i), builder, inputs, done);
        }
        value = builder.apply(apply.function, arguments);
      }
      if (value == null) {
        throw new IllegalStateException("an expression without value: " + expr);
      }
      done.put(expr, value);
    }
    return value;
  }
}
