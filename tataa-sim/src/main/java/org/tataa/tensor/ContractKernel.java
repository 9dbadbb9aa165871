package org.tataa.tensor;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.tataa.numeric.AccumulatorReadout;
import org.tataa.numeric.PackedMac;
import org.tataa.sim.HostThreads;
import org.tataa.simd.RequantiseKernel;

/**
 * Batched int8 products. The operand on the columns is taken {@value #PANEL} columns and {@value
 * #DEPTH} words at a time, as the weights the products really use; every row of the other operand
 * adds its products with this panel to its sums.
 *
 * <p>The sums are floats, whose products processors do faster than those of ints: up to {@value
 * #EXACT_DEPTH} products of at most 2^14 stay below 2^24 and are exact.
 */
final class ContractKernel {
  private static final int PANEL = 128;
  private static final int DEPTH = 64;
  private static final int EXACT_DEPTH = 1024;

  private final ContractOp op;
  private final Machine machine;
  private final int depth;
  private final int rows;
  private final int columns;
  private final boolean onN;
  private final int[] batchA;
  private final int[] batchB;
  private final AtomicLong saturations = new AtomicLong();
  private final AtomicLong wraps = new AtomicLong();
  private final AtomicLong borrows = new AtomicLong();

  ContractKernel(ContractOp op, Machine machine) {
    this.op = op;
    this.machine = machine;
    depth = op.depth();
    onN = op.columns() == ContractOp.Columns.N;
    int m = op.a().dim(-2);
    int n = op.b().dim(-1);
    rows = onN ? m : n;
    columns = onN ? n : m;
    int[] leading = Arrays.copyOf(op.result().shape(), op.result().rank() - 2);
    batchA = matrices(op.a(), leading);
    batchB = matrices(op.b(), leading);
  }

  // Where the matrix of each batch index begins.
  private static int[] matrices(Value value, int[] leading) {
    int[] from = Arrays.copyOf(value.shape(), leading.length);
    int size = value.dim(-2) * value.dim(-1);
    int[] numbers = new Movement.Broadcast().sources(from, leading);
    return Arrays.stream(numbers).map(number -> number * size).toArray();
  }

  /**
   * Computes all sums, scaled.
   *
   * @param result receives the patterns
   * @return what happened
   */
  OpCounts run(short[] a, short[] b, short[] result) {
    int panels = (columns + PANEL - 1) / PANEL;
    HostThreads.forEach(
        batchA.length * panels,
        machine.threads,
        job -> {
          int first = job % panels * PANEL;
          new Panel(job / panels, first, Math.min(PANEL, columns - first)).run(a, b, result);
        });
    return new OpCounts(saturations.get(), 0, wraps.get(), borrows.get());
  }

  private Scale scale(int batch) {
    if (op.scaleAxis() < 0) {
      return op.scales().get(0);
    }
    int below = 1;
    for (int axis = op.scaleAxis() + 1; axis < op.result().rank() - 2; axis++) {
      below *= op.result().dim(axis);
    }
    return op.scales().get(batch / below % op.result().dim(op.scaleAxis()));
  }

  /** The sums of some columns of one matrix. */
  private final class Panel {
    private final int batch;
    private final int first;
    private final int width;
    private final float[] sums;
    private final float[] weights = new float[DEPTH * PANEL];
    private final RequantiseKernel kernel = machine.requantise();
    private long @Nullable [] wide;

    Panel(int batch, int first, int width) {
      this.batch = batch;
      this.first = first;
      this.width = width;
      sums = new float[rows * PANEL];
    }

    void run(short[] a, short[] b, short[] result) {
      for (int from = 0; from < depth; from += DEPTH) {
        if (from > 0 && from % EXACT_DEPTH == 0) {
          widen();
        }
        int words = Math.min(DEPTH, depth - from);
        if (onN) {
          unpack(b, batchB[batch] + from * columns + first, columns, 1, words);
          multiply(a, batchA[batch] + from, depth, 1, words);
        } else {
          unpack(a, batchA[batch] + first * depth + from, 1, depth, words);
          multiply(b, batchB[batch] + from * rows, 1, rows, words);
        }
      }
      if (wide != null) {
        widen();
      }
      int at = onN ? first : first * rows;
      readOut(result, batch * rows * columns + at, onN ? columns : 1, onN ? 1 : rows);
    }

    private void widen() {
      long[] totals = wide == null ? new long[sums.length] : wide;
      wide = totals;
      for (int i = 0; i < sums.length; i++) {
        totals[i] += (long) sums[i];
        sums[i] = 0;
      }
    }

    private void unpack(short[] y, int from, int wordStride, int columnStride, int words) {
      for (int k = 0; k < words; k++) {
        int at = from + k * wordStride;
        for (int c = 0; c < width; c++) {
          weights[k * PANEL + c] = y[at + c * columnStride];
        }
        if (machine.isPacked) {
          for (int c = k * PANEL; c < k * PANEL + width - 1; c += 2) {
            weights[c + 1] = PackedMac.effectiveHi((int) weights[c + 1], (int) weights[c]);
          }
        }
      }
    }

    private void multiply(short[] x, int from, int rowStride, int wordStride, int words) {
      for (int row = 0; row < rows; row++) {
        int at = from + row * rowStride;
        int k = 0;
        for (; k + 4 <= words; k += 4) {
          addFour(
              weights,
              k * PANEL,
              x[at],
              x[at + wordStride],
              x[at + 2 * wordStride],
              x[at + 3 * wordStride],
              sums,
              row * PANEL);
          at += 4 * wordStride;
        }
        for (; k < words; k++) {
          addOne(weights, k * PANEL, x[at], sums, row * PANEL);
          at += wordStride;
        }
      }
    }

    private void readOut(short[] result, int from, int rowStride, int columnStride) {
      int[] lo = new int[PANEL];
      int[] hi = new int[PANEL];
      byte[] scaled = new byte[2 * PANEL];
      long clipped = 0;
      for (int row = 0; row < rows; row++) {
        if (machine.isPaired) {
          readPairs(row * PANEL, lo, hi);
        } else {
          readSingles(row * PANEL, lo);
        }
        clipped += requantise(lo, hi, scaled);
        int at = from + row * rowStride;
        for (int c = 0; c < width; c++) {
          result[at] =
              op.toInt8() ? scaled[c] : (short) (scaled[2 * c] & 0xff | scaled[2 * c + 1] << 8);
          at += columnStride;
        }
      }
      saturations.addAndGet(clipped);
    }

    // Results of a row; how many of them were clipped.
    private long requantise(int[] lo, int[] hi, byte[] scaled) {
      Scale scale = scale(batch);
      int outputs = machine.isPaired ? 2 : 1;
      int count = (width + outputs - 1) / outputs;
      if (op.toInt8()) {
        return kernel.accToInt8(
            lo, hi, 0, count, outputs, scale.mantissa(), scale.rightShift(), scaled, 0);
      }
      kernel.accToBf16(lo, hi, 0, count, outputs, scale.mantissa(), scale.rightShift(), scaled, 0);
      return 0;
    }

    // A last odd column shares its accumulator with nothing.
    private void readPairs(int from, int[] lo, int[] hi) {
      AccumulatorReadout readout = machine.readout;
      int wrapped = 0;
      int borrowed = 0;
      for (int c = 0; c < width; c += 2) {
        boolean hasHigh = c + 1 < width;
        long sumLo = sum(from + c);
        long sumHi = hasHigh ? sum(from + c + 1) : 0;
        lo[c / 2] = readout.lo(sumLo, sumHi);
        hi[c / 2] = readout.hi(sumLo, sumHi);
        wrapped += readout.wrapsLo(sumLo) ? 1 : 0;
        if (hasHigh) {
          wrapped += readout.wrapsHi(sumHi) ? 1 : 0;
          borrowed += readout.borrow(sumLo, sumHi) ? 1 : 0;
        }
      }
      wraps.addAndGet(wrapped);
      borrows.addAndGet(borrowed);
    }

    private void readSingles(int from, int[] lo) {
      int wrapped = 0;
      for (int c = 0; c < width; c++) {
        lo[c] = machine.readout.lo(sum(from + c), 0);
        wrapped += machine.readout.wrapsLo(sum(from + c)) ? 1 : 0;
      }
      wraps.addAndGet(wrapped);
    }

    private long sum(int at) {
      return wide == null ? (long) sums[at] : wide[at];
    }
  }

  private static void addFour(
      float[] weights, int k, float x0, float x1, float x2, float x3, float[] sums, int row) {
    for (int c = 0; c < PANEL; c++) {
      sums[row + c] +=
          x0 * weights[k + c]
              + x1 * weights[k + PANEL + c]
              + x2 * weights[k + 2 * PANEL + c]
              + x3 * weights[k + 3 * PANEL + c];
    }
  }

  private static void addOne(float[] weights, int k, float x, float[] sums, int row) {
    for (int c = 0; c < PANEL; c++) {
      sums[row + c] += x * weights[k + c];
    }
  }
}
