package dev.kedge.repository;

import static dev.kedge.repository.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes on the real clock; each step waits for an answer, never for time. */
@Timeout(120)
class TwoProcessesTest {
  @TempDir Path root;

  BackupTarget target() {
    return new DirectoryTarget(root);
  }

  @Test
  void ofTwoProcessesOneGetsTheLease() throws Exception {
    try (OtherProcess a = new OtherProcess(target().location());
        OtherProcess b = new OtherProcess(target().location())) {
      for (int token = 1; token <= 30; token++) {
        a.order("acquire");
        b.order("acquire");
        String fromA = a.answer();
        String fromB = b.answer();
        OtherProcess winner = "BUSY".equals(fromB) ? a : b;
        assertThat(winner == a ? fromA : fromB).isEqualTo("token " + token);
        assertThat(winner == a ? fromB : fromA).isEqualTo("BUSY");
        winner.order("release");
        assertThat(winner.answer()).isEqualTo("ok");
      }
    }
  }

  @Test
  void aKilledProcessIsSucceededAtOnceAndCleanedUp() throws Exception {
    ImageStore store = Repository.openOrCreate(target()).image(Samples.IMAGE);
    try (OtherProcess other = new OtherProcess(target().location())) {
      other.order("acquire");
      assertThat(other.answer()).isEqualTo("token 1");
      other.order("begin");
      assertThat(other.answer()).isEqualTo("ok");
      assertThat(assertFails(ErrorCode.BUSY, store::acquireLease))
          .hasMessageContaining("process " + other.pid());
      other.kill();
    }
    try (Lease lease = store.acquireLease()) {
      assertThat(lease.token()).isEqualTo(2);
      CleanUp cleanUp = store.cleanUp(lease);
      assertThat(cleanUp.removed()).hasSize(2);
      assertThat(cleanUp.abandonedSnapshots()).containsExactly(Samples.snapshot(Samples.point(1)));
      lease.forgetPending(cleanUp.abandonedSnapshots());
      Samples.backUp(store, lease, Samples.point(2));
    }
    assertThat(store.points().points()).hasSize(1);
  }

  @Test
  void theSameProcessDoesNotGetASecondLease() {
    ImageStore store = Repository.openOrCreate(target()).image(Samples.IMAGE);
    try (Lease lease = store.acquireLease()) {
      assertThat(assertFails(ErrorCode.BUSY, store::acquireLease))
          .hasMessageContaining("process " + ProcessHandle.current().pid());
      lease.renew();
    }
    store.acquireLease().release();
  }
}
