package dev.kedge.ceph;

import static dev.kedge.ceph.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.ceph.testing.LabCeph;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BoundedAioTest {
  private static final long MIB = 1 << 20;

  private final LabCeph ceph = LabCeph.connect();
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void close() {
    ceph.close();
    arena.close();
  }

  @Test
  void neverMoreThanTheDepthAreUnderWayAndAllAreDone() {
    String name = ceph.image(32 * MIB);
    MemorySegment data = arena.allocate(MIB).fill((byte) 4);
    List<AioCompletion> started = new ArrayList<>();
    try (RbdImage image = ceph.pool().open(name);
        BoundedAio aio = new BoundedAio(4)) {
      for (long offset = 0; offset < 32 * MIB; offset += MIB) {
        long at = offset;
        aio.submit(() -> {
          // The oldest gave way: at most three others are not awaited.
          assertThat(aio.inFlight()).isLessThan(4);
          AioCompletion completion = image.writeAsync(at, data);
          started.add(completion);
          return completion;
        });
        assertThat(image.outstanding()).hasSizeLessThanOrEqualTo(4);
      }
      aio.drain();
      assertThat(started).hasSize(32).allMatch(AioCompletion::isDone);
      assertThat(image.outstanding()).isEmpty();
    }
    Contents.assertFilled(ceph.export(LabCeph.POOL + "/" + name), 32 * MIB, 4);
  }

  @Test
  void theFirstErrorWinsAndNothingIsStartedAfterIt() {
    String name = ceph.image(MIB);
    MemorySegment data = arena.allocate(512);
    try (RbdImage image = ceph.pool().openReadOnly(name, null);
        BoundedAio aio = new BoundedAio(2)) {
      aio.submit(() -> image.readAsync(0, data));
      aio.submit(() -> image.writeAsync(512, data));
      aio.submit(() -> image.writeAsync(1024, data));
      AtomicInteger startedLater = new AtomicInteger();
      assertFails(
              ErrorCode.FAILED,
              () ->
                  aio.submit(() -> {
                    startedLater.incrementAndGet();
                    return image.readAsync(0, data);
                  }))
          .hasMessageContaining(" at 512+512 ");
      assertThat(startedLater.get()).isZero();
      assertFails(ErrorCode.FAILED, aio::drain)
          .hasMessageContaining(" at 512+512 ")
          .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    }
  }

  @Test
  void aDepthBelowOneIsRefused() {
    assertThatThrownBy(() -> new BoundedAio(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
