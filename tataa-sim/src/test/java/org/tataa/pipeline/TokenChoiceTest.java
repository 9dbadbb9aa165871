package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TokenChoiceTest {
  private static final float[] LOGITS = {0, 2, 1, 2, -3};

  @Test
  void greedyTakesTheFirstOfTheLargest() {
    assertThat(TokenChoice.greedy().of(LOGITS)).isEqualTo(1);
    assertThat(TokenChoice.drawn(0, 0, 5).of(LOGITS)).isEqualTo(1);
  }

  @Test
  void drawsFollowTheSoftmaxOfTheLargest() {
    TokenChoice choice = TokenChoice.drawn(1, 3, 5);
    int[] counts = new int[LOGITS.length];
    for (int i = 0; i < 20_000; i++) {
      counts[choice.of(LOGITS)]++;
    }
    assertThat(counts[0] + counts[4]).isZero();
    assertThat(counts[2] / 20_000.0).isBetween(0.14, 0.17);
    assertThat(counts[1] / 20_000.0).isBetween(0.40, 0.44);
  }

  @Test
  void theSameSeedDrawsTheSame() {
    TokenChoice one = TokenChoice.drawn(2, 0, 9);
    TokenChoice other = TokenChoice.drawn(2, 0, 9);
    for (int i = 0; i < 50; i++) {
      assertThat(one.of(LOGITS)).isEqualTo(other.of(LOGITS));
    }
  }

  @Test
  void negativeNumbersAreRefused() {
    assertThatThrownBy(() -> TokenChoice.drawn(-1, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TokenChoice.drawn(1, -1, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
