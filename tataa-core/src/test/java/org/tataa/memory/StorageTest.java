package org.tataa.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tataa.config.AccumulatorKind;
import org.tataa.config.MemoryConfig;
import org.tataa.config.TataaConfig;
import org.tataa.memory.ExternalMemory.Space;
import org.tataa.observe.UnitKind;

/** The memories on their own: where bytes, words and lanes are, and who may have them when. */
class StorageTest {
  private static final TataaConfig TINY = TataaConfig.tiny();
  private static final int LANES = TINY.geometry().lanes();
  private static final int WORD = TINY.geometry().outputs();
  private static final int SLOTS = TINY.buffers().vectorSlots();

  @Test
  void spacesOfExternalMemory() {
    ExternalMemory separate = new ExternalMemory(MemoryConfig.separate(1 << 12, 1 << 13));
    assertThat(separate.size(Space.X)).isEqualTo(1 << 12);
    assertThat(separate.size(Space.YZ)).isEqualTo(1 << 13);
    assertThat(separate.contains(Space.X, 0, 1 << 12)).isTrue();
    assertThat(separate.contains(Space.X, 1, 1 << 12)).isFalse();
    assertThat(separate.contains(Space.X, -1, 1)).isFalse();
    assertThat(separate.contains(Space.X, 0, -1)).isFalse();
    assertThat(separate.contains(Space.X, 1 << 12, 0)).isTrue();
    assertThatThrownBy(() -> separate.locate(Space.X, 0xffe, 4))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("X space: bytes 0xffe..0x1001 are outside 0x0..0xfff");
    separate.write(Space.X, 4, new byte[] {1, 2, 3});
    separate.write(Space.YZ, 4, new byte[] {7, 8, 9});
    assertThat(separate.read(Space.X, 3, 5)).containsExactly(0, 1, 2, 3, 0);
    assertThat(separate.read(Space.YZ, 5, 3)).containsExactly(8, 9, 0);
    ExternalMemory unified = new ExternalMemory(MemoryConfig.unified(1 << 12));
    unified.write(Space.X, 4, new byte[] {1, 2, 3});
    assertThat(unified.read(Space.YZ, 4, 3)).containsExactly(1, 2, 3);
    assertThat(unified.contentHash())
        .isNotEqualTo(new ExternalMemory(unified.config()).contentHash());
    unified.clear();
    assertThat(unified.contentHash()).isEqualTo(new ExternalMemory(unified.config()).contentHash());
  }

  /** The byte of the last row comes first in a word of X. */
  @Test
  void wordsOfX() {
    RegisterFileX rfx = new RegisterFileX(TINY);
    int rows = TINY.geometry().rows();
    byte[] bytes = new byte[3 * rows];
    new Random(1).nextBytes(bytes);
    rfx.write(1, rows, bytes, rows, 2 * rows);
    for (int row = 0; row < rows; row++) {
      assertThat(rfx.operand(1, 1, row)).isEqualTo(bytes[2 * rows - 1 - row]);
      assertThat(rfx.operand(1, 2, row)).isEqualTo(bytes[3 * rows - 1 - row]);
      assertThat(rfx.operand(0, 1, row) | rfx.operand(1, 0, row)).isZero();
    }
    assertThat(rfx.word(1, 2)).containsExactly(Arrays.copyOfRange(bytes, 2 * rows, 3 * rows));
    rfx.write(0, 0, bytes, 0, rows);
    rfx.reset();
    assertThat(rfx.tile(0)).containsOnly(0);
    assertThat(rfx.tile(1)).containsOnly(0);
  }

  private static int[] lanes(RegisterFileY rfy, int bank, int slot) {
    int[] lanes = new int[LANES];
    rfy.readLanes(bank, slot, lanes);
    return lanes;
  }

  /** A word of a tile is the same storage as the slot of its number, in every DMPU. */
  @Test
  void wordsAndVectorsShareStorage() {
    RegisterFileY rfy = new RegisterFileY(TINY);
    assertThat(rfy.isEmpty()).isTrue();
    byte[] word = {1, -2, 3, 4, 5, 6, 7, -8};
    rfy.writeMatrix(1, 2 * WORD, word, 0, WORD, 17);
    assertThat(rfy.isEmpty()).isFalse();
    assertThat(rfy.use(1, 2)).isEqualTo(RegisterFileY.Use.MATRIX);
    assertThat(rfy.use(1, 1)).isEqualTo(RegisterFileY.Use.EMPTY);
    assertThat(rfy.use(1, 3)).isEqualTo(RegisterFileY.Use.EMPTY);
    assertThat(rfy.use(0, 2)).isEqualTo(RegisterFileY.Use.EMPTY);
    assertThat(rfy.writer(1, 2)).isEqualTo(17);
    assertThat(rfy.writer(1, 3)).isEqualTo(-1);
    assertThat(lanes(rfy, 1, 2))
        .containsExactly(0xfe01, 0x0403, 0x0605, 0xf807, 0xfe01, 0x0403, 0x0605, 0xf807);

    int[] vector = new Random(2).ints(LANES, 0, 1 << 16).toArray();
    rfy.writeLanes(1, 2, vector, 18);
    assertThat(rfy.use(1, 2)).isEqualTo(RegisterFileY.Use.VECTOR);
    assertThat(rfy.writer(1, 2)).isEqualTo(18);
    assertThat(lanes(rfy, 1, 2)).containsExactly(vector);
    for (int i = 0; i < WORD; i++) {
      int lane = vector[i / 2];
      assertThat(rfy.operand(1, 2, i)).isEqualTo((byte) (i % 2 == 0 ? lane : lane >> 8));
    }
    // Half of a word arrives: the other half is what the vector left in DMPU 0.
    rfy.writeMatrix(1, 2 * WORD, word, 0, 4, 19);
    assertThat(rfy.operand(1, 2, 1)).isEqualTo(-2);
    assertThat(rfy.operand(1, 2, 5)).isEqualTo((byte) (vector[2] >> 8));
    // As a vector it is then the word, in every DMPU.
    rfy.takeAsVector(1, 2, 20);
    assertThat(lanes(rfy, 1, 2))
        .containsExactly(
            0xfe01, 0x0403, vector[2], vector[3], 0xfe01, 0x0403, vector[2], vector[3]);
    rfy.reset();
    assertThat(rfy.isEmpty()).isTrue();
    assertThat(lanes(rfy, 1, 2)).containsOnly(0);
    assertThat(rfy.writer(1, 2)).isEqualTo(-1);
  }

  /** Words behind the slots are no vector's; a load takes every slot that it touches. */
  @Test
  void longTilesTakeTheSlotsTheyFallOn() {
    RegisterFileY rfy = new RegisterFileY(TINY);
    byte[] bytes = new byte[4 * WORD];
    new Random(3).nextBytes(bytes);
    rfy.writeMatrix(0, (SLOTS - 2) * WORD + 1, bytes, 0, 4 * WORD - 1, 5);
    assertThat(rfy.use(0, SLOTS - 3)).isEqualTo(RegisterFileY.Use.EMPTY);
    assertThat(rfy.use(0, SLOTS - 2)).isEqualTo(RegisterFileY.Use.MATRIX);
    assertThat(rfy.use(0, SLOTS - 1)).isEqualTo(RegisterFileY.Use.MATRIX);
    assertThat(rfy.operand(0, SLOTS - 2, 1)).isEqualTo(bytes[0]);
    assertThat(rfy.operand(0, SLOTS, 0)).isEqualTo(bytes[2 * WORD - 1]);
    rfy.writeMatrix(1, SLOTS * WORD, bytes, 0, WORD, 6);
    assertThat(rfy.use(1, SLOTS - 1)).isEqualTo(RegisterFileY.Use.EMPTY);
    assertThat(rfy.operand(1, SLOTS, 3)).isEqualTo(bytes[3]);
    rfy.writeMatrix(1, WORD, bytes, 0, WORD + 1, 7);
    assertThat(rfy.use(1, 1)).isEqualTo(RegisterFileY.Use.MATRIX);
    assertThat(rfy.use(1, 2)).isEqualTo(RegisterFileY.Use.MATRIX);
    assertThat(rfy.use(1, 3)).isEqualTo(RegisterFileY.Use.EMPTY);
  }

  @Test
  void vectorsOfOneLoadFollowEachOther() {
    RegisterFileY rfy = new RegisterFileY(TINY);
    ExternalMemory memory = new ExternalMemory(TINY.memory());
    byte[] bytes = new byte[6 * LANES];
    new Random(4).nextBytes(bytes);
    memory.write(Space.X, 32, bytes);
    rfy.writeVectors(0, 3, 0, memory, 32, 2 * LANES + 4, 9);
    rfy.writeVectors(0, 3, 2 * LANES + 4, memory, 36 + 2 * LANES, 4 * LANES - 4, 9);
    for (int slot = 0; slot < 3; slot++) {
      int[] lanes = lanes(rfy, 0, 3 + slot);
      for (int lane = 0; lane < LANES; lane++) {
        int at = 2 * (slot * LANES + lane);
        assertThat(lanes[lane]).isEqualTo(bytes[at] & 0xff | (bytes[at + 1] & 0xff) << 8);
      }
      assertThat(rfy.writer(0, 3 + slot)).isEqualTo(9);
    }
    assertThat(rfy.use(0, 6)).isEqualTo(RegisterFileY.Use.EMPTY);
  }

  @Test
  void dualModeBuffersAreFifosOfTheirOwn() {
    DualModeBuffer dmb = new DualModeBuffer(TINY);
    int depth = TINY.buffers().dmbDepth();
    assertThat(dmb.depth()).isEqualTo(depth);
    assertThatThrownBy(() -> dmb.pop(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("dmb[1] is read while empty");
    int[] vector = new int[LANES];
    int taken = 0;
    for (int word = 0; word < 3 * depth; word++) {
      for (int lane = 0; lane < LANES; lane++) {
        vector[lane] = 0x8000 + 100 * word + lane;
      }
      dmb.pushLanes(vector);
      if (dmb.occupancy(1) == depth) {
        assertThatThrownBy(dmb::push)
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("dmb[1] overflows its " + depth + " words");
      }
      if (word >= depth - 2) {
        for (int dmpu = 0; dmpu < 2; dmpu++) {
          int place = dmb.pop(dmpu);
          for (int column = 0; column < 4; column++) {
            assertThat(dmb.lo()[place + column])
                .isEqualTo(0x8000 + 100 * taken + 4 * dmpu + column);
            assertThat(dmb.hi()[place + column]).isZero();
          }
        }
        taken++;
      }
    }
    assertThat(dmb.occupancy(0)).isEqualTo(3 * depth - taken);
    dmb.reset();
    assertThat(dmb.occupancy(0)).isZero();
    // What a drained block left in the high halves is no part of a vector.
    Arrays.fill(dmb.hi(), 7);
    dmb.pushLanes(new int[LANES]);
    dmb.pushLanes(new short[LANES]);
    for (int word = 0; word < 2; word++) {
      int place = dmb.pop(0);
      assertThat(Arrays.copyOfRange(dmb.hi(), place, place + LANES)).containsOnly(0);
    }
    Arrays.fill(dmb.hi(), 0);
    dmb.reset();
    dmb.pushLanes(new short[] {1, 2, 3, 4, -1, 6, 7, 8});
    dmb.push();
    dmb.pop(0);
    assertThat(dmb.occupancy(0)).isEqualTo(1);
    assertThat(dmb.occupancy(1)).isEqualTo(2);
    assertThat(dmb.describe(1))
        .startsWith("dmb[1] 2/" + depth + "\n  0: {0000,ffff} {0000,0006}")
        .contains("\n  1: ");
  }

  /** With 16 bits a sum, a vector that is read as sums is signed. */
  @Test
  void halvesAreAsWideAsSums() {
    TataaConfig narrow =
        TINY.withProfiles(TINY.profiles().withAccumulator(AccumulatorKind.PACKED_INT16));
    DualModeBuffer dmb = new DualModeBuffer(narrow);
    dmb.pushLanes(new int[] {0xffff, 1, 2, 3, 4, 5, 6, 7});
    dmb.pushLanes(new short[] {-2, 1, 2, 3, 4, 5, 6, 7});
    assertThat(dmb.lo()[dmb.pop(0)]).isEqualTo(-1);
    assertThat(dmb.lo()[dmb.pop(0)]).isEqualTo(-2);
  }

  @Test
  void scoreboardHasTheYoungestUses() {
    SlotScoreboard board = new SlotScoreboard(SLOTS);
    assertThat(board.isLoading(1, 3, 0)).isFalse();
    assertThat(board.userAfter(1, 3, 0)).isEqualTo(-1);
    board.loads(1, 3, 2, UnitKind.LOAD_X, 7, 50);
    for (int slot = 0; slot < SLOTS; slot++) {
      boolean isLoaded = slot == 3 || slot == 4;
      assertThat(board.isLoading(1, slot, 49)).isEqualTo(isLoaded);
      assertThat(board.isLoading(0, slot, 49)).isFalse();
    }
    assertThat(board.isLoading(1, 3, 50)).isFalse();
    assertThat(board.loader(1, 4)).isEqualTo(7);
    assertThat(board.loadedThrough(1, 4)).isEqualTo(UnitKind.LOAD_X);
    assertThat(board.loadEnd(1, 4)).isEqualTo(50);
    // A load that ends earlier is hidden by the one before, one that ends then is not.
    board.loads(1, 3, 1, UnitKind.LOAD_Y, 8, 49);
    assertThat(board.loader(1, 3)).isEqualTo(7);
    board.loads(1, 3, 1, UnitKind.LOAD_Y, 9, 50);
    assertThat(board.loader(1, 3)).isEqualTo(9);
    assertThat(board.loadedThrough(1, 3)).isEqualTo(UnitKind.LOAD_Y);
    board.loadEnds(1, 3, 2, 9, 60);
    assertThat(board.loadEnd(1, 3)).isEqualTo(60);
    assertThat(board.loadEnd(1, 4)).isEqualTo(50);

    board.reads(0, 5, 11, 30);
    board.writes(0, 5, 12, 40, 45);
    assertThat(board.lastUse(0, 5)).isEqualTo(40);
    assertThat(board.resultReady(0, 5)).isEqualTo(45);
    assertThat(board.writer(0, 5)).isEqualTo(12);
    assertThat(board.userAfter(0, 5, 30)).isEqualTo(12);
    assertThat(board.userAfter(0, 5, 40)).isEqualTo(12);
    assertThat(board.userAfter(0, 5, 41)).isEqualTo(-1);
    board.reads(0, 5, 13, 50);
    assertThat(board.userAfter(0, 5, 40)).isEqualTo(13);
    assertThat(board.userAfter(0, 5, 50)).isEqualTo(13);
    assertThat(board.userAfter(0, 5, 51)).isEqualTo(-1);
    assertThat(board.lastUse(0, 5)).isEqualTo(50);
    board.reads(1, 5, 14, 70);
    board.writes(1, 5, 15, 65, 66);
    assertThat(board.lastUse(1, 5)).isEqualTo(70);
    assertThat(board.resultReady(1, 5)).isEqualTo(66);
    assertThat(board.writer(1, 5)).isEqualTo(15);
    assertThat(board.userAfter(1, 5, 65)).isEqualTo(15);
    assertThat(board.userAfter(1, 5, 66)).isEqualTo(14);
    assertThat(board.lastUse(0, 5)).isEqualTo(50);
    board.reset();
    assertThat(board.userAfter(0, 5, 0)).isEqualTo(-1);
    assertThat(board.isLoading(1, 3, 0)).isFalse();
    assertThat(board.lastUse(0, 5)).isNegative();
    assertThat(board.resultReady(0, 5)).isNegative();
  }
}
