package dev.kedge.engine.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.testing.ForgottenClient;
import dev.kedge.ceph.testing.LabCeph;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.RbdLocation;
import dev.kedge.engine.restore.Restore;
import dev.kedge.engine.restore.RestoreDestination;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restores into images of which Ceph lists a client that it has forgotten. */
class ForgottenClientTest {
  private static final int SIZE_BYTES = 1 << 20;

  @TempDir Path folder;
  private LabCeph lab;
  private RbdPool pool;
  private final Notes ofRestoreInPlace = new Notes();
  private final Notes ofOverwriting = new Notes();

  private static final class Notes implements Progress {
    private final List<String> notes = new CopyOnWriteArrayList<>();

    @Override
    public void begin(String step, long totalBytes) {}

    @Override
    public void advance(long bytes) {}

    @Override
    public void note(String message) {
      notes.add(message);
    }
  }

  @BeforeEach
  void connect() {
    lab = LabCeph.connect();
    pool = ForgottenClient.pool(lab);
  }

  @AfterEach
  void disconnect() {
    lab.close();
  }

  private BackedUpImage newBackedUp(String image) {
    BackedUpImage backups = new BackedUpImage(lab, pool, image, folder.resolve(image));
    backups.backUp();
    fill(image, 'D');
    ForgottenClient.of(lab, pool, image);
    return backups;
  }

  private void fill(String image, char content) {
    try (RbdImage handle = pool.open(image)) {
      Guest.fill(handle, 0, SIZE_BYTES, content);
    }
  }

  private String newImage() {
    return lab.image(pool, ImageSpec.ofSize(SIZE_BYTES));
  }

  // Side by side, since each waits for 40 s.
  @Test
  @Tag("slow")
  void aForgottenClientIsWaitedForAndDoesNotCountThenALivingOneDoes() {
    String dead = newImage();
    BackedUpImage deadBackups = newBackedUp(dead);
    UUID point = deadBackups.points().getFirst();
    String overwritten = newImage();
    ForgottenClient.of(lab, pool, overwritten);
    String used = newImage();
    BackedUpImage usedBackups = newBackedUp(used);
    Content before = usedBackups.content();
    try (RbdImage guest = pool.open(used)) {
      CompletableFuture<?> inPlace =
          besides(
              () -> deadBackups.inPlace(point, false, false, ofRestoreInPlace, new CancelToken()));
      CompletableFuture<?> overwriting = besides(() -> overwrite(deadBackups, point, overwritten));
      assertThatThrownBy(() ->
              usedBackups.inPlace(
                  usedBackups.points().getFirst(), false, false, Progress.NONE, new CancelToken()))
          .isInstanceOfSatisfying(
              KedgeException.class, e -> assertThat(e.code()).as("%s", e).isEqualTo(ErrorCode.BUSY))
          .hasMessageContaining("is in use by " + living(guest));
      CompletableFuture.allOf(inPlace, overwriting).join();
    }
    assertThat(usedBackups.content()).isEqualTo(before);
    assertThat(deadBackups.content()).isEqualTo(deadBackups.contentOf(point));
    assertThat(Content.of(lab.export(pool.name() + "/" + overwritten)))
        .isEqualTo(deadBackups.contentOf(point));
    assertThat(ofRestoreInPlace.notes).anyMatch(note -> isOfForgotten(note, dead));
    assertThat(ofOverwriting.notes).anyMatch(note -> isOfForgotten(note, overwritten));
  }

  private static CompletableFuture<?> besides(Runnable work) {
    return CompletableFuture.runAsync(work, runnable -> Thread.ofPlatform().start(runnable));
  }

  private static String living(RbdImage guest) {
    List<String> dead = guest.forgottenWatchers().stream().map(w -> w.address()).toList();
    assertThat(dead).hasSize(1);
    return guest.watchers().stream()
        .map(w -> w.address())
        .filter(address -> !dead.contains(address))
        .findFirst()
        .orElseThrow();
  }

  private static boolean isOfForgotten(String note, String image) {
    return note.contains(image) && note.endsWith("it does not count");
  }

  private void overwrite(BackedUpImage backups, UUID point, String image) {
    new Restore(backups.store(), point, 1, ofOverwriting, new CancelToken())
        .run(
            new RestoreDestination.Rbd(new RbdLocation(pool.name(), pool.namespace(), image)),
            true,
            lab::cluster,
            Channels.newChannel(OutputStream.nullOutputStream()));
  }
}
