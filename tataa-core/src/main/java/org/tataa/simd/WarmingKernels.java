package org.tataa.simd;

import java.util.function.LongSupplier;
import org.tataa.numeric.LaneOp;

/**
 * Scalar kernels until those of the Vector API have become fast. Before the JIT has compiled them
 * their vectors are objects, a hundred times slower than plain Java; so a daemon thread runs them
 * on operands of no meaning until they beat the scalar ones, each kind of kernel for itself.
 * Results are the same before and after.
 */
final class WarmingKernels implements HostKernels {
  private static final System.Logger LOGGER = System.getLogger("org.tataa.simd");
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  /** Work that is done before would only be delayed. */
  private static final long REST_MILLIS = 1000;

  /** Rounds in a row that a kernel has to be faster in. */
  private static final int ROUNDS = 3;

  private final HostKernels cold;
  private final HostKernels hot;
  private final Race productRace = new Race();
  private final Race lanesRace = new Race();
  private final Race requantiseRace = new Race();

  WarmingKernels(HostKernels cold, HostKernels hot) {
    this.cold = cold;
    this.hot = hot;
  }

  /** Starts to make the fast kernels fast. */
  WarmingKernels start() {
    Thread thread = new Thread(this::warmUp, "tataa host kernels");
    thread.setDaemon(true);
    thread.start();
    return this;
  }

  /** Whether all fast kernels are in use. */
  boolean isHot() {
    return productRace.isWon && lanesRace.isWon && requantiseRace.isWon;
  }

  private void warmUp() {
    try {
      Thread.sleep(REST_MILLIS);
    } catch (InterruptedException e) {
      return;
    }
    Exercise plain = new Exercise(cold);
    Exercise fast = new Exercise(hot);
    long start = System.nanoTime();
    while (!isHot() && System.nanoTime() - start < PATIENCE_NANOS) {
      productRace.run(fast::product, plain::product);
      lanesRace.run(fast::lanes, plain::lanes);
      requantiseRace.run(fast::requantise, plain::requantise);
    }
    LOGGER.log(
        System.Logger.Level.DEBUG,
        () ->
            hot.description()
                + (isHot() ? " is compiled" : " is not faster than plain Java in everything"));
  }

  /** Between the two kernels of a kind. */
  private static final class Race {
    private volatile boolean isWon;
    private int rounds;

    // A round, unless the fast one has won enough of them.
    void run(LongSupplier fast, LongSupplier plain) {
      if (!isWon) {
        rounds = fast.getAsLong() < plain.getAsLong() ? rounds + 1 : 0;
        isWon = rounds == ROUNDS;
      }
    }
  }

  // A bit of everything, as a core of the prototype needs it; in nanoseconds.
  private static final class Exercise {
    private static final int ROWS = 32;
    private static final int COLUMNS = 16;
    private static final int PES = ROWS * COLUMNS;
    private static final int DEPTH = 256;
    private static final int LANES = 128;
    private static final int TIMES = 20;

    private final BlockProduct product;
    private final LaneKernel lanes;
    private final RequantiseKernel requantise;
    private final int[] lo = new int[PES];
    private final int[] hi = new int[PES];
    private final byte[] x = new byte[DEPTH * ROWS];
    private final byte[] y = new byte[DEPTH * 2 * COLUMNS];
    private final short[] vector = new short[LANES];
    private final byte[] out = new byte[4 * COLUMNS];

    Exercise(HostKernels kernels) {
      product = kernels.blockProduct(new BlockShape(ROWS, COLUMNS, 2, true, DEPTH));
      lanes = kernels.lanes();
      requantise = kernels.requantise();
    }

    long product() {
      long start = System.nanoTime();
      product.addTo(x, y, 2 * COLUMNS, DEPTH, lo, hi);
      product.largest(lo, PES);
      return System.nanoTime() - start;
    }

    long lanes() {
      long start = System.nanoTime();
      for (int i = 0; i < TIMES; i++) {
        for (LaneOp op : LaneOp.values()) {
          lanes.apply(op, vector, 0, 0, vector, 0, 0, vector, 0, LANES);
        }
      }
      return System.nanoTime() - start;
    }

    long requantise() {
      long start = System.nanoTime();
      for (int at = 0; at < PES; at += COLUMNS) {
        requantise.accToInt8(lo, hi, at, COLUMNS, 2, 1, 4, out, 0);
        requantise.accToBf16(lo, hi, at, COLUMNS, 2, 1, 4, out, 0);
        requantise.bf16ToInt8(lo, at, COLUMNS, 1, 4, out, 0);
      }
      return System.nanoTime() - start;
    }
  }

  @Override
  public String description() {
    return hot.description();
  }

  @Override
  public BlockProduct blockProduct(BlockShape shape) {
    BlockProduct slow = cold.blockProduct(shape);
    BlockProduct fast = hot.blockProduct(shape);
    return new BlockProduct() {
      @Override
      public void addTo(byte[] x, byte[] y, int yStride, int depth, int[] sumLo, int[] sumHi) {
        (productRace.isWon ? fast : slow).addTo(x, y, yStride, depth, sumLo, sumHi);
      }

      @Override
      public int largest(int[] sums, int count) {
        return (productRace.isWon ? fast : slow).largest(sums, count);
      }
    };
  }

  @Override
  public LaneKernel lanes() {
    LaneKernel slow = cold.lanes();
    LaneKernel fast = hot.lanes();
    return (op, a, aFrom, aFlip, b, bFrom, bFlip, result, resultFrom, lanes) ->
        (lanesRace.isWon ? fast : slow)
            .apply(op, a, aFrom, aFlip, b, bFrom, bFlip, result, resultFrom, lanes);
  }

  @Override
  public RequantiseKernel requantise() {
    RequantiseKernel slow = cold.requantise();
    RequantiseKernel fast = hot.requantise();
    return new RequantiseKernel() {
      @Override
      public int accToInt8(
          int[] lo,
          int[] hi,
          int from,
          int columns,
          int outputsPerColumn,
          int mantissa,
          int rightShift,
          byte[] out,
          int outFrom) {
        return (requantiseRace.isWon ? fast : slow)
            .accToInt8(lo, hi, from, columns, outputsPerColumn, mantissa, rightShift, out, outFrom);
      }

      @Override
      public void accToBf16(
          int[] lo,
          int[] hi,
          int from,
          int columns,
          int outputsPerColumn,
          int mantissa,
          int rightShift,
          byte[] out,
          int outFrom) {
        (requantiseRace.isWon ? fast : slow)
            .accToBf16(lo, hi, from, columns, outputsPerColumn, mantissa, rightShift, out, outFrom);
      }

      @Override
      public long bf16ToInt8(
          int[] lo, int from, int count, int mantissa, int rightShift, byte[] out, int outFrom) {
        return (requantiseRace.isWon ? fast : slow)
            .bf16ToInt8(lo, from, count, mantissa, rightShift, out, outFrom);
      }
    };
  }
}
