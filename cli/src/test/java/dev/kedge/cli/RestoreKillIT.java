package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.ceph.ImageId;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.testing.LabCeph;
import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Hashes;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Programs;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.Running;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Restores that are ended by SIGKILL at moments spread over the time in which they write. */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RestoreKillIT extends CliTest {
  private static final int IMAGE_BYTES = 128 * MIB;
  // Even a quick disk takes longer for the data.
  private static final int WRITING_MILLIS = 150;

  private final SplittableRandom random = new SplittableRandom(SEED);
  private Protected volume;

  @BeforeAll
  void aChainOfTwo() {
    volume = newProtected(IMAGE_BYTES, random);
    volume.backup();
    volume.image().fill(random, IMAGE_BYTES / 4, IMAGE_BYTES / 2);
    volume.backup();
  }

  @Test
  void aKilledRestoreToAFileLeavesNoFileOfThatName() {
    for (int millis : moments()) {
      Path file = Path.of(newPath("disk") + ".raw");
      Path partial = Path.of(file + ".kedge-partial");
      kill(restore(file.toString()), () -> Files.exists(partial), millis);
      assertThat(file).doesNotExist();
      restore(file.toString()).await().exits(0);
      assertThat(Hashes.sha256(file)).isEqualTo(expected());
      assertThat(beside(file)).containsExactly(file);
    }
  }

  @Test
  void aKilledRestoreToAnImageLeavesNoImageOfThatName() {
    String name = volume.image().name() + "-restored";
    for (int millis : moments()) {
      int partial = partialImages(name).size();
      kill(restore(rbd(name)), () -> partialImages(name).size() > partial, millis);
      assertThat(lab().pool().exists(name)).isFalse();
      partialImages(name).forEach(this::evictClients);
      restore(rbd(name)).await().exits(0);
      assertThat(partialImages(name)).isEmpty();
      assertThat(volume.image().sha256Of(name)).isEqualTo(expected());
      lab().pool().remove(name);
    }
  }

  /** Once a kill came between the image's name and its header. */
  @Test
  void aNameWithoutAnImageThatAKilledRestoreLeftGoesToo() {
    String name = volume.image().name() + "-half";
    String partial = name + ".kedge-partial-0123abcd";
    lab().rbd("create", "--size", "8M", LabCeph.POOL + "/" + partial);
    String id;
    try (RbdImage image = lab().pool().openReadOnly(partial, null)) {
      id = image.id();
    }
    String conf = LabCeph.confOfLab().toString();
    Programs.run("rados", "--conf", conf, "-p", LabCeph.POOL, "rm", "rbd_header." + id);
    assertThat(partialImages(name)).containsExactly(partial);
    restore(rbd(name)).await().exits(0);
    assertThat(partialImages(name)).isEmpty();
    assertThat(volume.image().sha256Of(name)).isEqualTo(expected());
    lab().pool().remove(name);
  }

  @Test
  void aKilledOverwriteIsRepeated() {
    String name = lab().image(8L * MIB);
    String target = newPath("target").toString();
    for (int millis : moments()) {
      kill(restore(rbd(name), "--overwrite"), () -> isIncomplete(name), millis);
      evictClients(name);
      // Whoever backs the mixture up is told.
      assertThat(kedge().run("backup", rbd(name), "--target", target).exits(0).err())
          .contains(volume.newest(), "interrupted");
      restore(rbd(name), "--overwrite").await().exits(0);
      assertThat(isIncomplete(name)).isFalse();
      assertThat(volume.image().sha256Of(name)).isEqualTo(expected());
    }
  }

  // Waits for half a minute, hence one test for what waits alike.
  @Test
  void aDeadClientIsWaitedForAndALivingOneIsLeftAlone() {
    String abandoned = lab().image(8L * MIB);
    String used = lab().image(8L * MIB);
    try (RbdImage guest = lab().pool().open(used)) {
      assertThat(guest.watchers()).isNotEmpty();
      Running refused = restore(rbd(used), "--overwrite");
      kill(restore(rbd(abandoned), "--overwrite"), () -> isIncomplete(abandoned), 0);
      Outcome repeated = restore(rbd(abandoned), "--overwrite").await().exits(0);
      assertThat(repeated.err()).contains("waiting", rbd(abandoned));
      assertThat(volume.image().sha256Of(abandoned)).isEqualTo(expected());
      refused.await().fails(7, rbd(used), "in use by");
    }
    assertThat(isIncomplete(used)).isFalse();
    assertThat(volume.image().sha256Of(used)).isEqualTo(Hashes.sha256(new byte[8 * MIB]));
  }

  private Running restore(String to, String... more) {
    List<String> words = new ArrayList<>(List.of("restore", volume.newest(), "--target"));
    words.addAll(List.of(volume.target().toString(), "--to", to));
    words.addAll(List.of(more));
    return kedge().start(words.toArray(String[]::new));
  }

  private List<Integer> moments() {
    List<Integer> moments = new ArrayList<>();
    int count = 2 * THOROUGHNESS;
    for (int i = 0; i < count; i++) {
      moments.add((i * WRITING_MILLIS + random.nextInt(WRITING_MILLIS)) / count);
    }
    return moments;
  }

  private static String rbd(String name) {
    return "rbd:" + LabCeph.POOL + "/" + name;
  }

  private String expected() {
    return volume.sha256(volume.newest());
  }

  private static List<Path> beside(Path file) {
    String name = String.valueOf(file.getFileName());
    try (var files = Files.list(Objects.requireNonNull(file.getParent()))) {
      return files.filter(other -> String.valueOf(other.getFileName()).startsWith(name)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> partialImages(String name) {
    return lab().pool().images().stream()
        .map(ImageId::name)
        .filter(other -> other.startsWith(name + ".kedge-partial-"))
        .toList();
  }
}
