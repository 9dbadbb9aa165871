package org.tataa.isa;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Turns text into programs.
 *
 * <pre>
 * ; a comment reaches to the end of the line
 * .const BASE = 0x4000              ; + - * / % &lt;&lt; &gt;&gt; ( ), decimal, 0x, 0b, bf16(1.5), names
 *         CONFIG.SCALE man=25, shift=3
 *         CONFIG.CONST C2, bf16(0.5)
 * start:  LOAD.M X, tile=0, depth=64, addr=BASE, bytes=2048
 *         LOAD.V A3, addr=0x100, bytes=256
 *         MATMUL x=0, y=0, depth=64, clear, drain
 * .repeat 4 as i                    ; i is 0, 1, 2, 3; blocks nest
 *         V.MUL A3, -B4 -&gt; B7       ; to a slot
 *         V.ADD A3, C2 -&gt; DMB       ; to the dual-mode buffers
 *         V.APP A5 -&gt; A6
 *         STORE.M int8, words=32, addr=BASE + i*1024, bytes=1024, transpose
 *         STORE.V bf16, words=8, addr=BASE, bytes=256
 *         STORE.S sums, words=16 -&gt; B4 ; to B4 and on; `vectors`: of vectors; only {@link Encoding#WIDE}
 *         NOP 16
 * .end
 *         HALT
 * </pre>
 *
 * <p>Mnemonics may be in lower case; everything else is case sensitive, and attributes keep the
 * order shown. Sources are one of {@code A,B A,A B,B A,-B A,C -A,C C,B C,-B}, where {@code A,A} and
 * {@code B,B} name one slot twice; operations of one operand also take {@code A}, {@code -A},
 * {@code B} or {@code C}. Fields that an instruction holds but does not use follow its destination:
 * {@code a=}, {@code b=}, {@code c=}, and {@code dest=} where the result goes to the buffers.
 * {@code bytes} may be left out; it is then that of the prototype: 32 per word (64 for STORE.M to
 * bf16), 256 for LOAD.V.
 *
 * <p>A label is the index of the instruction that follows, a number like any other, and may be used
 * before it is defined except where its place would depend on it: in a {@code .const}, a NOP count
 * or a repeat count. Constants are defined before use; one that is defined inside a repeat block
 * lasts for one round. No name may be defined twice. Arithmetic is exact on 64-bit integers,
 * overflow is an error. {@code bf16(x)} is the nearest pattern, ties to even, of the float32
 * nearest to a decimal number; {@code inf}, {@code -inf} and {@code nan} are allowed.
 */
public final class Assembler {
  /** Longest program, in instructions. */
  public static final int MAX_INSTRUCTIONS = 1 << 24;

  /** Most statements executed while repeat blocks are unrolled; ends blocks that emit nothing. */
  private static final int MAX_STEPS = 1 << 25;

  private final ErrorList errors;
  private final Encoding encoding;
  private final Map<String, Integer> labels = new TreeMap<>();
  private final List<Instruction> output = new ArrayList<>();
  private SymbolTable symbols = SymbolTable.forPlacing();
  private boolean placing = true;
  private int position;
  private int steps;
  private int faults;

  private Assembler(ErrorList errors, Encoding encoding) {
    this.errors = errors;
    this.encoding = encoding;
  }

  /**
   * Assembles a source text to the released encoding.
   *
   * @param source the text
   * @param file name for error messages
   * @return the program, with the labels of the text
   * @throws AssemblyException with up to 20 errors, each with line and column
   */
  public static Program assemble(String source, String file) {
    return assemble(source, file, Encoding.RELEASED);
  }

  /**
   * Assembles a source text.
   *
   * @param source the text
   * @param file name for error messages
   * @param encoding how large slots and depths may be, and whether there is STORE.S
   * @return the program, with the labels of the text
   * @throws AssemblyException with up to 20 errors, each with line and column
   */
  public static Program assemble(String source, String file, Encoding encoding) {
    return new Assembler(new ErrorList(file), encoding).run(source);
  }

  /** The first pass places labels, which instructions may use ahead; the second emits. */
  private Program run(String source) {
    List<Statement> statements = Statement.read(source, errors);
    run(statements);
    placing = false;
    position = 0;
    steps = 0;
    symbols = symbols.withLabels(labels);
    run(statements);
    errors.check();
    return Program.of(output, labels);
  }

  private void run(List<Statement> statements) {
    for (Statement statement : statements) {
      try {
        if (statement instanceof Statement.Label label) {
          label(label);
        } else if (statement instanceof Statement.Line line) {
          step(line.line(), line.tokens().get(0));
          line(line);
        } else if (statement instanceof Statement.Repeat repeat) {
          repeat(repeat);
        }
      } catch (Token.SyntaxException e) {
        faults++;
        errors.add(statement.line(), e.column(), e.problem());
      } catch (SymbolTable.UndefinedByError e) {
        faults++;
      }
    }
  }

  private void step(int line, Token token) {
    if (++steps > MAX_STEPS) {
      throw errors.fatal(
          line,
          token.column(),
          "repeat blocks unroll to more lines than expected, at most " + MAX_STEPS);
    }
  }

  private void label(Statement.Label label) {
    if (!placing) {
      return;
    }
    if (label.repeated()) {
      symbols.defineBroken(label.name());
      throw label
          .name()
          .error("label " + label.name() + " inside `.repeat`, expected labels outside only");
    }
    symbols.define(label.name(), position);
    labels.put(label.name().text(), position);
  }

  private void repeat(Statement.Repeat repeat) {
    LineParser parser = new LineParser(repeat.tokens(), symbols);
    Token directive = parser.next();
    int count = parser.intValue("repeat count", 0, MAX_INSTRUCTIONS);
    Token variable = null;
    if (parser.peek().text().equals("as")) {
      parser.next();
      variable = parser.name("a variable name");
    }
    parser.end();
    // One faulty round is enough: the others would repeat its errors.
    int faultsBefore = faults;
    for (int i = 0; i < count && faults == faultsBefore; i++) {
      step(repeat.line(), directive);
      int scope = symbols.open();
      if (variable != null) {
        symbols.define(variable, i);
      }
      run(repeat.body());
      symbols.close(scope);
    }
  }

  private void line(Statement.Line line) {
    LineParser parser = new LineParser(line.tokens(), symbols);
    Token first = parser.next();
    if (first.kind() != Token.Kind.NAME) {
      throw first.error("found " + first + ", expected a mnemonic, a label or a directive");
    }
    if (first.text().equals(".const")) {
      constant(parser);
    } else if (first.text().startsWith(".")) {
      throw first.error("unknown directive " + first + ", expected .const, .repeat or .end");
    } else if (first.text().equalsIgnoreCase("NOP")) {
      int count = 1;
      if (parser.peek().kind() != Token.Kind.END) {
        count = parser.intValue("NOP count", 0, MAX_INSTRUCTIONS);
        parser.end();
      }
      emit(line.line(), first, Nop.INSTANCE, count);
    } else if (placing) {
      emit(line.line(), first, Nop.INSTANCE, 1);
    } else {
      emit(line.line(), first, new InstructionParser(parser, encoding).parse(first), 1);
    }
  }

  private void constant(LineParser parser) {
    Token name = parser.name("a constant name");
    try {
      parser.expect("=");
      long value = parser.value(name.text(), Long.MIN_VALUE, Long.MAX_VALUE);
      parser.end();
      symbols.define(name, value);
    } catch (Token.SyntaxException | SymbolTable.UndefinedByError e) {
      symbols.defineBroken(name);
      throw e;
    }
  }

  private void emit(int line, Token token, Instruction instruction, int count) {
    if (count > MAX_INSTRUCTIONS - position) {
      throw errors.fatal(
          line,
          token.column(),
          "program of "
              + ((long) position + count)
              + " instructions or more, expected at most "
              + MAX_INSTRUCTIONS);
    }
    position += count;
    if (!placing) {
      for (int i = 0; i < count; i++) {
        output.add(instruction);
      }
    }
  }
}
