package org.tataa.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Which slot is taken, and what those not in use still hold. */
class SlotFileTest {
  private final SlotFile slots = new SlotFile(4);

  @Test
  void theSlotNotUsedForLongestIsTaken() {
    for (int i = 0; i < 4; i++) {
      assertThat(slots.takeFor(256 * i)).isEqualTo(i);
    }
    assertThat(slots.take()).isEqualTo(SlotFile.NONE);
    slots.release(2);
    slots.release(0);
    slots.release(3);
    assertThat(slots.takeFor(1024)).isEqualTo(2);
    assertThat(slots.take()).isEqualTo(0);
    assertThat(slots.take()).isEqualTo(3);
    assertThat(slots.takeFor(2048)).isEqualTo(SlotFile.NONE);
  }

  @Test
  void slotsThatHoldNothingComeFirst() {
    slots.takeFor(0);
    slots.take();
    slots.takeFor(512);
    slots.takeFor(768);
    slots.release(0);
    slots.release(1);
    assertThat(slots.take()).isEqualTo(1);
    assertThat(slots.holds(0)).isTrue();
    assertThat(slots.take()).isEqualTo(0);
    assertThat(slots.holds(0)).isFalse();
  }

  @Test
  void whatASlotHoldsIsUsedAgain() {
    int slot = slots.takeFor(256);
    assertThat(slots.reuse(256)).isEqualTo(slot);
    slots.release(slot);
    slots.takeFor(512);
    slots.takeFor(768);
    slots.take();
    // In use twice, released once.
    assertThat(slots.take()).isEqualTo(SlotFile.NONE);
    slots.release(slot);
    assertThat(slots.reuse(1024)).isEqualTo(SlotFile.NONE);
    assertThat(slots.reuse(256)).isEqualTo(slot);
    slots.release(slot);
    assertThat(slots.take()).isEqualTo(slot);
    assertThat(slots.reuse(256)).isEqualTo(SlotFile.NONE);
  }

  @Test
  void runsOfSlotsHoldOneVectorAfterTheOther() {
    assertThat(slots.takeRun(4096, 256, 2)).isEqualTo(0);
    assertThat(slots.holds(4096)).isTrue();
    assertThat(slots.holds(4096 + 256)).isTrue();
    assertThat(slots.takeRun(0, 256, 3)).isEqualTo(SlotFile.NONE);
    assertThat(slots.takeRun(0, 256, 2)).isEqualTo(2);
    assertThat(slots.takeRun(0, 256, 1)).isEqualTo(SlotFile.NONE);
    slots.release(2);
    slots.release(3);
    slots.release(1);
    // Slots 1 and 2 were used later than 2 and 3.
    assertThat(slots.takeRun(8192, 256, 2)).isEqualTo(2);
    assertThat(slots.holds(4096 + 256)).isTrue();
    slots.release(0);
    assertThat(slots.takeRun(1024, 256, 2)).isEqualTo(0);
  }

  @Test
  void aRunMayTakeAllSlots() {
    assertThat(slots.takeRun(0, 256, 5)).isEqualTo(SlotFile.NONE);
    assertThat(slots.takeRun(0, 256, 4)).isEqualTo(0);
  }
}
