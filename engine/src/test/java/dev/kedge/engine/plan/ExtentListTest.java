package dev.kedge.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExtentListTest {
  private static final int SPAN = 4000;

  @Test
  void neighboursOfAKindAreJoined() {
    ExtentList list = new ExtentList();
    list.add(0, 10, false);
    list.add(10, 5, false);
    list.add(15, 5, true);
    list.add(20, 5, true);
    list.add(25, 0, false);
    assertThat(list.size()).isEqualTo(2);
    assertThat(list.end(0)).isEqualTo(15);
    assertThat(list.isZero(1)).isTrue();
    assertThat(list.totalBytes()).isEqualTo(25);
  }

  @Test
  void whatIsToBeReadWinsOverZeroes() {
    ExtentList list = new ExtentList();
    list.add(10, 10, true);
    list.add(5, 10, false);
    list.normalise();
    assertThat(list.isZero(0)).isFalse();
    assertThat(list.offset(0)).isEqualTo(5);
    assertThat(list.end(0)).isEqualTo(15);
    assertThat(list.isZero(1)).isTrue();
    assertThat(list.end(1)).isEqualTo(20);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void nothingIsLostWhateverTheOrder(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      // A small bound makes it join what is far apart, too.
      ExtentList list = new ExtentList(random.nextBoolean() ? 8 : 1000);
      BitSet read = new BitSet();
      BitSet zero = new BitSet();
      int count = random.nextInt(60);
      int at = 0;
      boolean ascending = random.nextBoolean();
      for (int i = 0; i < count; i++) {
        at = ascending ? at + random.nextInt(90) : random.nextInt(SPAN);
        int length = random.nextInt(random.nextBoolean() ? 10 : 200);
        boolean isZero = random.nextBoolean();
        list.add(at, length, isZero);
        (isZero ? zero : read).set(at, at + length);
        at += ascending ? length : 0;
      }
      list.normalise();
      check(list, read, zero, "seed " + seed + ", round " + round);
    }
  }

  private static void check(ExtentList list, BitSet read, BitSet zero, String when) {
    BitSet listedRead = new BitSet();
    BitSet listedZero = new BitSet();
    long end = 0;
    for (int i = 0; i < list.size(); i++) {
      assertThat(list.offset(i)).as(when).isGreaterThanOrEqualTo(end);
      assertThat(list.end(i)).as(when).isGreaterThan(list.offset(i));
      end = list.end(i);
      (list.isZero(i) ? listedZero : listedRead).set((int) list.offset(i), (int) end);
    }
    BitSet lost = (BitSet) read.clone();
    lost.andNot(listedRead);
    assertThat(lost).as("%s: to be read, and lost", when).isEqualTo(new BitSet());
    BitSet forgotten = (BitSet) zero.clone();
    forgotten.andNot(listedRead);
    forgotten.andNot(listedZero);
    assertThat(forgotten).as("%s: zero, and lost", when).isEqualTo(new BitSet());
    BitSet invented = (BitSet) listedZero.clone();
    invented.andNot(zero);
    invented.or(and(listedZero, read));
    assertThat(invented).as("%s: called zero, and is not", when).isEqualTo(new BitSet());
    for (int at = 0; at < SPAN + 300; at += 7) {
      BitSet listed = (BitSet) listedRead.clone();
      listed.or(listedZero);
      assertThat(list.touches(at, 5))
          .as("%s: touches %d", when, at)
          .isEqualTo(!listed.get(at, at + 5).isEmpty());
    }
  }

  private static BitSet and(BitSet a, BitSet b) {
    BitSet both = (BitSet) a.clone();
    both.and(b);
    return both;
  }

  @Test
  void whatComesOutOfOrderWhenTheListIsFullIsSortedToo() {
    ExtentList list = new ExtentList(4);
    for (int i = 1; i <= 4; i++) {
      list.add(i * 10_000L, 10, false);
    }
    list.add(5, 10, false);
    list.normalise();
    assertThat(list.offset(0)).isEqualTo(5);
    assertThat(list.touches(7, 1)).isTrue();
  }

  @Test
  void theBoundHoldsAndTheSmallestGapsGoFirst() {
    ExtentList list = new ExtentList(16);
    for (int i = 0; i < 1000; i++) {
      list.add((long) i << 20, 4096, i % 2 == 0);
    }
    list.normalise();
    assertThat(list.size()).isLessThanOrEqualTo(16);
    assertThat(list.offset(0)).isZero();
    assertThat(list.end(list.size() - 1)).isEqualTo((999L << 20) + 4096);
    ExtentList near = new ExtentList(4);
    near.add(0, 10, false);
    near.add(20, 10, false);
    near.add(1 << 30, 10, false);
    near.add(1L << 40, 10, false);
    near.add(1L << 41, 10, false);
    assertThat(near.end(0)).isEqualTo((1 << 30) + 10);
    assertThat(near.offset(1)).isEqualTo(1L << 40);
  }
}
