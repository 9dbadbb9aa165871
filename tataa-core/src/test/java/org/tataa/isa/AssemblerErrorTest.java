package org.tataa.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where an error is and what it says. */
class AssemblerErrorTest {
  private static final String SLOT = "a slot A0..A31 or B0..B31";
  private static final String SOURCE = "a source A0..A31, B0..B31 or C0..C7";

  private static List<String> errors(String source) {
    AssemblyException e =
        catchThrowableOfType(AssemblyException.class, () -> Assembler.assemble(source, "t.s"));
    assertThat(e).as("error for: " + source).isNotNull();
    List<String> lines = e.errors().stream().map(Object::toString).toList();
    assertThat(e).hasMessage(String.join("\n", lines));
    return lines;
  }

  /** Columns: text, column, message; {@code ~} stands for a line end. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HALT ?|6|unexpected character `?`, expected a name, a number or one of -> << >> , = : ( )"
            + " + - * / % (comments start with ;)",
        "# x|1|unexpected character `#`, expected a name, a number or one of -> << >> , = : ( ) + -"
            + " * / % (comments start with ;)",
        "FOO 1|1|unknown mnemonic `FOO`, expected NOP, HALT, CONFIG.SCALE, CONFIG.CONST, LOAD.M,"
            + " LOAD.V, MATMUL, V.MUL, V.ADD, V.APP, V.MAX, V.MIN, V.FLOOR, V.EXP2I, STORE.M or"
            + " STORE.V",
        "12 HALT|1|found `12`, expected a mnemonic, a label or a directive",
        "-> HALT|1|found `->`, expected a mnemonic, a label or a directive",
        ".org 4|1|unknown directive `.org`, expected .const, .repeat or .end",
        "HALT 1|6|found `1`, expected end of line",
        "NOP 1 2|7|found `2`, expected end of line",
        "NOP -1|5|NOP count is -1, expected 0..16777216",
        "NOP x|5|unknown name `x`, expected a constant, variable or label defined above",
        "CONFIG.SCALE 25, 3|14|found `25`, expected `man=`",
        "CONFIG.SCALE shift=3|14|found `shift`, expected `man=`",
        "CONFIG.SCALE man 3|18|found `3`, expected `=`",
        "CONFIG.SCALE man=32768, shift=3|18|man is 32768, expected -32768..32767",
        "CONFIG.SCALE man=1 shift=3|20|found `shift`, expected `,`",
        "CONFIG.SCALE man=1, shift=32|27|shift is 32, expected 0..31",
        "CONFIG.CONST C8, 0|14|found `C8`, expected a constant register C0..C7",
        "CONFIG.CONST A1, 0|14|found `A1`, expected a constant register C0..C7",
        "CONFIG.CONST C1, 0x10000|18|constant is 65536, expected 0..65535",
        "CONFIG.CONST C1|16|found end of line, expected `,`",
        "CONFIG.CONST C1,|17|found end of line, expected a number, name or `(`",
        "CONFIG.CONST C1, 09x|18|bad number `09x`, expected decimal, 0x or 0b digits of a 64-bit"
            + " integer",
        "CONFIG.CONST C1, 0xg|18|bad number `0xg`, expected decimal, 0x or 0b digits of a 64-bit"
            + " integer",
        "CONFIG.CONST C1, 9223372036854775808|18|bad number `9223372036854775808`, expected"
            + " decimal, 0x or 0b digits of a 64-bit integer",
        "CONFIG.CONST C1, 1 / 0|20|division by zero, expected another divisor",
        "CONFIG.CONST C1, 1 % (2-2)|20|division by zero, expected another divisor",
        "CONFIG.CONST C1, 9223372036854775807 + 1|18|constant overflows, expected a 64-bit integer",
        "CONFIG.CONST C1, 4611686018427387904 << 1|18|constant overflows, expected a 64-bit"
            + " integer",
        "CONFIG.CONST C1, 1 << 64|20|shift distance is 64, expected 0..63",
        "CONFIG.CONST C1, 1 >> -1|20|shift distance is -1, expected 0..63",
        "CONFIG.CONST C1, (1 + 2|24|found end of line, expected `)`",
        "CONFIG.CONST C1, nope|18|unknown name `nope`, expected a constant, variable or label",
        "CONFIG.CONST C1, bf16|22|found end of line, expected `(`",
        "CONFIG.CONST C1, bf16(x)|23|bad number `x`, expected a decimal number, inf, -inf or nan",
        "CONFIG.CONST C1, bf16()|23|bad number ``, expected a decimal number, inf, -inf or nan",
        "CONFIG.CONST C1, bf16(1f)|23|bad number `1f`, expected a decimal number, inf, -inf or nan",
        "CONFIG.CONST C1, bf16(1 2)|25|found `2`, expected `)`",
        "CONFIG.CONST C1, bf16(1.5|26|found end of line, expected `)`",
        "CONFIG.CONST C1, bf16(3.4e38)|23|3.4e38 is too large for bf16, expected inf or at most"
            + " 3.3895314e38",
        "LOAD.M Z, tile=0|8|found `Z`, expected X or Y",
        "LOAD.M X, tile=2, depth=1, addr=0|16|tile is 2, expected 0..1",
        "LOAD.M X, tile=0, depth=0, addr=0|25|depth is 0, expected 1..512",
        "LOAD.M X, tile=0, depth=513, addr=0|25|depth is 513, expected 1..512",
        "LOAD.M X, tile=0, depth=1, addr=0x100000000|33|addr is 4294967296, expected 0..4294967295",
        "LOAD.M X, tile=0, depth=1, addr=0, bytes=65536|42|bytes is 65536, expected 0..65535",
        "LOAD.V A32, addr=0|8|found `A32`, expected " + SLOT,
        "LOAD.V A007, addr=0|8|found `A007`, expected " + SLOT,
        "LOAD.V C3, addr=0|8|found `C3`, expected " + SLOT,
        "LOAD.V A, addr=0|8|found `A`, expected " + SLOT,
        "LOAD.V A3, bytes=0|12|found `bytes`, expected `addr=`",
        "MATMUL x=0, y=0, depth=1, drain, clear|32|found `,`, expected end of line",
        "MATMUL x=0, y=0, depth=1, clear, clear|34|found `clear`, expected `drain`",
        "MATMUL x=0, y=0, depth=1, fast|27|found `fast`, expected `clear` or `drain`",
        "STORE.M int4, words=1|9|found `int4`, expected `int8` or `bf16`",
        "STORE.M int8, words=257, addr=0|21|words is 257, expected 1..256",
        "STORE.V bf16, words=1, addr=0, flip|32|found `flip`, expected `bytes=` or `transpose`",
        "STORE.V bf16, words=1, addr=0, bytes=1, flip|41|found `flip`, expected `transpose`",
        "V.MUL A1 -> B1|10|found `->`, expected `,` and a second source",
        "V.MUL D1, B1 -> B1|7|found `D1`, expected " + SOURCE,
        "V.MUL A1, C8 -> B1|11|found `C8`, expected " + SOURCE,
        "V.MUL A1, 3 -> B1|11|found `3`, expected " + SOURCE,
        "V.MUL A1, B1, C1 -> B1|13|found `,`, expected `->`",
        "V.MUL B1, A1 -> B1|7|sources B,A, expected one of A,B A,A B,B A,-B A,C -A,C C,B C,-B",
        "V.MUL -A1, B1 -> B1|7|sources -A,B, expected one of A,B A,A B,B A,-B A,C -A,C C,B C,-B",
        "V.MUL A1, A2 -> B1|11|found `A2`, expected `A1`: a bank delivers one slot",
        "V.APP -B1 -> B1|7|source -B, expected A, -A, B or C",
        "V.MUL A1, B1 -> C1|17|found `C1`, expected DMB or " + SLOT,
        "V.MUL A1, B1 ->|16|found end of line, expected DMB or " + SLOT,
        "V.MUL A1, B1 -> B1, a=2|21|found `a`, expected one of a=, b=, c=, dest= that is not given"
            + " yet",
        "V.MUL A1, B1 -> B1, c=2, c=2|26|found `c`, expected one of a=, b=, c=, dest= that is not"
            + " given yet",
        "V.MUL A1, B1 -> B1, dest=A1|21|found `dest`, expected one of a=, b=, c=, dest= that is not"
            + " given yet",
        "V.MUL A1, B1 -> DMB, dest=C1|27|found `C1`, expected " + SLOT,
        "V.MUL A1, B1 -> DMB, c=8|24|c is 8, expected 0..7",
        "V.MUL A1, B1 -> DMB, ab=8|22|found `ab`, expected one of a=, b=, c=, dest= that is not"
            + " given yet",
        ".const = 3|8|found `=`, expected a constant name",
        ".const N 3|10|found `3`, expected `=`",
        ".const N = 3 3|14|found `3`, expected end of line",
        ".const N = later~later:|12|unknown name `later`, expected a constant, variable or label"
            + " defined above",
        ".const bf16 = 1|8|found `bf16`, expected a name: letters, digits, dots and underscores,"
            + " but not bf16",
        ".x: HALT|1|found `.x`, expected a name: letters, digits, dots and underscores, but not"
            + " bf16",
        ".repeat~.end|8|found end of line, expected a number, name or `(`",
        ".repeat -1~.end|9|repeat count is -1, expected 0..16777216",
        ".repeat 1 as 3~.end|14|found `3`, expected a variable name",
        ".repeat 1 i~.end|11|found `i`, expected end of line",
      })
  void oneErrorOnTheFirstLine(String source, int column, String message) {
    assertThat(errors(source.replace('~', '\n')).get(0))
        .isEqualTo("t.s:1:" + column + ": error: " + message);
  }

  @Test
  void definitionsAreUnique() {
    assertThat(errors("a:\na: HALT"))
        .containsExactly("t.s:2:1: error: `a` is already defined, expected a new name");
    assertThat(errors(".const a = 1\n.const a = 2"))
        .containsExactly("t.s:2:8: error: `a` is already defined, expected a new name");
    assertThat(errors(".const a = 1\n  a:"))
        .containsExactly("t.s:2:3: error: `a` is already defined, expected a new name");
    assertThat(errors("a:\n.repeat 2 as a\nNOP\n.end"))
        .containsExactly("t.s:2:14: error: `a` is already defined, expected a new name");
    assertThat(errors(".repeat 2 as a\nNOP\n.end\na:"))
        .containsExactly("t.s:1:14: error: `a` is already defined, expected a new name");
    assertThat(errors(".repeat 2 as i\n.repeat 2 as i\nNOP\n.end\n.end"))
        .containsExactly("t.s:2:14: error: `i` is already defined, expected a new name");
  }

  @Test
  void blocksMustMatch() {
    assertThat(errors("NOP\n  .end")).containsExactly("t.s:2:3: error: `.end` without `.repeat`");
    assertThat(errors("NOP\n .repeat 2\n.repeat 3\nNOP\n.end"))
        .containsExactly("t.s:2:2: error: `.repeat` without `.end`");
    assertThat(errors(".repeat 2\nNOP\n.end 3"))
        .containsExactly("t.s:3:6: error: found `3`, expected end of line");
    assertThat(errors(".repeat 2\n  x: NOP\n.end"))
        .containsExactly(
            "t.s:2:3: error: label `x` inside `.repeat`, expected labels outside only");
    assertThat(errors(".repeat 1\n".repeat(17)))
        .contains("t.s:17:1: error: `.repeat` inside 16 others, expected at most 16 levels");
  }

  @Test
  void allErrorsOfATextAreReportedInOrder() {
    assertThat(
            errors(
                """
                .const N = 3 *
                HALT !
                LOAD.V A32, addr=0
                NOP N           ; N is in error already: not reported again
                .repeat 1000 as i
                  CONFIG.CONST C0, i + missing
                  CONFIG.CONST C9, i
                .end
                NOP 1 2
                start: start:
                CONFIG.CONST C0, start + N
                """))
        .containsExactly(
            "t.s:1:15: error: found end of line, expected a number, name or `(`",
            "t.s:2:6: error: unexpected character `!`, expected a name, a number or one of"
                + " -> << >> , = : ( ) + - * / % (comments start with ;)",
            "t.s:3:8: error: found `A32`, expected a slot A0..A31 or B0..B31",
            "t.s:6:24: error: unknown name `missing`, expected a constant, variable or label",
            "t.s:7:16: error: found `C9`, expected a constant register C0..C7",
            "t.s:9:7: error: found `2`, expected end of line",
            "t.s:10:8: error: `start` is already defined, expected a new name");
  }

  @Test
  void errorsInLaterRoundsOfABlockAreFound() {
    assertThat(errors(".repeat 10 as i\nCONFIG.SCALE man=0, shift=28+i\n.end"))
        .containsExactly("t.s:2:27: error: shift is 32, expected 0..31");
  }

  @Test
  void noMoreThanTwentyErrors() {
    List<String> lines = errors("BOGUS\n".repeat(100));
    assertThat(lines).hasSize(20);
    IntStream.range(0, 20)
        .forEach(i -> assertThat(lines.get(i)).startsWith("t.s:" + (i + 1) + ":1: error:"));
  }

  @Test
  void programsAndUnrollingAreBounded() {
    assertThat(errors("NOP 16777216\nHALT"))
        .containsExactly(
            "t.s:2:1: error: program of 16777217 instructions or more, expected at most 16777216");
    assertThat(errors(".repeat 65536\n.repeat 65536\n  NOP 2\n.end\n.end"))
        .containsExactly(
            "t.s:3:3: error: program of 16777218 instructions or more, expected at most 16777216");
    assertThat(errors(".repeat 16777216\n.repeat 16777216\n.end\n.end"))
        .containsExactly(
            "t.s:2:1: error: repeat blocks unroll to more lines than expected, at most 33554432");
  }

  @Test
  void deepExpressionsAreRefused() {
    assertThat(errors("NOP " + "(".repeat(50_000)))
        .containsExactly("t.s:1:69: error: expression is too deep, expected at most 64 levels");
    assertThat(errors("NOP " + "-".repeat(50_000)))
        .containsExactly("t.s:1:69: error: expression is too deep, expected at most 64 levels");
  }

  @Test
  void damagedTextIsAProgramOrHasErrorsInsideTheText() {
    long seed = 77;
    Random random = new Random(seed);
    String alphabet = " ABCX0179.,=:()+-*/%<>;_xbn\n\t#é";
    RandomInstructions instructions = new RandomInstructions(seed);
    int rejected = 0;
    for (int i = 0; i < 5000; i++) {
      StringBuilder text = new StringBuilder(".const K = bf16(1.5)\n.repeat 2 as i\n");
      for (int n = 0; n < 3; n++) {
        text.append(n == 1 ? "l: " : "")
            .append(instructions.next())
            .append(n == 0 ? "\n.end\n" : "\n");
      }
      for (int n = random.nextInt(3); n >= 0; n--) {
        int at = random.nextInt(text.length());
        int length = random.nextInt(3);
        String replacement =
            random.nextBoolean()
                ? ""
                : String.valueOf(alphabet.charAt(random.nextInt(alphabet.length())));
        text.replace(at, Math.min(at + length, text.length()), replacement);
      }
      String source = text.toString();
      String[] lines = source.split("\n", -1);
      try {
        Program program = Assembler.assemble(source, "t.s");
        assertThat(Program.ofWords(words(program))).isEqualTo(program);
      } catch (AssemblyException e) {
        rejected++;
        assertThat(e.errors())
            .allSatisfy(
                d -> {
                  assertThat(d.line()).isBetween(1, lines.length);
                  assertThat(d.column()).isBetween(1, lines[d.line() - 1].length() + 1);
                });
      } catch (RuntimeException e) {
        fail("seed %d, draw %d: %s for%n%s", seed, i, e, source);
      }
    }
    assertThat(rejected).isBetween(2000, 5000);
  }

  private static long[] words(Program program) {
    return IntStream.range(0, program.size()).mapToLong(program::word).toArray();
  }
}
