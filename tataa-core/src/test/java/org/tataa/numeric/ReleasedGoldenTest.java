package org.tataa.numeric;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.ArithmeticProfile;

/** Every recorded vector of the released datapath. */
class ReleasedGoldenTest {
  private static final Bf16Unit UNIT = Bf16Unit.of(ArithmeticProfile.RELEASED_RTL);
  private static final Requantizer REQUANTIZER = new Requantizer(ArithmeticProfile.RELEASED_RTL);

  private static List<String> lines(String file) throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                ReleasedGoldenTest.class.getResourceAsStream("/golden/" + file),
                StandardCharsets.UTF_8))) {
      return reader.lines().skip(1).toList();
    }
  }

  private static int hex(String digits) {
    return Integer.parseInt(digits, 16);
  }

  @Test
  void products() throws IOException {
    List<String> lines = lines("bf16_mul.csv");
    assertEquals(10_000, lines.size());
    for (String line : lines) {
      String[] cells = line.split(",");
      assertEquals(hex(cells[2]), UNIT.mul(hex(cells[0]), hex(cells[1])), line);
    }
  }

  @Test
  void sums() throws IOException {
    List<String> lines = lines("bf16_add.csv");
    assertEquals(10_000, lines.size());
    for (String line : lines) {
      String[] cells = line.split(",");
      assertEquals(hex(cells[2]), UNIT.add(hex(cells[0]), hex(cells[1])), line);
    }
  }

  @Test
  void accumulators() throws IOException {
    AccumulatorReadout readout = AccumulatorReadout.of(AccumulatorKind.PACKED_INT16);
    for (String line : lines("int8_mac.csv")) {
      String[] cells = line.split(",");
      int depth = Integer.parseInt(cells[1]);
      long register = 0;
      long sumLo = 0;
      long sumHi = 0;
      for (int k = 0; k < depth; k++) {
        int x = (byte) hex(cells[3].substring(2 * k, 2 * k + 2));
        int lo = (byte) hex(cells[4].substring(2 * k, 2 * k + 2));
        int hi = (byte) hex(cells[5].substring(2 * k, 2 * k + 2));
        register = PackedMac.accumulate(register, PackedMac.packWeights(hi, lo), x);
        sumLo += x * lo;
        sumHi += x * PackedMac.effectiveHi(hi, lo);
      }
      String what = cells[0];
      assertEquals(hex(cells[6]), PackedMac.hi16(register) & 0xffff, what);
      assertEquals(hex(cells[7]), PackedMac.lo16(register) & 0xffff, what);
      assertEquals(register, PackedMac.register48(sumLo, sumHi), what);
      assertEquals(PackedMac.hi16(register), readout.hi(sumLo, sumHi), what);
      assertEquals(PackedMac.lo16(register), readout.lo(sumLo, sumHi), what);
    }
  }

  @Test
  void requantisation() throws IOException {
    for (String line : lines("quant_i8i8.csv")) {
      String[] c = line.split(",");
      int actual =
          REQUANTIZER.accToInt8((short) hex(c[1]), (short) hex(c[2]), Integer.parseInt(c[3]));
      assertEquals(hex(c[4]), actual, line);
    }
    for (String line : lines("quant_i8f16.csv")) {
      String[] c = line.split(",");
      int actual =
          REQUANTIZER.accToBf16((short) hex(c[1]), (short) hex(c[2]), Integer.parseInt(c[3]));
      assertEquals(hex(c[4]), actual, line);
    }
    for (String line : lines("quant_f16i8.csv")) {
      String[] c = line.split(",");
      int actual = REQUANTIZER.bf16ToInt8(hex(c[1]), (short) hex(c[2]), Integer.parseInt(c[3]));
      assertEquals(hex(c[4]), actual, line);
    }
  }
}
