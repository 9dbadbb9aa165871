package org.tataa.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tataa.config.ArithmeticProfile;
import org.tataa.isa.Bank;
import org.tataa.isa.OperandSelect;
import org.tataa.isa.VectorOp;
import org.tataa.numeric.Bf16Unit;
import org.tataa.numeric.Bfloat16;
import org.tataa.numeric.ColumnStages;
import org.tataa.numeric.LaneOp;
import org.tataa.simd.BlockShape;

/** PEs against what they are there for: matrix products, and the operations of bfloat16. */
class ProcessingElementTest {
  private static final int LANES = 1 << 14;

  /** Columns of four PEs, an operation entering in every clock. */
  private static final class Columns {
    private final Bf16Unit unit;
    private final VectorPipeline operations = new VectorPipeline(LANES, 16);
    private final RegisterArray array;
    private final List<int[]> expected = new ArrayList<>();
    private int checked;

    Columns(ArithmeticProfile profile) {
      unit = Bf16Unit.of(profile);
      BlockShape shape = new BlockShape(Dmpu.ROWS, LANES, 2, true, 4);
      array = new RegisterArray(shape, ColumnStages.of(profile), operations);
    }

    void apply(LaneOp op, int[] a, int[] b) {
      VectorOp instruction = new VectorOp(op, OperandSelect.A_B, 0, 0, 0, true, Bank.A, 0);
      VectorPipeline.Operation operation = operations.enter(0, 0, instruction, 0);
      System.arraycopy(a, 0, operation.operandA, 0, LANES);
      System.arraycopy(b, 0, operation.operandB, 0, LANES);
      operation.position = 0;
      int[] results = new int[LANES];
      Arrays.setAll(results, lane -> unit.apply(op, a[lane], b[lane]));
      expected.add(results);
      move();
    }

    void move() {
      array.moveOperations();
      if (operations.size() > 0 && operations.inFlight(0).position == VectorPipeline.RESULT) {
        int[] actual = array.result(operations.inFlight(0));
        int lane = Arrays.mismatch(actual, expected.get(checked));
        if (lane >= 0) {
          fail(
              operations.inFlight(0).op()
                  + " "
                  + checked
                  + ", lane "
                  + lane
                  + ": "
                  + Bfloat16.format(actual[lane])
                  + ", expected "
                  + Bfloat16.format(expected.get(checked)[lane]));
        }
        expected.set(checked, new int[0]);
        checked++;
        operations.leave();
      }
    }

    void finish() {
      for (int clock = 0; clock < VectorPipeline.RESULT; clock++) {
        move();
      }
      assertThat(checked).isEqualTo(expected.size());
    }
  }

  /** All mantissa pairs for all sign pairs and all classes of exponents and their differences. */
  @Tag("bulk")
  @ParameterizedTest
  @EnumSource(ArithmeticProfile.class)
  void allMantissaPairsInEverySignAndExponentClass(ArithmeticProfile profile) {
    List<int[]> exponents = new ArrayList<>();
    for (int difference = -22; difference <= 22; difference++) {
      exponents.add(new int[] {127, 127 + difference});
    }
    int[][] edges = {
      {0, 0},
      {0, 127},
      {1, 1},
      {1, 2},
      {1, 126},
      {63, 64},
      {64, 64},
      {200, 182},
      {254, 254},
      {254, 1},
      {255, 127},
      {255, 255},
      {255, 0},
      {190, 191}
    };
    exponents.addAll(List.of(edges));
    Columns columns = new Columns(profile);
    int[] a = new int[LANES];
    int[] b = new int[LANES];
    for (int[] pair : exponents) {
      for (int signs = 0; signs < 4; signs++) {
        for (int lane = 0; lane < LANES; lane++) {
          a[lane] = (signs & 1) << 15 | pair[0] << 7 | lane >> 7;
          b[lane] = (signs & 2) << 14 | pair[1] << 7 | lane & 0x7f;
        }
        columns.apply(LaneOp.MUL, a, b);
        columns.apply(LaneOp.ADD, a, b);
      }
    }
    columns.finish();
  }

  @ParameterizedTest
  @EnumSource(ArithmeticProfile.class)
  void randomOperandsForEveryOperation(ArithmeticProfile profile) {
    Random random = new Random(7);
    Columns columns = new Columns(profile);
    int[] a = new int[LANES];
    int[] b = new int[LANES];
    for (int round = 0; round < 32; round++) {
      for (int lane = 0; lane < LANES; lane++) {
        a[lane] = random.nextInt(1 << 16);
        b[lane] = random.nextInt(1 << 16);
      }
      for (LaneOp op : LaneOp.values()) {
        columns.apply(op, a, b);
        if (random.nextInt(4) == 0) {
          columns.move();
        }
      }
    }
    columns.finish();
  }

  /** A block is a matrix product, and nothing is left in L, R and M. */
  @Test
  void sumsAreMatrixProducts() {
    int rows = 8;
    int columns = 5;
    int depth = 70;
    RegisterArray array =
        new RegisterArray(
            new BlockShape(rows, columns, 2, false, depth),
            ColumnStages.of(ArithmeticProfile.CORRECTED),
            new VectorPipeline(10, 16));
    Random random = new Random(1);
    byte[] x = new byte[depth * rows];
    byte[] y = new byte[depth * 2 * columns];
    random.nextBytes(x);
    random.nextBytes(y);
    array.accumulate(x, y, 2 * columns, depth);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        long lo = 0;
        long hi = 0;
        for (int word = 0; word < depth; word++) {
          int activation = x[word * rows + rows - 1 - row];
          lo += activation * y[(word * columns + column) * 2];
          hi += activation * y[(word * columns + column) * 2 + 1];
        }
        PeView pe = array.view(row, column);
        assertThat(new long[] {pe.pLo(), pe.pHi()}).containsExactly(lo, hi);
        assertThat(new int[] {pe.l(), pe.rHi(), pe.rLo(), pe.mHi(), pe.mLo()}).containsOnly(0);
      }
    }
  }

  /** In each phase the PEs may come in any order. */
  @Test
  void orderOfProcessingElementsDoesNotMatter() {
    ColumnStages stages = ColumnStages.of(ArithmeticProfile.CORRECTED);
    Dmpu inOrder = new Dmpu(0, 4, stages);
    Dmpu shuffled = new Dmpu(0, 4, stages);
    Random random = new Random(2);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      order.add(i);
    }
    for (int clock = 0; clock < 200; clock++) {
      int[] left = random.ints(4, -128, 128).toArray();
      int[] hi = random.ints(4, -128, 128).toArray();
      int[] lo = random.ints(4, -128, 128).toArray();
      inOrder.readInt8(left, 0, hi.clone(), lo.clone());
      inOrder.writeInt8();
      Collections.shuffle(order, random);
      for (int i : order) {
        int row = i / 4;
        int column = i % 4;
        shuffled
            .pe(row, column)
            .readInt8(
                column == 0 ? left[row] : shuffled.pe(row, column - 1).l,
                row == 0 ? hi[column] : shuffled.pe(row - 1, column).rHi,
                row == 0 ? lo[column] : shuffled.pe(row - 1, column).rLo);
      }
      Collections.shuffle(order, random);
      order.forEach(i -> shuffled.pe(i / 4, i % 4).writeInt8());
      for (int i : order) {
        assertThat(shuffled.pe(i / 4, i % 4).view()).isEqualTo(inOrder.pe(i / 4, i % 4).view());
      }
    }
  }
}
