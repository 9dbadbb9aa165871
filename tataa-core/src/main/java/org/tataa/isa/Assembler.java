package org.tataa.isa;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Turns text into programs.
 *
 * <pre>
 * ; comment
 * .const BASE = 0x4000             ; integers; + - * / % &lt;&lt; &gt;&gt; and parentheses; bf16(1.5) is a pattern
 * start:  LOAD.M X, tile=0, depth=64, addr=BASE, bytes=2048
 *         CONFIG.CONST C2, bf16(0.5)
 * .repeat 4 as i                   ; nestable; i is 0..3
 *         V.MUL A3, -B4 -&gt; B7      ; any of A,B A,A B,B A,-B A,C -A,C C,B C,-B; -&gt; DMB
 *         STORE.V bf16, words=8, addr=BASE + i*256, bytes=256
 * .end
 *         NOP 16
 *         HALT
 * </pre>
 *
 * <p>A label is the index of the next instruction. {@code bytes} may be left out; it is then that of
 * the prototype, 32 bytes per word.
 */
public final class Assembler {
  private static final int MAX_INSTRUCTIONS = 1 << 24;
  private static final int MAX_NESTING = 16;
  private static final int MAX_ERRORS = 20;
  private static final int WORD_BYTES = 32;

  /** One source line, or a repeat block of lines. */
  private sealed interface Statement permits Line, Repeat {}

  private record Line(int number, List<Token> tokens) implements Statement {}

  private record Repeat(int number, List<Token> tokens, List<Statement> body)
      implements Statement {}

  private final String file;
  private final Set<AssemblyException.Diagnostic> errors = new LinkedHashSet<>();
  private final Map<String, Integer> labels = new TreeMap<>();
  private final List<Instruction> output = new ArrayList<>();
  private Map<String, Long> names = new HashMap<>();
  private boolean placing;
  private int position;
  private int nesting;

  private Assembler(String file) {
    this.file = file;
  }

  /**
   * Assembles a source text.
   *
   * @param file name for error messages
   * @throws AssemblyException with up to 20 errors, each with line and column
   */
  public static Program assemble(String source, String file) {
    return new Assembler(file).run(source);
  }

  private Program run(String source) {
    List<Statement> statements = parse(source);
    check();
    // First pass: only positions, so that labels can be used before they are defined.
    placing = true;
    pass(statements);
    check();
    placing = false;
    position = 0;
    Map<String, Long> known = new HashMap<>();
    labels.forEach((label, index) -> known.put(label, (long) index));
    names = known;
    pass(statements);
    check();
    return Program.of(output, labels);
  }

  private void check() {
    if (!errors.isEmpty()) {
      throw new AssemblyException(List.copyOf(errors));
    }
  }

  private void report(int line, int column, String message) {
    errors.add(new AssemblyException.Diagnostic(file, line, column, message));
    if (errors.size() >= MAX_ERRORS) {
      check();
    }
  }

  private List<Statement> parse(String source) {
    List<List<Statement>> open = new ArrayList<>();
    List<Repeat> repeats = new ArrayList<>();
    open.add(new ArrayList<>());
    int number = 0;
    for (String text : source.split("\\R", -1)) {
      number++;
      List<Token> tokens;
      try {
        tokens = Token.split(text);
      } catch (Token.SyntaxException e) {
        report(number, e.column(), e.problem());
        continue;
      }
      Token first = tokens.get(0);
      List<Statement> current = open.get(open.size() - 1);
      if (first.text().equals(".repeat")) {
        if (repeats.size() == MAX_NESTING) {
          report(number, first.column(), "more than " + MAX_NESTING + " nested .repeat blocks");
          check();
        }
        Repeat repeat = new Repeat(number, tokens, new ArrayList<>());
        current.add(repeat);
        repeats.add(repeat);
        open.add(repeat.body());
      } else if (first.text().equals(".end")) {
        if (repeats.isEmpty()) {
          report(number, first.column(), "`.end` without `.repeat`");
        } else {
          repeats.remove(repeats.size() - 1);
          open.remove(open.size() - 1);
          if (tokens.get(1).kind() != Token.Kind.END) {
            report(
                number,
                tokens.get(1).column(),
                "found " + tokens.get(1) + ", expected end of line");
          }
        }
      } else if (first.kind() != Token.Kind.END) {
        current.add(new Line(number, tokens));
      }
    }
    for (Repeat repeat : repeats) {
      report(repeat.number(), repeat.tokens().get(0).column(), "`.repeat` without `.end`");
    }
    return open.get(0);
  }

  private void pass(List<Statement> statements) {
    for (Statement statement : statements) {
      int number = statement instanceof Line line ? line.number() : ((Repeat) statement).number();
      try {
        if (statement instanceof Line line) {
          line(line);
        } else {
          repeat((Repeat) statement);
        }
      } catch (Token.SyntaxException e) {
        report(number, e.column(), e.problem());
      }
    }
  }

  private void repeat(Repeat repeat) {
    LineParser parser = new LineParser(repeat.tokens(), names, false);
    parser.next();
    int count = parser.intValue("repeat count", 0, MAX_INSTRUCTIONS);
    String variable = "";
    if (parser.peek().kind() == Token.Kind.NAME && parser.peek().text().equals("as")) {
      parser.next();
      variable = parser.name("a variable name");
    }
    parser.end();
    Long outer = names.get(variable);
    nesting++;
    for (long i = 0; i < count; i++) {
      if (!variable.isEmpty()) {
        names.put(variable, i);
      }
      int before = position;
      pass(repeat.body());
      if (position == before && errors.isEmpty()) {
        break;
      }
    }
    nesting--;
    if (!variable.isEmpty()) {
      names.remove(variable);
      if (outer != null) {
        names.put(variable, outer);
      }
    }
  }

  private void line(Line line) {
    List<Token> tokens = line.tokens();
    int start = 0;
    while (tokens.get(start).kind() == Token.Kind.NAME && tokens.get(start + 1).is(":")) {
      label(tokens.get(start));
      start += 2;
    }
    if (tokens.get(start).kind() == Token.Kind.END) {
      return;
    }
    LineParser parser =
        new LineParser(tokens.subList(start, tokens.size()), names, placing);
    Token first = parser.next();
    if (first.kind() != Token.Kind.NAME) {
      throw LineParser.error(
          first, "found " + first + ", expected a mnemonic, a label or a directive");
    }
    if (first.text().equals(".const")) {
      constant(parser);
    } else if (first.text().startsWith(".")) {
      throw LineParser.error(
          first, "unknown directive " + first + ", expected .const, .repeat or .end");
    } else if (first.text().equalsIgnoreCase("NOP")) {
      // NOP counts move labels, so they must be known in the first pass already.
      LineParser strict =
          new LineParser(tokens.subList(start + 1, tokens.size()), names, false);
      int count = InstructionParser.nopCount(strict);
      strict.end();
      for (int i = 0; i < count; i++) {
        emit(first, new Nop());
      }
    } else {
      emit(first, new InstructionParser(parser, WORD_BYTES).parse(first));
    }
  }

  private void label(Token token) {
    if (!placing) {
      return;
    }
    if (nesting > 0) {
      throw LineParser.error(token, "label " + token + " inside .repeat would be defined twice");
    }
    if (labels.putIfAbsent(token.text(), position) != null || names.containsKey(token.text())) {
      throw LineParser.error(token, token + " is already defined");
    }
    names.put(token.text(), (long) position);
  }

  private void constant(LineParser parser) {
    Token name = parser.peek();
    String text = parser.name("a constant name");
    parser.expect("=");
    LineParser strict = parser;
    long value = strict.value(text, Long.MIN_VALUE, Long.MAX_VALUE);
    parser.end();
    if (names.containsKey(text) && nesting == 0) {
      throw LineParser.error(name, name + " is already defined");
    }
    names.put(text, value);
  }

  private void emit(Token token, Instruction instruction) {
    if (position == MAX_INSTRUCTIONS) {
      report(0, token.column(), "program exceeds " + MAX_INSTRUCTIONS + " instructions");
      check();
    }
    position++;
    if (!placing) {
      output.add(instruction);
    }
  }
}
