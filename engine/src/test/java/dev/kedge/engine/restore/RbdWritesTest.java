package dev.kedge.engine.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.KedgeException;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.testing.LabCeph;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** More writes than may be under way at once, to an image of the real Ceph. */
class RbdWritesTest {
  private static final int MIB = 1 << 20;
  private static final int IMAGE_BYTES = 48 * MIB;
  private static final int BLOCK = 4096;
  private static final int LONGEST_BLOCKS = 2 * MIB / BLOCK;
  private static final long SEED = 20261128;
  private static final String COPY_WRITES = "rbd_disable_zero_copy_writes";

  private final LabCeph ceph = LabCeph.connect();

  @AfterEach
  void close() {
    ceph.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsWrittenIsThereAndMemoryGivenBackIsFree(boolean copies) {
    String name = ceph.image(IMAGE_BYTES);
    String spec = LabCeph.POOL + "/" + name;
    ceph.rbd("config", "image", "set", spec, COPY_WRITES, Boolean.toString(copies));
    Random random = new Random(SEED);
    byte[] expected = new byte[IMAGE_BYTES];
    AtomicInteger givenBack = new AtomicInteger();
    int writes = 0;
    try (Arena arena = Arena.ofShared();
        RbdImage image = ceph.pool().open(name)) {
      RbdWrites sink = new RbdWrites(image);
      assertThat(sink.holdsMemory()).isEqualTo(!copies);
      for (int at = 0; at < IMAGE_BYTES; ) {
        int length = Math.min((1 + random.nextInt(LONGEST_BLOCKS)) * BLOCK, IMAGE_BYTES - at);
        if (random.nextInt(8) == 0) {
          sink.zeroes(at, length);
        } else {
          byte[] content = new byte[length];
          random.nextBytes(content);
          System.arraycopy(content, 0, expected, at, length);
          MemorySegment memory = arena.allocate(length);
          MemorySegment.copy(content, 0, memory, ValueLayout.JAVA_BYTE, 0, length);
          sink.data(
              at,
              memory,
              () -> {
                memory.fill((byte) 0xee);
                givenBack.incrementAndGet();
              });
          writes++;
        }
        at += length;
      }
      sink.drain();
    }
    ceph.rbd("config", "image", "remove", spec, COPY_WRITES);
    assertThat(givenBack).hasValue(writes);
    assertThat(Arrays.mismatch(ceph.export(spec), expected)).isEqualTo(-1);
  }

  @Test
  void aFailureIsSaidAndAllMemoryGivenBack() {
    String name = ceph.image(IMAGE_BYTES);
    AtomicInteger givenBack = new AtomicInteger();
    AtomicInteger started = new AtomicInteger();
    try (Arena arena = Arena.ofShared();
        RbdImage image = ceph.pool().openReadOnly(name, null)) {
      RbdWrites sink = new RbdWrites(image);
      MemorySegment memory = arena.allocate(2L * MIB);
      assertThatThrownBy(
              () -> {
                for (int at = 0; at < IMAGE_BYTES; at += 2 * MIB) {
                  started.incrementAndGet();
                  sink.data(at, memory, givenBack::incrementAndGet);
                }
                sink.drain();
              })
          .isInstanceOf(KedgeException.class)
          .hasMessageContaining(name);
      try {
        sink.drain();
      } catch (KedgeException e) {
        assertThat(e).hasMessageContaining(name);
      }
      assertThat(givenBack).hasValue(started.get());
    }
  }
}
