package org.tataa.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tataa.config.MemoryConfig;
import org.tataa.config.TataaConfig;
import org.tataa.function.LaneProgram;
import org.tataa.isa.ProgramBuilder;
import org.tataa.memory.ExternalMemory;
import org.tataa.numeric.Bf16Unit;
import org.tataa.numeric.Bfloat16;
import org.tataa.sim.Simulator;

/** Random lane programs over random matrices give what element by element evaluation gives. */
class LanePassTest {
  private static final TataaConfig CONFIG =
      TataaConfig.u280().withMemory(MemoryConfig.unified(1 << 20)).withCores(1);
  private static final int HALF = BlockForm.BYTES / 2;

  private record Trial(
      LaneProgram program,
      BlockForm form,
      List<LanePass.Kind> kinds,
      int tokenBlocks,
      int featureBlocks,
      int share) {}

  @Test
  void randomPrograms() {
    int tried = 0;
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      Trial trial = trial(random);
      if (LanePass.fits(CONFIG, trial.program(), trial.form(), trial.kinds())) {
        tried++;
        check(trial, random, "seed " + seed + ": " + trial);
      }
    }
    assertThat(tried).isGreaterThan(200);
  }

  private static Trial trial(Random random) {
    int inputs = 1 + random.nextInt(5);
    LaneProgram.Builder builder = LaneProgram.builder("random", inputs);
    List<LaneProgram.Value> values = new ArrayList<>();
    List<LanePass.Kind> kinds = new ArrayList<>();
    for (int i = 0; i < inputs; i++) {
      values.add(builder.input(i));
      kinds.add(LanePass.Kind.values()[random.nextInt(3)]);
    }
    kinds.set(0, LanePass.Kind.MATRIX);
    // Every input is used; the chain continues with a result that is used later.
    LaneProgram.Value last = values.get(0);
    for (int i = 1; i < inputs; i++) {
      last = operation(builder, random, last, values.get(i));
      values.add(last);
    }
    for (int i = random.nextInt(6); i > 0; i--) {
      LaneProgram.Value other =
          random.nextInt(3) == 0
              ? builder.constant(random.nextInt(8) - 3.5)
              : values.get(random.nextInt(values.size()));
      last = operation(builder, random, last, other);
      values.add(last);
    }
    return new Trial(
        builder.build(last),
        BlockForm.values()[random.nextInt(4)],
        kinds,
        1 + random.nextInt(3),
        1 + random.nextInt(4),
        1 + random.nextInt(2));
  }

  private static LaneProgram.Value operation(
      LaneProgram.Builder builder, Random random, LaneProgram.Value a, LaneProgram.Value b) {
    return switch (random.nextInt(6)) {
      case 0 -> builder.mul(a, b);
      case 1 -> builder.sub(a, b);
      case 2 -> builder.sub(b, a);
      case 3 -> builder.max(a, b);
      case 4 -> builder.add(builder.floor(a), b);
      default -> builder.add(a, b);
    };
  }

  private static void check(Trial trial, Random random, String name) {
    int blocks = trial.tokenBlocks() * trial.featureBlocks();
    List<LanePass.Operand> operands = new ArrayList<>();
    List<int[]> data = new ArrayList<>();
    Simulator simulator = Simulator.builder(CONFIG).build();
    long address = 0;
    for (LanePass.Kind kind : trial.kinds()) {
      int[] values = new int[blocks * HALF];
      for (int i = 0; i < values.length; i++) {
        values[i] = Bfloat16.fromFloat((float) (2 * random.nextGaussian()));
      }
      data.add(values);
      simulator.memory(0).write(ExternalMemory.Space.YZ, address, Layouts.bf16Bytes(values));
      operands.add(
          new LanePass.Operand(kind, address, kind == LanePass.Kind.MATRIX ? trial.share() : 1));
      address += blocks * BlockForm.BYTES;
    }
    ProgramBuilder program = new ProgramBuilder();
    new LanePass(CONFIG, program)
        .emit(
            trial.program(),
            trial.form(),
            operands,
            trial.tokenBlocks(),
            trial.featureBlocks(),
            new LanePass.Blocks(address));
    simulator.load(List.of(program.halt().build()));
    simulator.run();
    byte[] bytes =
        simulator.memory(0).read(ExternalMemory.Space.YZ, address, blocks * BlockForm.BYTES);
    Bf16Unit unit = Bf16Unit.of(CONFIG.profiles().arithmetic());
    for (int block = 0; block < blocks; block++) {
      for (int i = 0; i < HALF; i++) {
        int at = block * HALF + exchanged(i);
        int actual = (bytes[2 * at] & 255) | (bytes[2 * at + 1] & 255) << 8;
        int[] arguments = new int[operands.size()];
        for (int j = 0; j < arguments.length; j++) {
          arguments[j] = data.get(j)[index(trial, operands.get(j), block, i)];
        }
        if (actual != trial.program().evaluate(unit, arguments)) {
          assertThat(Integer.toHexString(actual))
              .as("%s, block %d, element %d", name, block, i)
              .isEqualTo(Integer.toHexString(trial.program().evaluate(unit, arguments)));
        }
      }
    }
  }

  // Where element (vector, DMPU, lane) of a block lies after vectors and DMPUs were exchanged.
  private static int exchanged(int element) {
    int vector = element / 128;
    int dmpu = element / 16 % 8;
    return (dmpu * 8 + vector) * 16 + element % 16;
  }

  private static int index(Trial trial, LanePass.Operand operand, int block, int element) {
    int vector = element / 128;
    int width = LanePass.width(operand.kind(), trial.form());
    int number =
        switch (operand.kind()) {
          case MATRIX -> block / operand.share();
          case FEATURE -> block % trial.featureBlocks();
          case TOKEN -> block / trial.featureBlocks();
        };
    return (number * width + BlockForm.variant(vector, width)) * 128 + element % 128;
  }
}
