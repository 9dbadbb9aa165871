package org.tataa.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tataa.config.IsaProfile;
import org.tataa.numeric.Bf16Unit;
import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.LaneOp;

/**
 * A straight-line program of lane operations: every value is an input, a constant or the result of
 * one operation. It has no registers; where values live is decided when it is emitted.
 *
 * <pre>{@code
 * LaneProgram.Builder p = LaneProgram.builder("square plus one", 1);
 * LaneProgram square = p.build(p.add(p.mul(p.input(0), p.input(0)), p.constant(1)));
 * }</pre>
 *
 * <p>Negation is free where the instruction set has it: the second operand of an operation may be
 * negated ({@link Step#negateSecond}).
 */
public final class LaneProgram {
  /** What a value is. */
  public enum Kind {
    /** An argument of the program. */
    INPUT,
    /** A constant register. */
    CONSTANT,
    /** The result of an operation. */
    RESULT
  }

  /**
   * A value.
   *
   * @param kind what it is
   * @param index number of the input, bfloat16 pattern of the constant, or number of the step
   */
  public record Value(Kind kind, int index) {
    @Override
    public String toString() {
      return switch (kind) {
        case INPUT -> "x" + index;
        case CONSTANT -> String.valueOf(Bfloat16.toFloat(index));
        case RESULT -> "t" + index;
      };
    }
  }

  /**
   * One operation.
   *
   * @param op what is computed
   * @param first source 1
   * @param second source 2; equal to the first for operations with one operand
   * @param negateSecond whether the sign of source 2 is flipped
   */
  public record Step(LaneOp op, Value first, Value second, boolean negateSecond) {}

  private final String name;
  private final int inputs;
  private final List<Step> steps;
  private final Value result;

  private LaneProgram(String name, int inputs, List<Step> steps, Value result) {
    this.name = name;
    this.inputs = inputs;
    this.steps = List.copyOf(steps);
    this.result = result;
  }

  /** Starts a program with a number of inputs. */
  public static Builder builder(String name, int inputs) {
    return new Builder(name, inputs);
  }

  /** Name for reports. */
  public String name() {
    return name;
  }

  /** Number of inputs. */
  public int inputs() {
    return inputs;
  }

  /** Operations in order; none is without use. */
  public List<Step> steps() {
    return steps;
  }

  /** Value of the program; an input if there are no steps. */
  public Value result() {
    return result;
  }

  /** Vector operations per vector of elements. */
  public int operations() {
    return steps.size();
  }

  /**
   * Whether the last operation reads one result and, if it has two operands, a constant: then
   * {@link #last} of {@link #withoutLast} is this program.
   */
  public boolean endsAlone() {
    if (steps.size() < 2) {
      return false;
    }
    Step last = steps.get(steps.size() - 1);
    return last.first().kind() == Kind.RESULT
        && (last.second().kind() == Kind.CONSTANT || last.op().operands() == 1);
  }

  /** All operations but the last; for a program that {@link #endsAlone}. */
  public LaneProgram withoutLast() {
    Value read = steps.get(steps.size() - 1).first();
    return new LaneProgram(name, inputs, steps.subList(0, steps.size() - 1), read);
  }

  /** The operations that one of the values needs. */
  public LaneProgram withResult(Value value) {
    Builder builder = new Builder(name, inputs);
    builder.steps.addAll(steps);
    return builder.build(value);
  }

  /** The last operation as a program of one input; for a program that {@link #endsAlone}. */
  public LaneProgram last() {
    Step last = steps.get(steps.size() - 1);
    Value input = new Value(Kind.INPUT, 0);
    Value second = last.op().operands() == 1 ? input : last.second();
    Step step = new Step(last.op(), input, second, last.negateSecond());
    return new LaneProgram(name, 1, List.of(step), new Value(Kind.RESULT, 0));
  }

  /** Whether an operation reads an input. */
  public boolean reads(int input) {
    Value value = new Value(Kind.INPUT, input);
    return result.equals(value)
        || steps.stream().anyMatch(s -> s.first().equals(value) || s.second().equals(value));
  }

  /** The program with the result of an operation given as one more input, the last. */
  public LaneProgram withInput(int number) {
    Builder builder = new Builder(name, inputs + 1);
    Value[] values = new Value[steps.size()];
    for (int i = 0; i < values.length; i++) {
      Step step = steps.get(i);
      values[i] =
          i == number
              ? builder.input(inputs)
              : builder.step(
                  step.op(),
                  replaced(step.first(), values),
                  replaced(step.second(), values),
                  step.negateSecond());
    }
    return builder.build(replaced(result, values));
  }

  private static Value replaced(Value value, Value[] results) {
    return value.kind() == Kind.RESULT ? results[value.index()] : value;
  }

  /** The operations as text, as {@code t0 = mul x0, 0.5; t1 = add t0, x1}. */
  public String expression() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      text.append(i == 0 ? "t" : "; t")
          .append(i)
          .append(" = ")
          .append(step.op().name().toLowerCase(Locale.ROOT))
          .append(' ')
          .append(step.first());
      if (step.op().operands() == 2) {
        text.append(step.negateSecond() ? ", -" : ", ").append(step.second());
      }
    }
    return steps.isEmpty() ? result.toString() : text.toString();
  }

  /** The instruction set it needs. */
  public IsaProfile isa() {
    return steps.stream().anyMatch(step -> step.op().isExtension())
        ? IsaProfile.EXTENDED
        : IsaProfile.PUBLISHED;
  }

  /**
   * Computes one element in software, with the bits the array computes.
   *
   * @param unit arithmetic
   * @param arguments bfloat16 patterns of the inputs
   * @return bfloat16 pattern of the result
   */
  public int evaluate(Bf16Unit unit, int... arguments) {
    if (arguments.length != inputs) {
      throw new IllegalArgumentException(
          name + " takes " + inputs + " inputs, found " + arguments.length);
    }
    int[] results = new int[steps.size()];
    for (int i = 0; i < results.length; i++) {
      Step step = steps.get(i);
      int first = read(step.first(), arguments, results);
      int second = read(step.second(), arguments, results);
      results[i] = unit.apply(step.op(), first, step.negateSecond() ? second ^ 0x8000 : second);
    }
    return read(result, arguments, results);
  }

  private static int read(Value value, int[] arguments, int[] results) {
    return switch (value.kind()) {
      case INPUT -> arguments[value.index()];
      case CONSTANT -> value.index();
      case RESULT -> results[value.index()];
    };
  }

  @Override
  public String toString() {
    return name + ", " + operations() + " operations, " + isa();
  }

  /** Collects the operations of a program. */
  public static final class Builder {
    private final String name;
    private final int inputs;
    private final List<Step> steps = new ArrayList<>();

    private Builder(String name, int inputs) {
      this.name = name;
      this.inputs = inputs;
    }

    /** An input, numbered from 0. */
    public Value input(int number) {
      if (number < 0 || number >= inputs) {
        throw new IllegalArgumentException(name + " has no input " + number);
      }
      return new Value(Kind.INPUT, number);
    }

    /** A constant, rounded to bfloat16. */
    public Value constant(double value) {
      return new Value(Kind.CONSTANT, Bfloat16.fromFloat((float) value));
    }

    /** Product. */
    public Value mul(Value a, Value b) {
      return step(LaneOp.MUL, a, b, false);
    }

    /** Sum. */
    public Value add(Value a, Value b) {
      return step(LaneOp.ADD, a, b, false);
    }

    /** Difference {@code a - b}. */
    public Value sub(Value a, Value b) {
      if (a.equals(b)) {
        // No operand selection negates one of two equal operands.
        return add(a, mul(a, constant(-1)));
      }
      if (b.kind() == Kind.CONSTANT) {
        return add(a, new Value(Kind.CONSTANT, b.index() ^ 0x8000));
      }
      return step(LaneOp.ADD, a, b, true);
    }

    /** Larger value; EXTENDED. */
    public Value max(Value a, Value b) {
      return step(LaneOp.MAX, a, b, false);
    }

    /** Smaller value; EXTENDED. */
    public Value min(Value a, Value b) {
      return step(LaneOp.MIN, a, b, false);
    }

    /** Start of an inverse square root. */
    public Value app(Value a) {
      return step(LaneOp.APP, a, a, false);
    }

    /** Integer below; EXTENDED. */
    public Value floor(Value a) {
      return step(LaneOp.FLOOR, a, a, false);
    }

    /** Two to the power of the integer below; EXTENDED. */
    public Value exp2i(Value a) {
      return step(LaneOp.EXP2I, a, a, false);
    }

    /**
     * Inserts another program.
     *
     * @return its result
     */
    public Value apply(LaneProgram other, Value... arguments) {
      if (arguments.length != other.inputs) {
        throw new IllegalArgumentException(
            other.name + " takes " + other.inputs + " inputs, found " + arguments.length);
      }
      int base = steps.size();
      for (Step step : other.steps) {
        steps.add(
            new Step(
                step.op(),
                moved(step.first(), arguments, base),
                moved(step.second(), arguments, base),
                step.negateSecond()));
      }
      return moved(other.result, arguments, base);
    }

    private static Value moved(Value value, Value[] arguments, int base) {
      return switch (value.kind()) {
        case INPUT -> arguments[value.index()];
        case CONSTANT -> value;
        case RESULT -> new Value(Kind.RESULT, base + value.index());
      };
    }

    private Value step(LaneOp op, Value first, Value second, boolean negateSecond) {
      if (first.kind() == Kind.CONSTANT && second.kind() == Kind.CONSTANT) {
        throw new IllegalArgumentException(name + ": " + op + " of two constants");
      }
      steps.add(new Step(op, first, second, negateSecond));
      return new Value(Kind.RESULT, steps.size() - 1);
    }

    /** The program; operations its result does not need are left out. */
    public LaneProgram build(Value result) {
      boolean[] needed = new boolean[steps.size()];
      mark(result, needed);
      for (int i = steps.size() - 1; i >= 0; i--) {
        if (needed[i]) {
          mark(steps.get(i).first(), needed);
          mark(steps.get(i).second(), needed);
        }
      }
      int[] number = new int[steps.size()];
      List<Step> kept = new ArrayList<>();
      for (int i = 0; i < needed.length; i++) {
        if (needed[i]) {
          number[i] = kept.size();
          Step step = steps.get(i);
          kept.add(
              new Step(
                  step.op(),
                  renumbered(step.first(), number),
                  renumbered(step.second(), number),
                  step.negateSecond()));
        }
      }
      return new LaneProgram(name, inputs, kept, renumbered(result, number));
    }

    private static void mark(Value value, boolean[] needed) {
      if (value.kind() == Kind.RESULT) {
        needed[value.index()] = true;
      }
    }

    private static Value renumbered(Value value, int[] number) {
      return value.kind() == Kind.RESULT ? new Value(Kind.RESULT, number[value.index()]) : value;
    }
  }
}
