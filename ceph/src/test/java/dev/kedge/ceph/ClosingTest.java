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
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClosingTest {
  private static final long MIB = 1 << 20;

  private final LabCeph ceph = LabCeph.connect();
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void close() {
    ceph.close();
    arena.close();
  }

  private static void assertClosed(AutoCloseable handle, Runnable use) {
    assertThatThrownBy(use::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
    assertThat(handle).satisfies(AutoCloseable::close);
  }

  @Test
  void closingTheConnectionFirstClosesItsPoolsAndImages() {
    String name = ceph.image(MIB);
    CephCluster cluster = CephCluster.connect(ceph.options());
    RbdPool pool = cluster.openPool(LabCeph.POOL, "");
    RbdImage writer = pool.open(name);
    RbdImage reader = pool.openReadOnly(name, null);
    cluster.close();
    assertClosed(reader, reader::sizeBytes);
    assertClosed(writer, () -> writer.write(0, arena.allocate(512)));
    assertClosed(writer, () -> writer.createSnapshot("s"));
    assertClosed(writer, () -> writer.diff(null, 0, MIB, true, true, (o, l, e) -> {}));
    assertClosed(pool, () -> pool.open(name));
    assertClosed(pool, pool::images);
    assertClosed(cluster, () -> cluster.openPool(LabCeph.POOL, ""));
    assertClosed(cluster, cluster::poolNames);
    ceph.pool().remove(name);
  }

  @Test
  void closingAPoolLeavesTheOtherPoolsImagesOpen() {
    String name = ceph.image(MIB);
    try (CephCluster cluster = CephCluster.connect(ceph.options())) {
      RbdPool first = cluster.openPool(LabCeph.POOL, "");
      RbdPool second = cluster.openPool(LabCeph.POOL, "");
      RbdImage gone = first.openReadOnly(name, null);
      RbdImage stays = second.openReadOnly(name, null);
      first.close();
      first.close();
      assertClosed(gone, gone::features);
      assertThat(stays.sizeBytes()).isEqualTo(MIB);
    }
  }

  @Test
  void closingWaitsForWhatIsUnderWayAndKeepsTheResults() {
    String name = ceph.image(64 * MIB);
    RbdImage image = ceph.pool().open(name);
    List<AioCompletion> writes = new ArrayList<>();
    for (long offset = 0; offset < 64 * MIB; offset += MIB) {
      writes.add(image.writeAsync(offset, arena.allocate(MIB).fill((byte) 3)));
    }
    image.close();
    assertThat(writes).allMatch(AioCompletion::isDone);
    assertThat(writes).extracting(AioCompletion::await).containsOnly(MIB);
    Contents.assertFilled(ceph.export(LabCeph.POOL + "/" + name), 64 * MIB, 3);
  }

  @Test
  void errorsOfRequestsThatNobodyAwaitedAreStillToldAfterClosing() {
    String name = ceph.image(MIB);
    RbdImage image = ceph.pool().openReadOnly(name, null);
    AioCompletion write = image.writeAsync(0, arena.allocate(512));
    image.close();
    for (int i = 0; i < 2; i++) {
      assertFails(ErrorCode.FAILED, write::await)
          .hasMessageContaining("rbd_aio_write: EROFS")
          .hasMessageContaining(name);
    }
  }

  @Test
  void closingInTheMiddleOfOtherThreadsWorkEndsThemCleanly() throws InterruptedException {
    String name = ceph.image(64 * MIB);
    for (int round = 0; round < 20; round++) {
      CephCluster cluster = CephCluster.connect(ceph.options());
      RbdPool pool = cluster.openPool(LabCeph.POOL, "");
      RbdImage image = pool.openReadOnly(name, null);
      CountDownLatch started = new CountDownLatch(3);
      Queue<Throwable> ends = new ConcurrentLinkedQueue<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        threads.add(Thread.ofPlatform().start(() -> readUntilClosed(image, pool, started, ends)));
      }
      started.await();
      switch (round % 3) {
        case 0 -> image.close();
        case 1 -> pool.close();
        default -> cluster.close();
      }
      cluster.close();
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(ends).hasSize(3).allMatch(IllegalStateException.class::isInstance);
    }
  }

  private static void readUntilClosed(
      RbdImage image, RbdPool pool, CountDownLatch started, Queue<Throwable> ends) {
    try (Arena own = Arena.ofShared();
        BoundedAio aio = new BoundedAio(8)) {
      MemorySegment buffer = own.allocate(MIB);
      while (true) {
        for (long offset = 0; offset < 64 * MIB; offset += MIB) {
          long at = offset;
          aio.submit(() -> image.readAsync(at, buffer));
          started.countDown();
        }
        image.diff(null, 0, 64 * MIB, true, true, (o, l, e) -> {});
        assertThat(pool.name()).isEqualTo(LabCeph.POOL);
      }
    } catch (IllegalStateException e) {
      ends.add(e);
    }
  }

  @Test
  void anImageIsNotClosedFromWithinItsOwnDiff() {
    String name = ceph.image(8 * MIB);
    try (CephCluster cluster = CephCluster.connect(ceph.options());
        RbdPool pool = cluster.openPool(LabCeph.POOL, "");
        RbdImage image = pool.open(name)) {
      image.write(0, arena.allocate(4096).fill((byte) 1));
      for (AutoCloseable handle : List.of(image, cluster)) {
        assertThatThrownBy(() ->
                image.diff(null, 0, 8 * MIB, true, false, (o, l, e) -> closeUnchecked(handle)))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("cannot be closed from within its own call");
      }
    }
    // Whatever the refused closing left is closed by now: nobody watches the image.
    ceph.pool().remove(name);
  }

  private static void closeUnchecked(AutoCloseable handle) {
    try {
      handle.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
