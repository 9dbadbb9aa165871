package org.tataa.isa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The table against a map. */
class WordTableTest {
  @Test
  void findsWhatWasPutWhileItGrows() {
    WordTable<Integer> table = new WordTable<>();
    Map<Long, Integer> map = new HashMap<>();
    Random random = new Random(8);
    for (int i = 0; i < 5000; i++) {
      // Half of the words are neighbours, and some come again.
      long word = i % 2 == 0 ? random.nextInt(2000) : random.nextLong();
      assertThat(table.get(word)).isEqualTo(map.get(word));
      table.put(word, i);
      map.put(word, i);
      assertThat(table.get(word)).isEqualTo(i);
    }
    map.forEach((word, value) -> assertThat(table.get(word)).isEqualTo(value));
    for (int i = 0; i < 1000; i++) {
      long word = random.nextLong();
      assertThat(table.get(word)).isEqualTo(map.get(word));
    }
  }

  @Test
  void wordZeroIsAWord() {
    WordTable<String> table = new WordTable<>();
    assertThat(table.get(0)).isNull();
    table.put(0, "NOP");
    assertThat(table.get(0)).isEqualTo("NOP");
    assertThat(table.get(1)).isNull();
  }
}
