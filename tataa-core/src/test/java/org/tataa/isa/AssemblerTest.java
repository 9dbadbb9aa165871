package org.tataa.isa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AssemblerTest {
  private static String canonical(String source) {
    return Disassembler.disassemble(Assembler.assemble(source, "test.s"));
  }

  @Test
  void labelsConstantsCommentsAndRepeatBlocks() {
    Program program =
        Assembler.assemble(
            """
            ; a whole line
            .const BASE = 0x4000
            .const STEP = 4 * (32 + 0b100_000) ; 256
            start:  LOAD.V A3, addr=BASE + STEP, bytes=STEP
            again: also:
                    CONFIG.CONST C0, end - start
            .repeat 2 as i
              .repeat 3 as j
                .const WHERE = (i * 3 + j) * STEP
                V.MUL A3, -B4 -> B7
                STORE.V bf16, words=8, addr=WHERE, bytes=256
              .end
              NOP i
            .end
            end:    halt
            """,
            "test.s");
    assertThat(program.labels()).isEqualTo(Map.of("start", 0, "again", 1, "also", 1, "end", 15));
    assertThat(Disassembler.disassemble(program))
        .startsWith("start:\nLOAD.V A3, addr=0x4100, bytes=256\nagain:\n")
        .contains("CONFIG.CONST C0, 0x000f\n")
        .contains("STORE.V bf16, words=8, addr=0x500, bytes=256\nNOP\nend:\nHALT\n");
    assertThat(program.size()).isEqualTo(16);
  }

  @Test
  void leftOutBytesAreThoseOfThePrototype() {
    assertThat(
            canonical(
                """
                LOAD.M X, tile=0, depth=512, addr=0
                LOAD.V B31, addr=0
                STORE.M int8, words=32, addr=0
                STORE.M bf16, words=256, addr=0
                STORE.V int8, words=8, addr=0, transpose
                STORE.V bf16, words=8, addr=0
                """))
        .isEqualTo(
            """
            LOAD.M X, tile=0, depth=512, addr=0x0, bytes=16384
            LOAD.V B31, addr=0x0, bytes=256
            STORE.M int8, words=32, addr=0x0, bytes=1024
            STORE.M bf16, words=256, addr=0x0, bytes=16384
            STORE.V int8, words=8, addr=0x0, bytes=256, transpose
            STORE.V bf16, words=8, addr=0x0, bytes=256
            """);
  }

  @Test
  void mnemonicsMayBeInLowerCaseAndSpacesAreFree() {
    assertThat(canonical("v.max A1,B1->DMB\r\n\tmatmul x = 0 ,y=1,depth=64 , drain\rNop 0\nnop 2"))
        .isEqualTo("V.MAX A1, B1 -> DMB\nMATMUL x=0, y=1, depth=64, drain\nNOP 2\n");
  }

  @ParameterizedTest
  @CsvSource({
    "1 + 2 * 3, 7",
    "(1 + 2) * 3, 9",
    "10 - 2 - 3, 5",
    "100 / 7 % 5, 4",
    "-(-5), 5",
    "- -5, 5",
    "1 << 4 + 1, 32",
    "0x8000 >> 3 << 1, 8192",
    "-1 + 0x10000, 65535",
    "0b1010, 10",
    "65_535, 65535",
    "9223372036854775807 - 9223372036854775800, 7",
    "bf16(1.0), 0x3f80",
    "bf16(-1), 0xbf80",
    "bf16(3.140625), 0x4049",
    "bf16(.5), 0x3f00",
    "bf16(2.), 0x4000",
    "bf16(1e-5), 0x3728",
    "bf16(1.5E+2), 0x4316",
    "bf16(0), 0",
    "bf16(-0.0), 0x8000",
    "bf16(1e-40), 0x0001",
    "bf16(3.3895314e38), 0x7f7f",
    "bf16(1.00390625), 0x3f80",
    "bf16(1.01171875), 0x3f82",
    "bf16(inf), 0x7f80",
    "bf16( -inf ), 0xff80",
    "bf16(nan), 0x7fc0",
    "bf16(1) + 1, 0x3f81",
  })
  void expressions(String expression, String expected) {
    Program program = Assembler.assemble("CONFIG.CONST C1, " + expression, "test.s");
    assertThat(program.instruction(0)).isEqualTo(new ConfigConst(1, Integer.decode(expected)));
  }

  @Test
  void repeatBlocksOfNothingAndZeroTimes() {
    assertThat(canonical(".repeat 0\nBOGUS\n.end\nHALT")).isEqualTo("HALT\n");
    assertThat(canonical(".repeat 1000\n.repeat 1000\n.end\n.end\nHALT")).isEqualTo("HALT\n");
    assertThat(canonical(".repeat 4 as i\nNOP i\n.end")).isEqualTo("NOP 6\n");
  }

  @Test
  void blocksNestSixteenDeep() {
    String source = ".repeat 2\n".repeat(16) + "NOP\n" + ".end\n".repeat(16);
    assertThat(Assembler.assemble(source, "deep.s").size()).isEqualTo(1 << 16);
  }

  @Test
  void aVariableOrInnerConstantIsFreeAgainAfterItsBlock() {
    assertThat(
            canonical(
                """
                .repeat 2 as i
                .const T = i
                CONFIG.CONST C0, T
                .end
                .repeat 1 as i
                .const T = 7
                CONFIG.CONST C0, T
                .end
                .const i = 9
                CONFIG.CONST C0, i
                """))
        .isEqualTo(
            """
            CONFIG.CONST C0, 0x0000
            CONFIG.CONST C0, 0x0001
            CONFIG.CONST C0, 0x0007
            CONFIG.CONST C0, 0x0009
            """);
  }

  @Test
  void labelsMayBeUsedAheadWhereTheirPlaceDoesNotDependOnIt() {
    Program program =
        Assembler.assemble("CONFIG.CONST C0, far\nstart: NOP 5\nfar:\nNOP far - start\n", "t.s");
    assertThat(program.instruction(0)).isEqualTo(new ConfigConst(0, 6));
    assertThat(program.size()).isEqualTo(11);
  }
}
