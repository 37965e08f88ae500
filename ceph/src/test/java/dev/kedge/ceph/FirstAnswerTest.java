package dev.kedge.ceph;

import static dev.kedge.ceph.Failures.assertFails;
import static dev.kedge.ceph.Failures.assertFailsSoon;

import dev.kedge.base.ErrorCode;
import dev.kedge.ceph.testing.LabCeph;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** OSDs that do not answer, and those that answer with a refusal. */
class FirstAnswerTest {
  @TempDir Path folder;
  private LabCeph ceph;

  @BeforeEach
  void connect() {
    ceph = LabCeph.connect();
  }

  @AfterEach
  void disconnect() {
    ceph.close();
  }

  private void await(RbdPool pool, Duration longest) {
    pool.handle()
        .use(ioctx -> {
          FirstAnswer.await(ioctx, pool.name(), "client.somebody", longest);
          return 0;
        });
  }

  @Test
  @Timeout(120)
  void anAnswerIsAwaitedForSoLongOnly() {
    await(ceph.pool(), Duration.ofSeconds(30));
    ceph.ceph("osd", "set", "pause");
    try {
      // That they pause stands in a map, which gets to this client with some answer.
      assertFailsSoon(
              ErrorCode.SOURCE_UNREACHABLE, () -> await(ceph.pool(), Duration.ofMillis(1500)))
          .hasMessageContaining(LabCeph.POOL)
          .hasMessageContaining("client.somebody for 1 s");
    } finally {
      ceph.ceph("osd", "unset", "pause");
    }
    await(ceph.pool(), Duration.ofSeconds(30));
  }

  /** By an errno, or where OSDs do not even let such a user connect, by their silence. */
  @Test
  @Timeout(150)
  void whoMayUseNoOsdIsToldSo() {
    String image = ceph.image(1 << 20);
    LabCeph.LabUser stranger = ceph.user(folder, "mon", "allow r");
    CephOptions options = ceph.options().withUser(stranger.entity(), stranger.keyring());
    try (CephCluster cluster = CephCluster.connect(options)) {
      boolean answers = ceph.isPacific();
      assertFails(
              answers ? ErrorCode.PERMISSION_DENIED : ErrorCode.SOURCE_UNREACHABLE,
              () -> cluster.openPool(LabCeph.POOL, "").openReadOnly(image, null))
          .hasMessageContaining(LabCeph.POOL)
          .hasMessageContaining(answers ? image : stranger.entity());
    }
  }
}
