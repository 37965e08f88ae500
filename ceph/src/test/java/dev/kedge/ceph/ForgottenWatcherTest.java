package dev.kedge.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.ceph.testing.ForgottenClient;
import dev.kedge.ceph.testing.LabCeph;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients that Ceph lists, and has forgotten. */
class ForgottenWatcherTest {
  private LabCeph lab;
  private RbdPool pool;

  @BeforeEach
  void connect() {
    lab = LabCeph.connect();
    pool = ForgottenClient.pool(lab);
  }

  @AfterEach
  void disconnect() {
    lab.close();
  }

  @Test
  void whoDiedWhileItOpenedTheImageIsForgottenAndALivingOneIsNot() {
    String image = ForgottenClient.image(lab, pool, 1 << 20);
    try (RbdImage living = pool.open(image)) {
      List<Watcher> listed = living.watchers();
      assertThat(listed).hasSize(2);
      List<Watcher> forgotten = living.forgottenWatchers();
      assertThat(forgotten).hasSize(1);
      try (RbdImage again = pool.open(image)) {
        assertThat(again.watchers()).hasSize(3).containsAll(listed);
        assertThat(again.forgottenWatchers()).isEqualTo(forgotten);
      }
    }
  }

  @Test
  void nobodyIsForgottenWhereNobodyIs() {
    String image = lab.image(pool, ImageSpec.ofSize(1 << 20));
    try (RbdImage handle = pool.openReadOnly(image, null)) {
      assertThat(handle.forgottenWatchers()).isEmpty();
    }
  }
}
