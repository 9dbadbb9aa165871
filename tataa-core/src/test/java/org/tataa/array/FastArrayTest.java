package org.tataa.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tataa.config.ArithmeticProfile;
import org.tataa.isa.Assembler;
import org.tataa.isa.Program;
import org.tataa.isa.VectorOp;
import org.tataa.numeric.ColumnStages;
import org.tataa.numeric.PackedMac;
import org.tataa.simd.BlockShape;
import org.tataa.simd.HostKernels;
import org.tataa.state.ScanChain;
import org.tataa.state.ScanException;
import org.tataa.state.ScanIn;
import org.tataa.state.ScanOut;

/** The fast array against the array of registers, with everything that can happen in between. */
class FastArrayTest {
  private static final int SEEDS = 12;
  private static final int DEPTH = 128;
  private static final ColumnStages STAGES = ColumnStages.of(ArithmeticProfile.CORRECTED);

  @ParameterizedTest
  @CsvSource({
    "4, 1, 2, true, 600",
    "4, 5, 1, false, 600",
    "4, 4, 2, true, 900",
    "8, 4, 2, false, 900",
    "12, 5, 1, false, 900",
    "32, 16, 2, true, 400"
  })
  void equalsTheArrayOfRegisters(int rows, int columns, int outputs, boolean packed, int steps) {
    for (int seed = 0; seed < SEEDS; seed++) {
      new Run(new BlockShape(rows, columns, outputs, packed, DEPTH), seed).run(steps);
    }
  }

  /** Products a host has written need no factors, and sums no history. */
  @Test
  void goesOnFromWhateverIsScannedIn() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Run run = new Run(new BlockShape(8, 4, 2, true, DEPTH), seed);
      run.scramble();
      run.run(200);
    }
  }

  @Test
  void refusesWhatIsNoOperand() {
    // The first three need 9 bits; a negative low operand makes +128 of a high one of -128.
    BlockShape shape = new BlockShape(4, 2, 2, true, DEPTH);
    for (PeArray array : List.of(array(shape), registers(shape))) {
      for (int wrong : new int[] {128, -129, 1 << 20}) {
        refuses(array, "skew.x1", wrong, "skew.x1=" + wrong + " is not an int8 operand");
        refuses(array, L, wrong, L + "=" + wrong + " is not an int8 operand");
        refuses(
            array, "skew.lo1", wrong, "skew.1={0," + wrong + "} is not a pair of int8 operands");
      }
      refuses(array, R + "Hi", 129, R + "={129,0} is not a pair of int8 operands");
      refuses(array, R + "Hi", 128, R + "={128,0} is not a pair of int8 operands");
      refuses(array, R + "Lo", -129, R + "={0,-129} is not a pair of int8 operands");
    }
  }

  private static final String L = "dmpu0.pe[0][0].l";
  private static final String R = "dmpu0.pe[0][0].r";

  private static void refuses(PeArray array, String register, int value, String message) {
    assertThatThrownBy(() -> array.scan(new Overwrite(register, value)))
        .isInstanceOf(ScanException.class)
        .hasMessage(message);
    array.reset();
  }

  @Test
  void chainHasTheRegistersByUnitAndName() {
    BlockShape shape = new BlockShape(4, 2, 2, true, DEPTH);
    for (PeArray array : List.of(array(shape), registers(shape))) {
      array.shift(new byte[] {4, 3, 2, 1}, 0, new byte[] {5, 0, 6, 1}, 0);
      array.shift(new byte[] {0, 10, 9, 8, 7}, 1, new byte[] {0, 0, 11, -1, 12, 0}, 2);
      Recorder chain = new Recorder();
      array.scan(chain);
      assertThat(chain.lines)
          .startsWith("skew.x1 [8]", "skew.x2 [9, 3]", "skew.x3 [10, 4, 0]", "skew.hi1 [0]")
          .contains("skew.lo1 [12]", "dmpu0.pe[0][0].l 7", "dmpu0.pe[0][0].rHi -1")
          .contains("dmpu0.pe[0][0].rLo 11", "dmpu0.pe[0][0].mHi 0", "dmpu0.pe[0][0].mLo 5")
          .contains("dmpu0.pe[0][1].l 1", "dmpu0.pe[0][1].rHi 1", "dmpu0.pe[0][1].rLo 6")
          .contains("dmpu0.pe[1][0].l 2", "dmpu0.pe[1][0].rLo 5", "dmpu0.pe[3][1].pLo 0")
          .hasSize(5 + 8 * 18);
    }
  }

  /** Operations in the columns: looked at now and then, and taken over half done. */
  @ParameterizedTest
  @EnumSource(ArithmeticProfile.class)
  void operationsStandWhereTheRegistersHaveThem(ArithmeticProfile profile) {
    BlockShape shape = new BlockShape(8, 3, 2, true, DEPTH);
    ColumnStages stages = ColumnStages.of(profile);
    Random random = new Random(4);
    VectorPipeline inRegisters = new VectorPipeline(6, 16);
    VectorPipeline inWords = new VectorPipeline(6, 16);
    RegisterArray registers = new RegisterArray(shape, stages, inRegisters);
    FastArray array = new FastArray(shape, stages, inWords, HostKernels.scalar());
    byte[] words = new byte[40 * 8];
    random.nextBytes(words);
    registers.accumulate(words, words, 6, 40);
    array.accumulate(words, words, 6, 40);
    Program program =
        Assembler.assemble(
            "V.MUL A0, B0 -> A1\nV.ADD A0, B0 -> A1\nV.APP A0 -> A1\nV.MAX A0, B0 -> A1", "test.s");
    int results = 0;
    for (int clock = 0; clock < 600; clock++) {
      registers.moveOperations();
      array.moveOperations();
      if (inWords.size() > 0 && inWords.inFlight(0).position == VectorPipeline.RESULT) {
        assertThat(array.result(inWords.inFlight(0)))
            .isEqualTo(registers.result(inRegisters.inFlight(0)));
        inWords.leave();
        inRegisters.leave();
        results++;
      }
      if (random.nextInt(3) > 0) {
        int index = random.nextInt(program.size());
        VectorOp instruction = (VectorOp) program.instruction(index);
        VectorPipeline.Operation one = inRegisters.enter(index, clock, instruction, 0);
        VectorPipeline.Operation other = inWords.enter(index, clock, instruction, 0);
        Arrays.setAll(one.operandA, lane -> random.nextInt(1 << 16));
        Arrays.setAll(one.operandB, lane -> random.nextInt(1 << 16));
        System.arraycopy(one.operandA, 0, other.operandA, 0, 6);
        System.arraycopy(one.operandB, 0, other.operandB, 0, 6);
        one.position = 0;
        other.position = 0;
      }
      if (random.nextInt(5) == 0) {
        for (int row = 0; row < 8; row++) {
          for (int column = 0; column < 3; column++) {
            assertThat(array.view(row, column))
                .as("clock %d", clock)
                .isEqualTo(registers.view(row, column));
          }
        }
      }
      if (random.nextInt(30) == 0) {
        byte[] bytes = scanOut(inRegisters, registers, program);
        array.settle();
        assertThat(scanOut(inWords, array, program)).isEqualTo(bytes);
        ScanIn chain = new ScanIn(new ByteArrayInputStream(bytes));
        inWords = new VectorPipeline(6, 16);
        array = new FastArray(shape, stages, inWords, HostKernels.scalar());
        inWords.scan(chain, program);
        array.scan(chain);
      }
    }
    assertThat(results).isGreaterThan(300);
  }

  private static byte[] scanOut(VectorPipeline operations, PeArray array, Program program) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ScanOut chain = new ScanOut(bytes);
    operations.scan(chain, program);
    array.scan(chain);
    return bytes.toByteArray();
  }

  /** Looking at PEs, in whatever order, changes nothing that others see. */
  @Test
  void lookingChangesNothing() {
    BlockShape shape = new BlockShape(8, 4, 2, true, DEPTH);
    FastArray watched = array(shape);
    FastArray alone = array(shape);
    Random random = new Random(3);
    byte[] x = new byte[8];
    byte[] y = new byte[8];
    for (int step = 0; step < 500; step++) {
      random.nextBytes(x);
      random.nextBytes(y);
      watched.shift(x, 0, y, 0);
      alone.shift(x, 0, y, 0);
      watched.view(random.nextInt(8), random.nextInt(4));
      watched.copySums(random.nextInt(8), new int[4], new int[4], 0);
      watched.largestLo();
    }
    assertThat(scanOut(watched)).isEqualTo(scanOut(alone));
  }

  @ParameterizedTest
  @CsvSource({"1", "9", "127", "128", "129", "500"})
  void wholeBlockEqualsItsWords(int depth) {
    BlockShape shape = new BlockShape(8, 4, 2, true, 512);
    Random random = new Random(depth);
    byte[] x = new byte[depth * 8];
    byte[] y = new byte[depth * 10];
    random.nextBytes(x);
    random.nextBytes(y);
    FastArray whole = array(shape);
    RegisterArray stepped = registers(shape);
    for (int block = 0; block < 2; block++) {
      whole.accumulate(x, y, 10, depth);
      for (int word = 0; word < depth; word++) {
        stepped.shift(x, 8 * word, y, 10 * word);
      }
      for (int i = 0; i < shape.rows() + shape.columns(); i++) {
        stepped.shift();
      }
      assertThat(scanOut(stepped)).as("block %d", block).isEqualTo(scanOut(whole));
    }
  }

  private static FastArray array(BlockShape shape) {
    return new FastArray(shape, STAGES, operations(shape), HostKernels.scalar());
  }

  private static RegisterArray registers(BlockShape shape) {
    return new RegisterArray(shape, STAGES, operations(shape));
  }

  private static VectorPipeline operations(BlockShape shape) {
    return new VectorPipeline(shape.rows() / Dmpu.ROWS * shape.columns(), 16);
  }

  private static byte[] scanOut(PeArray array) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    array.scan(new ScanOut(bytes));
    return bytes.toByteArray();
  }

  /** One random history; compared after every step, so the step named is the first that fails. */
  private static final class Run {
    private final BlockShape shape;
    private final int seed;
    private final Random random;
    private final byte[] x;
    private final byte[] y;
    private RegisterArray registers;
    private FastArray array;
    private final int lastDiagonal;
    private int silence;
    private int captureAt = -1;
    private int clearAt = -1;

    Run(BlockShape shape, int seed) {
      this.shape = shape;
      this.seed = seed;
      random = new Random(seed);
      registers = registers(shape);
      x = new byte[shape.rows()];
      y = new byte[shape.outputs()];
      array = array(shape);
      lastDiagonal = shape.rows() + shape.columns() - 2;
    }

    // Stretches without anything but words, as blocks have them, and others.
    void run(int steps) {
      int calm = 0;
      for (int step = 0; step < steps; step++) {
        moveWavefronts();
        calm = calm > 0 ? calm - 1 : random.nextInt(100) == 0 ? 250 : 0;
        String did = calm == 0 && random.nextInt(4) == 0 ? disturb(step) : shift();
        compare(step, did);
      }
    }

    // As with overlapped blocks: one hands its sums on, one clears them; in this order mostly.
    private void moveWavefronts() {
      int start = random.nextInt(80);
      captureAt = captureAt < 0 && start < 2 ? 0 : captureAt;
      clearAt = clearAt < 0 && (start == 0 || start == 3) ? 0 : clearAt;
      boolean isClearedFirst = random.nextInt(200) == 0;
      if (isClearedFirst) {
        moveClear();
      }
      if (captureAt >= 0) {
        array.captureDiagonal(captureAt);
        registers.captureDiagonal(captureAt);
        captureAt = captureAt == lastDiagonal ? -1 : captureAt + 1;
      }
      if (!isClearedFirst) {
        moveClear();
      }
    }

    private void moveClear() {
      if (clearAt >= 0) {
        array.clearDiagonal(clearAt);
        registers.clearDiagonal(clearAt);
        clearAt = clearAt == lastDiagonal ? -1 : clearAt + 1;
      }
    }

    private String shift() {
      if (silence == 0 && random.nextInt(150) == 0) {
        silence = random.nextInt(3 * (shape.rows() + shape.columns()));
      }
      if (silence > 0) {
        silence--;
        array.shift();
        registers.shift();
        return "shift without a word";
      }
      for (int i = 0; i < x.length; i++) {
        x[i] = int8();
      }
      for (int i = 0; i < y.length; i++) {
        y[i] = int8();
      }
      array.shift(x, 0, y, 0);
      registers.shift(x, 0, y, 0);
      return "shift";
    }

    // The ends of the range more often than chance would have them.
    private byte int8() {
      int choice = random.nextInt(8);
      return (byte) (choice == 0 ? -128 : choice == 1 ? 127 : choice == 2 ? 0 : random.nextInt());
    }

    private int int20() {
      return random.nextInt(1 << 20) - (1 << 19);
    }

    private String disturb(int step) {
      int diagonal = random.nextInt(lastDiagonal + 1);
      switch (random.nextInt(22)) {
        case 0 -> {
          array.reset();
          registers.reset();
          return "reset";
        }
        case 1, 2, 3 -> {
          int stages = random.nextInt(Dmpu.ROWS + 1);
          array.overwriteSums(stages);
          registers.overwriteSums(stages);
          return "overwriteSums " + stages;
        }
        case 4, 5, 6 -> {
          array.clearSums();
          registers.clearSums();
          return "clearSums";
        }
        case 7, 8, 9 -> {
          array.captureDiagonal(diagonal);
          registers.captureDiagonal(diagonal);
          return "captureDiagonal " + diagonal;
        }
        case 10, 11, 12 -> {
          array.clearDiagonal(diagonal);
          registers.clearDiagonal(diagonal);
          return "clearDiagonal " + diagonal;
        }
        case 13, 14, 15 -> {
          scanOut(array);
          return "scan out";
        }
        case 16, 17, 18 -> {
          byte[] bytes = scanOut(array);
          array = array(shape);
          array.scan(new ScanIn(new ByteArrayInputStream(bytes)));
          return "scan into another array";
        }
        default -> {
          checkReadOut(step, random.nextInt(shape.rows()));
          return "read-out";
        }
      }
    }

    private void checkReadOut(int step, int row) {
      String where = shape + ", seed " + seed + ", step " + step + ", row " + row;
      int[] lo = new int[shape.columns()];
      int[] hi = new int[shape.columns()];
      assertThat(array.copySums(row, lo, hi, 0)).as(where).isTrue();
      for (int column = 0; column < lo.length; column++) {
        assertThat(lo[column]).as(where).isEqualTo((int) registers.sumLo(row, column));
        assertThat(hi[column]).as(where).isEqualTo((int) registers.sumHi(row, column));
      }
      assertThat(array.largestLo()).as(where).isEqualTo(registers.largestLo());
      assertThat(array.largestHi()).as(where).isEqualTo(registers.largestHi());
    }

    /** Other registers in both, whatever they held. */
    void scramble() {
      for (int row = 0; row < shape.rows(); row++) {
        for (int column = 0; column < shape.columns(); column++) {
          ProcessingElement pe = registers.pe(row, column);
          pe.l = int8();
          pe.mHi = random.nextInt(1 << 15) - (1 << 14);
          pe.mLo = random.nextInt(1 << 15) - (1 << 14);
          pe.pHi = int20();
          pe.pLo = int20();
          pe.shadowHi = random.nextLong() >> 8;
          pe.shadowLo = random.nextLong() >> 8;
          pe.rLo = int8();
          pe.rHi = PackedMac.effectiveHi(int8(), pe.rLo);
        }
      }
      for (int row = 0; row < shape.rows(); row++) {
        Arrays.setAll(registers.skewX(row).registers, i -> int8());
      }
      for (int column = 0; column < shape.columns(); column++) {
        int[] lo = registers.skewLo(column).registers;
        Arrays.setAll(lo, i -> int8());
        Arrays.setAll(
            registers.skewHi(column).registers, i -> PackedMac.effectiveHi(int8(), lo[i]));
      }
      array.scan(new ScanIn(new ByteArrayInputStream(scanOut(registers))));
      compare(-1, "scramble");
    }

    private void compare(int step, String did) {
      for (int row = 0; row < shape.rows(); row++) {
        for (int column = 0; column < shape.columns(); column++) {
          PeView expected = registers.view(row, column);
          PeView actual = array.view(row, column);
          if (!actual.equals(expected)
              || array.shadowLo(row, column) != expected.shadowLo()
              || array.shadowHi(row, column) != expected.shadowHi()) {
            throw new AssertionError(
                shape
                    + ", seed "
                    + seed
                    + ", step "
                    + step
                    + " ("
                    + did
                    + "): "
                    + actual
                    + ", expected "
                    + expected);
          }
        }
      }
      if (step % 50 == 0) {
        assertThat(scanOut(array))
            .as("%s, seed %d, step %d", shape, seed, step)
            .isEqualTo(scanOut(registers));
      }
    }
  }

  /** Puts a value into a register, or the first of an array. */
  private static final class Overwrite extends Recorder {
    private final String register;
    private final int value;

    Overwrite(String register, int value) {
      this.register = register;
      this.value = value;
    }

    @Override
    public int scan(String name, int old) {
      return register.equals(unit + name) ? value : old;
    }

    @Override
    public void scan(String name, int[] values, int from, int count) {
      if (register.equals(unit + name)) {
        values[from] = value;
      }
    }
  }

  /** Writes down what it is shown. */
  private static class Recorder implements ScanChain {
    final List<String> lines = new ArrayList<>();
    String unit = "";

    @Override
    public void unit(String name) {
      unit = name.isEmpty() ? "" : name + ".";
    }

    @Override
    public int scan(String register, int value) {
      lines.add(unit + register + " " + value);
      return value;
    }

    @Override
    public long scan(String register, long value) {
      lines.add(unit + register + " " + value);
      return value;
    }

    @Override
    public void scan(String register, int[] values, int from, int count) {
      lines.add(
          unit + register + " " + Arrays.toString(Arrays.copyOfRange(values, from, from + count)));
    }

    @Override
    public void scan(String register, byte[] values, int from, int count) {
      lines.add(
          unit + register + " " + Arrays.toString(Arrays.copyOfRange(values, from, from + count)));
    }

    @Override
    public void scan(String register, long[] values) {
      lines.add(unit + register + " " + Arrays.toString(values));
    }
  }
}
