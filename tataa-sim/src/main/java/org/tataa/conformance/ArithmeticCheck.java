package org.tataa.conformance;

import java.util.function.IntBinaryOperator;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.ArithmeticProfile;
import org.tataa.numeric.AccumulatorReadout;
import org.tataa.numeric.Bf16Unit;
import org.tataa.numeric.PackedMac;
import org.tataa.numeric.Requantizer;

/** Checks of the files that hold operands and results only: bf16, int8 MAC, requantiser. */
final class ArithmeticCheck {
  private static final Bf16Unit BF16 = Bf16Unit.of(ArithmeticProfile.RELEASED_RTL);
  private static final Requantizer REQUANTIZER = new Requantizer(ArithmeticProfile.RELEASED_RTL);

  private ArithmeticCheck() {}

  static FileResult multiply(GoldenTable table) {
    return binary(table, BF16::mul);
  }

  static FileResult add(GoldenTable table) {
    return binary(table, BF16::add);
  }

  private static FileResult binary(GoldenTable table, IntBinaryOperator operation) {
    FileResult result = new FileResult(table.name());
    for (GoldenTable.Row row : table.rows()) {
      result.line();
      int a = row.hex(0);
      int b = row.hex(1);
      String what = String.format("%04x, %04x", a, b);
      result.compare(row.line(), what, hex4(row.hex(2)), hex4(operation.applyAsInt(a, b)));
    }
    return result;
  }

  static FileResult mac(GoldenTable table) {
    AccumulatorReadout readout = AccumulatorReadout.of(AccumulatorKind.PACKED_INT16);
    FileResult result = new FileResult(table.name());
    for (GoldenTable.Row row : table.rows()) {
      result.line();
      int depth = row.decimal(1);
      byte[] x = row.bytes(3, depth);
      byte[] lo = row.bytes(4, depth);
      byte[] hi = row.bytes(5, depth);
      long sumLo = 0;
      long sumHi = 0;
      for (int k = 0; k < depth; k++) {
        sumLo += x[k] * lo[k];
        sumHi += x[k] * PackedMac.effectiveHi(hi[k], lo[k]);
      }
      String what = "MAC " + row.text(0) + " of depth " + depth;
      String actual = hex4(readout.hi(sumLo, sumHi)) + " " + hex4(readout.lo(sumLo, sumHi));
      result.compare(row.line(), what, hex4(row.hex(6)) + " " + hex4(row.hex(7)), actual);
    }
    return result;
  }

  static FileResult accToInt8(GoldenTable table) {
    return requantise(table, (in, man, exp) -> REQUANTIZER.accToInt8((short) in, man, exp) & 0xff);
  }

  static FileResult accToBf16(GoldenTable table) {
    return requantise(
        table, (in, man, exp) -> REQUANTIZER.accToBf16((short) in, man, exp) & 0xffff);
  }

  static FileResult bf16ToInt8(GoldenTable table) {
    return requantise(table, (in, man, exp) -> REQUANTIZER.bf16ToInt8(in, man, exp) & 0xff);
  }

  private interface Conversion {
    int apply(int input, int mantissa, int rightShift);
  }

  private static FileResult requantise(GoldenTable table, Conversion conversion) {
    FileResult result = new FileResult(table.name());
    for (GoldenTable.Row row : table.rows()) {
      result.line();
      int input = row.hex(1);
      int mantissa = (short) row.hex(2);
      int shift = row.decimal(3);
      int actual = conversion.apply(input, mantissa, shift);
      String what = String.format("%04x * %04x >> %d", input, mantissa & 0xffff, shift);
      result.compare(row.line(), what, hex4(row.hex(4)), hex4(actual));
    }
    return result;
  }

  static String hex4(int value) {
    return String.format("%04x", value & 0xffff);
  }
}
