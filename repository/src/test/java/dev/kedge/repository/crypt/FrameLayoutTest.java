package dev.kedge.repository.crypt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameLayoutTest {
  private final FrameLayout layout = new FrameLayout(65_536);

  @Test
  void contentAndStoredLengthFollowFromEachOther() {
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      long content = i < 200_000 ? i * 3L : random.nextLong(1L << 50);
      assertThat(layout.contentBytes(layout.storedBytes(content))).isEqualTo(content);
    }
    long large = (1L << 50) + 12_345;
    assertThat(layout.contentBytes(layout.storedBytes(large))).isEqualTo(large);
  }

  @Test
  void noOtherLengthIsOfAWholeObject() {
    java.util.Set<Long> valid = new java.util.HashSet<>();
    for (long content = 0; content < 3 * 65_536 + 10; content++) {
      valid.add(layout.storedBytes(content));
    }
    for (long stored = 0; stored < layout.storedBytes(3 * 65_536 + 9); stored++) {
      assertThat(layout.contentBytes(stored) >= 0)
          .as("%d", stored)
          .isEqualTo(valid.contains(stored));
    }
  }
}
