package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Hashes;
import dev.kedge.cli.testing.KillMoment;
import dev.kedge.cli.testing.KillMoment.Watched;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.Running;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Restores that are ended by SIGKILL at moments spread over their life. */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RestoreKillIT extends CliTest {
  private static final int IMAGE_BYTES = 96 * MIB;

  private final SplittableRandom random = new SplittableRandom(SEED);
  private Protected volume;
  private long lifeMillis;

  @BeforeAll
  void aChainOfTwo() {
    volume = newProtected(IMAGE_BYTES, random);
    volume.backup();
    volume.image().fill(random, IMAGE_BYTES / 2, IMAGE_BYTES / 4);
    volume.backup();
    long startNanos = System.nanoTime();
    restore(newPath("warm") + ".raw").await().exits(0);
    lifeMillis = Duration.ofNanos(System.nanoTime() - startNanos).toMillis();
  }

  @Test
  void aKilledRestoreToAFileLeavesNoFileOfThatName() {
    for (KillMoment moment : moments(2)) {
      Path file = Path.of(newPath("disk") + ".raw");
      kill(restore(file.toString()), moment);
      if (Files.exists(file)) {
        assertThat(Hashes.sha256(file)).isEqualTo(expected());
        continue;
      }
      restore(file.toString()).await().exits(0);
      assertThat(Hashes.sha256(file)).isEqualTo(expected());
      assertThat(leftBeside(file)).isEmpty();
    }
  }

  @Test
  void aKilledRestoreToAnImageLeavesNoImageOfThatName() {
    String name = volume.image().name() + "-restored";
    for (KillMoment moment : moments(2)) {
      kill(restore("rbd:" + lab().pool().name() + "/" + name), moment);
      if (!lab().pool().exists(name)) {
        restore("rbd:" + lab().pool().name() + "/" + name).await().exits(0);
      }
      assertThat(volume.image().sha256Of(name)).isEqualTo(expected());
      lab().pool().remove(name);
    }
    evictClientsOfPartialImages(name);
    restore("rbd:" + lab().pool().name() + "/" + name).await().exits(0);
    lab().removeLater(lab().pool(), name);
    assertThat(partialImages(name)).isEmpty();
  }

  @Test
  void aKilledOverwriteIsRepeated() {
    String name = lab().image(8L * MIB);
    for (KillMoment moment : moments(2)) {
      kill(restore("rbd:" + lab().pool().name() + "/" + name, "--overwrite"), moment);
      evictClients(name);
      restore("rbd:" + lab().pool().name() + "/" + name, "--overwrite").await().exits(0);
      assertThat(volume.image().sha256Of(name)).isEqualTo(expected());
    }
  }

  private Running restore(String to, String... more) {
    List<String> words = new ArrayList<>(List.of("restore", volume.newest(), "--target"));
    words.addAll(List.of(volume.target().toString(), "--to", to));
    words.addAll(List.of(more));
    return kedge().start(words.toArray(String[]::new));
  }

  private void kill(Running running, KillMoment moment) {
    moment.await(running, new Watched(volume));
    Outcome killed = running.kill();
    assertThat(killed.status()).as("%s at %s, seed %d", killed, moment, SEED).isIn(0, 137);
  }

  // The first half of a life is the JVM's start.
  private List<KillMoment> moments(int times) {
    List<KillMoment> moments = new ArrayList<>();
    int count = times * THOROUGHNESS;
    for (int i = 0; i < count; i++) {
      double share = 0.4 + 0.6 * (i + random.nextDouble()) / count;
      moments.add(new KillMoment.After(Duration.ofMillis((long) (share * lifeMillis))));
    }
    return moments;
  }

  private String expected() {
    return volume.sha256(volume.newest());
  }

  private static List<Path> leftBeside(Path file) {
    String name = String.valueOf(file.getFileName());
    try (var files = Files.list(file.resolveSibling("."))) {
      return files
          .filter(other -> String.valueOf(other.getFileName()).startsWith(name))
          .filter(other -> !other.normalize().equals(file))
          .toList();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private List<String> partialImages(String name) {
    return lab().pool().images().stream()
        .map(image -> image.name())
        .filter(other -> other.startsWith(name + ".kedge-partial-"))
        .toList();
  }

  private void evictClientsOfPartialImages(String name) {
    partialImages(name).forEach(this::evictClients);
  }

  // A dead client counts as a watcher for half a minute, unless an administrator ends that.
  private void evictClients(String image) {
    try (var handle = lab().pool().openReadOnly(image, null)) {
      handle.watchers().forEach(watcher -> lab().ceph("osd", "blocklist", "add", watcher.address()));
    }
  }
}
