package org.tataa.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class GenerationSizesTest {
  private final GenerationSizes sizes = GenerationSizes.DEFAULT;

  @Test
  void theSmallestThatSuffices() {
    assertThat(sizes.rowsFor(1)).isEqualTo(32);
    assertThat(sizes.rowsFor(33)).isEqualTo(64);
    assertThat(sizes.rowsFor(1000)).isEqualTo(128);
    assertThat(sizes.slotsFor(64)).isEqualTo(64);
    assertThat(sizes.slotsFor(65)).isEqualTo(128);
    assertThat(sizes.wholeFor(129)).isEqualTo(256);
  }

  @Test
  void upToANumberOfKeys() {
    assertThat(sizes.forTokens(100)).isEqualTo(sizes.upTo(128));
    assertThat(sizes.upTo(128).slots()).containsExactly(64, 128);
    assertThat(sizes.upTo(50).rows()).containsExactly(32);
    assertThat(sizes.upTo(50).limit()).isEqualTo(50);
  }

  @Test
  void sizesThatAreNoneAreRefused() {
    assertThatThrownBy(() -> new GenerationSizes(List.of(), List.of(64)))
        .hasMessageContaining("at least one size");
    assertThatThrownBy(() -> new GenerationSizes(List.of(32), List.of(64, 64)))
        .hasMessageContaining("ascending");
    assertThatThrownBy(() -> new GenerationSizes(List.of(128), List.of(64)))
        .hasMessageContaining("more than slots");
  }
}
