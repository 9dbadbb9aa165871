package org.tataa.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tataa.config.IsaProfile;
import org.tataa.config.TataaConfig;
import org.tataa.function.LaneProgram;
import org.tataa.graph.ElementType;
import org.tataa.graph.NdTensor;
import org.tataa.tensor.DownloadOp;
import org.tataa.tensor.Element;
import org.tataa.tensor.InputOp;
import org.tataa.tensor.MapOp;
import org.tataa.tensor.SmallTensorPrograms;
import org.tataa.tensor.TensorProgram;
import org.tataa.tensor.UploadOp;
import org.tataa.tensor.Value;
import org.tataa.tile.SpilledVectors;
import org.tataa.tile.TilePrinter;
import org.tataa.tiling.Machines;

/** Programs that need more vector slots than there are: every level has the bits of level 2. */
class SpilledLevelsTest {
  private static TataaConfig withSlots(TataaConfig machine, int slots) {
    return machine.withBuffers(machine.buffers().withVectorSlots(slots));
  }

  // Powers of x + 1/8, then their sum from the last to the first: all are live at once.
  private static SmallTensorPrograms.Sample thereAndBack(int length) {
    Value host = new Value("in", Element.HOST, 9, 40);
    Value x = new Value("x", Element.BF16, 9, 40);
    Value y = new Value("y", Element.BF16, 9, 40);
    Value out = new Value("out", Element.HOST, 9, 40);
    LaneProgram.Builder lanes = LaneProgram.builder("thereAndBack", 1);
    List<LaneProgram.Value> powers = new ArrayList<>();
    LaneProgram.Value base = lanes.add(lanes.input(0), lanes.constant(0.125f));
    powers.add(base);
    for (int i = 1; i < length; i++) {
      powers.add(lanes.mul(powers.get(i - 1), base));
    }
    LaneProgram.Value sum = powers.get(length - 1);
    for (int i = length - 2; i >= 0; i--) {
      sum = lanes.add(sum, powers.get(i));
    }
    TensorProgram program =
        new TensorProgram(
            "thereAndBack",
            List.of(
                new InputOp(host, ElementType.FLOAT),
                new UploadOp(host, x),
                new MapOp(lanes.build(sum), List.of(x), y),
                new DownloadOp(y, out)),
            Map.of("out", out));
    float[] values = new float[360];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i - 180) / 180f;
    }
    return new SmallTensorPrograms.Sample(program, Map.of("in", NdTensor.of(values, 9, 40)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void anExpressionOfManyLiveValues(int cores) {
    SmallTensorPrograms.Sample sample = thereAndBack(40);
    for (TataaConfig machine : Machines.all()) {
      Compilation spilled = PartitionTest.compare(withSlots(machine, 4), sample, cores, 0);
      assertThat(spilled.schedule().spilled().stored()).isPositive();
      assertThat(spilled.schedule().spilled().loaded()).isPositive();
      assertThat(TilePrinter.print(spilled.schedule().tiles()))
          .contains(" vectors spilled, ", " to @y/spilled+0", " = load @y/spilled+");
      if (machine.buffers().tileDepth() >= 64) {
        Compilation whole = PartitionTest.compare(withSlots(machine, 64), sample, cores, 0);
        assertThat(whole.schedule().spilled()).isEqualTo(SpilledVectors.NONE);
        assertThat(whole.schedule().tiles().steps())
            .hasSizeLessThan(spilled.schedule().tiles().steps().size());
      }
    }
  }

  // Number of programs that spill.
  private static int compare(long firstSeed, int count) {
    int spilling = 0;
    for (long seed = firstSeed; seed < firstSeed + count; seed++) {
      List<TataaConfig> machines = Machines.all();
      IsaProfile isa = seed % 4 == 3 ? IsaProfile.PUBLISHED : IsaProfile.EXTENDED;
      TataaConfig machine = machines.get((int) (seed % machines.size()));
      TataaConfig config =
          withSlots(
              machine.withProfiles(machine.profiles().withIsa(isa)), (int) (1 + seed / 8 % 4));
      Compilation compilation =
          PartitionTest.compare(
              config, SmallTensorPrograms.of(seed, isa), (int) (1 + seed % 3), seed);
      spilling += compilation.schedule().spilled().isAny() ? 1 : 0;
    }
    return spilling;
  }

  @Test
  void randomPrograms() {
    assertThat(compare(0, 48)).isPositive();
  }

  @Tag("heavy")
  @Test
  void manyRandomPrograms() {
    assertThat(compare(40_000, 400)).isGreaterThan(40);
  }
}
