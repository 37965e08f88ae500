package dev.kedge.openstack.freeze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The helper is the real process. */
class FreezerTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  private final PausingNova nova = new PausingNova();

  @AfterEach
  void stop() {
    nova.close();
  }

  @Test
  void aGuestStandsStillBetweenFreezeAndThaw() {
    try (Freezer freezer = Freezer.start()) {
      freezer.arm(List.of(nova.guest()), LONG);
      assertThat(nova.vmState()).isEqualTo("active");
      freezer.freeze();
      assertThat(nova.vmState()).isEqualTo("paused");
      assertThat(freezer.thaw()).isTrue();
      assertThat(nova.vmState()).isEqualTo("active");
    }
  }

  @Test
  void aGuestGoesOnWhenThePipeOfAKilledKedgeEnds() throws InterruptedException {
    Freezer freezer = Freezer.start();
    freezer.arm(List.of(nova.guest()), LONG);
    freezer.freeze();
    assertThat(nova.nextState()).isEqualTo("paused");
    nova.refuse(2);
    // What the kernel does for a process that was killed.
    freezer.close();
    assertThat(nova.nextState()).isEqualTo("active");
    assertThat(freezer.helper().waitFor()).isZero();
  }

  @Test
  void aGuestGoesOnWhenTheTimeIsOver() throws InterruptedException {
    try (Freezer freezer = Freezer.start()) {
      freezer.arm(List.of(nova.guest()), Duration.ofSeconds(2));
      freezer.freeze();
      assertThat(nova.nextState()).isEqualTo("paused");
      assertThat(nova.nextState()).isEqualTo("active");
      assertThat(freezer.thaw()).isFalse();
    }
  }

  @Test
  void aGuestGoesOnThoughTheHelperWasKilled() throws InterruptedException {
    try (Freezer freezer = Freezer.start()) {
      freezer.arm(List.of(nova.guest()), LONG);
      freezer.freeze();
      freezer.helper().destroyForcibly().waitFor();
      assertThat(freezer.thaw()).isFalse();
      assertThat(nova.vmState()).isEqualTo("active");
    }
  }

  @Test
  void aFailureToFreezeIsToldAndLeavesTheGuestRunning() {
    nova.refuse(1);
    try (Freezer freezer = Freezer.start()) {
      freezer.arm(List.of(nova.guest()), LONG);
      assertThatThrownBy(freezer::freeze)
          .isInstanceOf(KedgeException.class)
          .hasMessageContaining("Nova answered 500 to pause");
      freezer.thaw();
      assertThat(nova.vmState()).isEqualTo("active");
    }
  }

  @Test
  void theTokenIsOnNoCommandLine() throws IOException {
    try (Freezer freezer = Freezer.start()) {
      freezer.arm(List.of(nova.guest()), LONG);
      // ProcessHandle cuts long ones, as those with a test's class path are.
      Path line = Path.of("/proc/" + freezer.helper().pid() + "/cmdline");
      assertThat(Files.readString(line)).contains("FreezeHelper").doesNotContain("token");
    }
  }
}
