package org.tataa.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tataa.config.ArrayGeometry;
import org.tataa.config.TataaConfig;
import org.tataa.core.TataaCore;
import org.tataa.isa.MatMul;
import org.tataa.isa.Program;
import org.tataa.isa.ProgramBuilder;
import org.tataa.isa.StoreMode;
import org.tataa.memory.ExternalMemory;
import org.tataa.numeric.AccumulatorReadout;
import org.tataa.observe.CoreObserver;
import org.tataa.observe.UnitKind;

/**
 * Every PE of cores that are stepped through MATMULs, on either array, against PEs clocked here, in
 * every cycle. When words enter and sums are cleared and handed on is written down here a second
 * time, from timing.md.
 */
class SteppedCoreTest {
  private static final int BLOCKS = 24;
  private static final int STORED_AT = 1 << 15;

  @ParameterizedTest
  @CsvSource({
    "tiny, false, 1, 16",
    "tiny, false, 2, 5",
    "tiny, true, 3, 16",
    "tiny, true, 4, 5",
    "u280, false, 5, 200",
    "u280, true, 6, 200",
    "u280, true, 7, 20"
  })
  void equalsPesClockedHereInEveryCycle(String preset, boolean overlapped, int seed, int deepest) {
    TataaConfig config = TataaConfig.preset(preset).withCores(1).withOverlappedDrain(overlapped);
    new Run(config, new FastArray(config), seed, deepest).run();
    new Run(config, new RegisterArray(config), seed, deepest).run();
  }

  private record Started(MatMul matmul, long start) {}

  private static final class Run implements CoreObserver {
    private final TataaConfig config;
    private final int seed;
    private final int deepest;
    private final int rows;
    private final int columns;
    private final int skew;
    private final TataaCore core;
    private final RegisterArray registers;
    private final AccumulatorReadout readout;
    private final Program program;
    private final byte[] x;
    private final byte[] y;
    private final List<Started> blocks = new ArrayList<>();
    private int rowsDrained;

    Run(TataaConfig config, PeArray array, int seed, int deepest) {
      this.config = config;
      this.seed = seed;
      this.deepest = deepest;
      rows = config.geometry().rows();
      columns = config.geometry().columns();
      skew = config.geometry().skew();
      registers = new RegisterArray(config);
      core = new TataaCore(config, array);
      readout = AccumulatorReadout.of(config.profiles().accumulator());
      Random random = new Random(seed);
      x = new byte[2 * deepest * rows];
      y = new byte[2 * deepest * 2 * columns];
      random.nextBytes(x);
      random.nextBytes(y);
      core.memory().write(ExternalMemory.Space.X, 0, x);
      core.memory().write(ExternalMemory.Space.YZ, x.length, y);
      program = program(random);
      core.load(program);
      core.observe(this);
    }

    private Program program(Random random) {
      ProgramBuilder builder = new ProgramBuilder().configScale(1, 8);
      for (int tile = 0; tile < 2; tile++) {
        int bytesX = deepest * rows;
        int bytesY = deepest * 2 * columns;
        builder.loadMX(tile, deepest, tile * bytesX, bytesX);
        builder.loadMY(tile, deepest, x.length + tile * bytesY, bytesY);
      }
      int sums = rows * 2 * columns;
      for (int block = 0; block < BLOCKS; block++) {
        boolean drain = random.nextInt(4) > 0;
        int depth = 1 + random.nextInt(deepest);
        builder.matmul(random.nextInt(2), random.nextInt(2), depth, random.nextInt(3) > 0, drain);
        if (drain) {
          builder.store(StoreMode.ACC_TO_INT8, false, rows, STORED_AT, sums);
        }
      }
      return builder.build();
    }

    void run() {
      while (!core.isFinished()) {
        long cycle = core.cycle();
        core.tick();
        clock(cycle);
        compare(cycle);
      }
      assertThat(blocks).hasSize(BLOCKS);
      assertThat(rowsDrained).isPositive();
    }

    @Override
    public void onStart(long cycle, int index, UnitKind unit) {
      if (unit == UnitKind.EXEC) {
        blocks.add(new Started((MatMul) program.instruction(index), cycle));
      }
    }

    // Sums leave the array before this cycle's clock edge, as it was compared last.
    @Override
    public void onDrainWrite(long cycle, int index, int dmpu, int row, int[] lo, int[] hi) {
      int r = ArrayGeometry.ROWS_PER_DMPU * dmpu + row;
      boolean isOverlapped = config.overlappedDrain();
      for (int c = 0; c < columns; c++) {
        long wantLo = isOverlapped ? registers.shadowLo(r, c) : registers.sumLo(r, c);
        long wantHi = isOverlapped ? registers.shadowHi(r, c) : registers.sumHi(r, c);
        assertThat(new int[] {lo[c], hi[c]})
            .as("seed %d, cycle %d, row %d, column %d drained", seed, cycle, r, c)
            .containsExactly(readout.lo(wantLo, wantHi), readout.hi(wantLo, wantHi));
      }
      rowsDrained++;
    }

    private void clock(long cycle) {
      int word = -1;
      boolean moves = false;
      MatMul feeding = null;
      for (Started block : blocks) {
        MatMul matmul = block.matmul;
        long enter = block.start + config.timing().arrayInputLatency();
        if (config.overlappedDrain()) {
          long summed = cycle - enter - 2;
          long last = summed - matmul.depth();
          if (matmul.drain() && last >= 0 && last <= skew) {
            registers.captureDiagonal((int) last);
          }
          if (matmul.clear() && summed >= 0 && summed <= skew) {
            registers.clearDiagonal((int) summed);
          }
        } else if (matmul.clear() && cycle == block.start + config.timing().clearLatency() - 1) {
          registers.clearSums();
        }
        long input = cycle - enter;
        moves |= input >= 0 && input < matmul.depth() + skew + 2;
        if (input >= 0 && input < matmul.depth()) {
          feeding = matmul;
          word = (int) input;
        }
      }
      if (!moves) {
        return;
      }
      if (feeding == null) {
        registers.shift();
      } else {
        registers.shift(
            x,
            (feeding.xTile() * deepest + word) * rows,
            y,
            (feeding.yTile() * deepest + word) * 2 * columns);
      }
    }

    private void compare(long cycle) {
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          PeView view = core.pe(r, c);
          if (!view.equals(registers.view(r, c))) {
            throw new AssertionError(
                config.name()
                    + ", seed "
                    + seed
                    + ", after cycle "
                    + cycle
                    + ": "
                    + view
                    + ", expected "
                    + registers.view(r, c));
          }
        }
      }
    }
  }
}
