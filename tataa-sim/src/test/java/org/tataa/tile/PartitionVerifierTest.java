package org.tataa.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tataa.config.TataaConfig;
import org.tataa.isa.StoreMode;
import org.tataa.numeric.LaneOp;
import org.tataa.tensor.Scale;

/** Cores that would meet in memory are found and named. */
class PartitionVerifierTest {
  private static final TataaConfig CONFIG = TataaConfig.u280();

  // A bfloat16 block of 2 KiB written per iteration.
  private static MatMulNest product(Address x, long base, long stride, Buffer target) {
    return new MatMulNest(
        new Work(Work.Kind.LINEAR, "c", 0, 0),
        List.of(4),
        x,
        new Address(Buffer.constant("w", new byte[4096]), 0, new long[] {0}),
        32,
        1,
        0,
        0,
        StoreMode.ACC_TO_BF16,
        false,
        List.of(Scale.ONE),
        -1,
        new Address(target, base, new long[] {stride}));
  }

  private static final Address CONSTANT =
      new Address(Buffer.constant("x", new byte[4096]), 0, new long[] {0});

  private static Partition.Step split(List<List<TileStep>> shares) {
    return new Partition.Step(0, shares);
  }

  @Test
  void separateBlocksPass() {
    TileStep step = product(CONSTANT, 0, 2048, Buffer.of("c", 8192));
    assertThat(PartitionVerifier.problem(CONFIG.geometry(), Shares.of(step, 4))).isNull();
  }

  @Test
  void writesThatOverlapAreNamed() {
    Buffer target = Buffer.of("c", 8192);
    TileStep step = product(CONSTANT, 0, 1024, target);
    TileProgram program = new TileProgram("p", CONFIG, List.of(step), List.of(), Map.of());
    Partition partition = new Partition(8, List.of(split(Shares.of(step, 2))));
    assertThatThrownBy(() -> PartitionVerifier.check(program, partition))
        .isInstanceOf(TileException.class)
        .hasMessage(
            "step 0, LINEAR c: core 1 writes bytes 2048 to 3071 of @c[8192], which core 0 writes");
    PartitionVerifier.check(program, new Partition(8, List.of(split(Shares.of(step, 1)))));
  }

  @Test
  void aReadOfWhatAnotherCoreWritesIsNamed() {
    Buffer target = Buffer.of("c", 16384);
    TileStep writes = product(CONSTANT, 0, 2048, target);
    TileStep reads =
        product(new Address(target, 7168, new long[] {0}), 8192, 2048, Buffer.of("d", 16384));
    assertThat(
            PartitionVerifier.problem(CONFIG.geometry(), List.of(List.of(writes), List.of(reads))))
        .isEqualTo("core 1 reads bytes 7168 to 8191 of @c[16384], which core 0 writes");
  }

  @Test
  void moreSharesThanCoresAreRefused() {
    TileStep step = product(CONSTANT, 0, 2048, Buffer.of("c", 8192));
    TileProgram program = new TileProgram("p", CONFIG, List.of(step), List.of(), Map.of());
    assertThatThrownBy(
            () ->
                PartitionVerifier.check(
                    program, new Partition(2, List.of(split(Shares.of(step, 4))))))
        .isInstanceOf(TileException.class)
        .hasMessage("step 0: 4 shares on 2 cores");
  }

  /** Vectors that one core stores, and another loads or stores too. */
  @Test
  void vectorsThatMeetAreNamed() {
    int bytes = CONFIG.geometry().vectorBytes();
    Buffer target = Buffer.of("v", 2L * bytes);
    assertThat(problem(stored(target, 0), stored(target, 0)))
        .contains("core 1 writes", "which core 0 writes");
    assertThat(problem(stored(target, 0), loaded(target, 0)))
        .contains("core 1 reads", "which core 0 writes");
    assertThat(problem(stored(target, 0), stored(target, bytes))).isNull();
    assertThat(problem(stored(target, 0), loaded(target, bytes))).isNull();
  }

  private static @Nullable String problem(TileStep first, TileStep second) {
    return PartitionVerifier.problem(CONFIG.geometry(), List.of(List.of(first), List.of(second)));
  }

  private static TileStep loaded(Buffer target, long base) {
    return vectors(1, new VectorStep.Load(0, new Address(target, base, new long[0])));
  }

  // Twice a constant.
  private static TileStep stored(Buffer target, long base) {
    byte[] content = new byte[CONFIG.geometry().vectorBytes()];
    VectorStep.Operand loaded = VectorStep.Operand.register(0);
    return vectors(
        2,
        new VectorStep.Load(0, new Address(Buffer.constant("k", content), 0, new long[0])),
        new VectorStep.Operate(LaneOp.ADD, 1, loaded, loaded, false),
        new VectorStep.Store(
            StoreMode.BF16_TO_BF16,
            Scale.ONE,
            false,
            new int[] {1},
            new Address(target, base, new long[0])));
  }

  private static TileStep vectors(int registers, VectorStep... body) {
    Work work = new Work(Work.Kind.LANES, "v", 0, 0);
    return new VectorNest(work, List.of(), registers, List.of(body));
  }
}
