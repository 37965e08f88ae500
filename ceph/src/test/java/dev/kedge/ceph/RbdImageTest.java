package dev.kedge.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.ceph.testing.LabCeph;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RbdImageTest {
  private static final long MIB = 1 << 20;

  private final LabCeph ceph = LabCeph.connect();
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void close() {
    ceph.close();
    arena.close();
  }

  private MemorySegment filled(long bytes, int value) {
    return arena.allocate(bytes).fill((byte) value);
  }

  @Test
  void whatWasWrittenIsReadAndExportedByRbd() {
    String name = ceph.image(16 * MIB);
    try (RbdImage image = ceph.pool().open(name)) {
      image.write(3 * MIB + 17, filled(2 * MIB, 7));
      image.createSnapshot("s");
      image.write(3 * MIB + 17, filled(MIB, 8));
    }
    byte[] exported = ceph.export(LabCeph.POOL + "/" + name + "@s");
    try (RbdImage snapshot = ceph.pool().openReadOnly(name, "s")) {
      MemorySegment read = filled(16 * MIB, 99);
      assertThat(snapshot.read(0, read)).isEqualTo(16 * MIB);
      assertThat(read.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(exported);
      List<String> extents = new ArrayList<>();
      snapshot.diff(
          null, 0, Long.MAX_VALUE, true, false, (o, l, e) -> extents.add(o + "+" + l + e));
      assertThat(extents).isNotEmpty();
    }
  }
}
