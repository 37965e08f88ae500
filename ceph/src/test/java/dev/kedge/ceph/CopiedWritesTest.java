package dev.kedge.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.ceph.testing.LabCeph;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@link RbdImage#copiesWrites} promises, and when it does not. */
class CopiedWritesTest {
  private static final int MIB = 1 << 20;
  private static final int WRITES = 24;

  private final LabCeph ceph = LabCeph.connect();

  @AfterEach
  void close() {
    ceph.close();
  }

  @Test
  void theMemoryOfAWriteIsFreeAtOnce() {
    String name = ceph.image((long) WRITES * MIB);
    try (Arena arena = Arena.ofShared();
        RbdImage image = ceph.pool().open(name)) {
      assertThat(image.copiesWrites()).isTrue();
      MemorySegment memory = arena.allocate(MIB, 4096);
      List<AioCompletion> started = new ArrayList<>();
      for (int i = 0; i < WRITES; i++) {
        memory.fill((byte) (i + 1));
        started.add(image.writeAsync((long) i * MIB, memory));
      }
      memory.fill((byte) -1);
      started.forEach(AioCompletion::await);
    }
    byte[] content = ceph.export(LabCeph.POOL + "/" + name);
    for (int at = 0; at < content.length; at++) {
      if (content[at] != at / MIB + 1) {
        throw new AssertionError("byte " + at + " is " + content[at]);
      }
    }
  }

  @Test
  void anImageMayHaveItOtherwise() {
    String name = ceph.image(MIB);
    String spec = LabCeph.POOL + "/" + name;
    ceph.rbd("config", "image", "set", spec, RbdImage.COPY_WRITES, "false");
    try (RbdImage image = ceph.pool().open(name)) {
      assertThat(image.copiesWrites()).isFalse();
    }
    ceph.rbd("config", "image", "remove", spec, RbdImage.COPY_WRITES);
    try (RbdImage image = ceph.pool().open(name)) {
      assertThat(image.copiesWrites()).isTrue();
    }
  }

  @Test
  void aConfigurationFileMayNot(@TempDir Path folder) throws IOException {
    Path conf = Files.copy(LabCeph.confOfLab(), folder.resolve("ceph.conf"));
    Files.writeString(
        conf,
        "\n[client]\n" + RbdImage.COPY_WRITES + " = false\n",
        StandardCharsets.UTF_8,
        StandardOpenOption.APPEND);
    String name = ceph.image(MIB);
    try (CephCluster cluster = CephCluster.connect(ceph.options().withConfFile(conf));
        RbdPool pool = cluster.openPool(LabCeph.POOL, "");
        RbdImage image = pool.open(name)) {
      assertThat(image.copiesWrites()).isTrue();
    }
  }
}
