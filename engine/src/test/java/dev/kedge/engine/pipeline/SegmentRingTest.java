package dev.kedge.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SegmentRingTest {
  private static final int PAGE = 4096;

  private record Held(MemorySegment slice, byte mark) {}

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void noTwoSlicesShareAByte(long seed) throws InterruptedException {
    Random random = new Random(seed);
    try (SegmentRing ring = new SegmentRing(16 * PAGE)) {
      ArrayDeque<Held> held = new ArrayDeque<>();
      long heldBytes = 0;
      for (int step = 0; step < 1500; step++) {
        long want = 1L + random.nextInt(6 * PAGE);
        // With so much free a slice is to be had without waiting, wherever the ring stands.
        if (held.isEmpty() || heldBytes + 2 * (want + PAGE) <= 5 * PAGE) {
          Held next = new Held(ring.allocate(want), (byte) step);
          assertThat(next.slice.byteSize()).isEqualTo(want);
          assertThat(next.slice.address() % PAGE).isZero();
          next.slice.fill(next.mark);
          held.addLast(next);
          heldBytes += want + PAGE;
        } else {
          Held oldest = held.removeFirst();
          assertThat(oldest.slice.toArray(ValueLayout.JAVA_BYTE))
              .as("seed %d, step %d", seed, step)
              .containsOnly(oldest.mark);
          heldBytes -= oldest.slice.byteSize() + PAGE;
          ring.releaseOldest();
        }
      }
    }
  }

  @Test
  void theWholeRingCanBeHadAtOnceWhereverItStands() throws InterruptedException {
    try (SegmentRing ring = new SegmentRing(8 * PAGE)) {
      for (int i = 0; i < 5; i++) {
        ring.allocate(3 * PAGE);
        ring.releaseOldest();
        assertThat(ring.allocate(8 * PAGE).byteSize()).isEqualTo(8 * PAGE);
        ring.releaseOldest();
      }
    }
  }

  @Test
  void moreThanTheRingIsRefused() {
    try (SegmentRing ring = new SegmentRing(8 * PAGE)) {
      assertThatThrownBy(() -> ring.allocate(8 * PAGE + 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void whoeverWantsMoreWaitsForTheOldestToBeGivenBack() throws InterruptedException {
    try (SegmentRing ring = new SegmentRing(4 * PAGE)) {
      MemorySegment first = ring.allocate(2 * PAGE);
      ring.allocate(2 * PAGE);
      AtomicReference<@Nullable MemorySegment> third = new AtomicReference<>();
      Thread waiting = allocate(ring, 2 * PAGE, third);
      assertThat(third.get()).isNull();
      ring.releaseOldest();
      waiting.join();
      assertThat(third.get()).isNotNull();
      assertThat(third.get().address()).isEqualTo(first.address());
    }
  }

  @Test
  void anAbortWakesWhoeverWaitsAndRefusesWhoeverComes() throws InterruptedException {
    try (SegmentRing ring = new SegmentRing(4 * PAGE)) {
      ring.allocate(4 * PAGE);
      AtomicReference<@Nullable MemorySegment> slice = new AtomicReference<>();
      Thread waiting = allocate(ring, PAGE, slice);
      ring.abort();
      waiting.join();
      assertThat(slice.get()).isNull();
      ring.releaseOldest();
      assertThatThrownBy(() -> ring.allocate(PAGE)).isInstanceOf(InterruptedException.class);
    }
  }

  // Returns when the thread waits inside the ring.
  private static Thread allocate(
      SegmentRing ring, long bytes, AtomicReference<@Nullable MemorySegment> into)
      throws InterruptedException {
    CountDownLatch started = new CountDownLatch(1);
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              started.countDown();
              try {
                into.set(ring.allocate(bytes));
              } catch (InterruptedException e) {
                into.set(null);
              }
            });
    started.await();
    while (thread.getState() != Thread.State.WAITING && thread.isAlive()) {
      Thread.onSpinWait();
    }
    return thread;
  }
}
