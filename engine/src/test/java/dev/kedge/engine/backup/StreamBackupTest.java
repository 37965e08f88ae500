package dev.kedge.engine.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.history.QemuImg;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Backups of a disk that can only be read as a whole. */
final class StreamBackupTest {
  private static final int MIB = 1 << 20;
  private static final List<Integer> SIZES =
      List.of(3 * MIB, 0, 1, 511, 512, (64 << 10) - 1, MIB + 513, 2 * MIB, 5 * MIB + 4096);

  @TempDir Path folder = Path.of("");
  private final SplittableRandom random = new SplittableRandom(20261125);
  private final CancelToken cancel = new CancelToken();
  private final MemoryDisk disk = new MemoryDisk();
  private Repository repository;
  private LayerOptions options = options(Compression.NONE, null);

  @BeforeEach
  void open() {
    repository = Repository.openOrCreate(new DirectoryTarget(folder.resolve("target")));
    disk.content = new byte[3 * MIB];
    random.nextBytes(disk.content);
  }

  private static LayerOptions options(Compression compression, @Nullable ClusterSize size) {
    return new LayerOptions(false, compression, size, 0, 2);
  }

  private StreamBackup prepare() {
    return StreamBackup.prepare(
        disk, repository, options, Clock.systemUTC(), Progress.NONE, cancel);
  }

  private BackupResult backup() {
    try (StreamBackup prepared = prepare()) {
      prepared.takeSnapshot();
      return prepared.complete();
    }
  }

  private List<Manifest> points() {
    return repository.image(disk.identity()).points().points();
  }

  private void isWhatTheDiskHolds(BackupResult result) throws IOException {
    Path qcow2 = Path.of(result.file());
    QemuImg.check(qcow2);
    Path raw = folder.resolve("raw");
    QemuImg.toRaw(qcow2, raw);
    byte[] read = Files.readAllBytes(raw);
    assertThat(Arrays.copyOf(read, disk.content.length)).isEqualTo(disk.content);
    // QCOW2 counts in sectors.
    int rest = read.length - disk.content.length;
    assertThat(rest).isBetween(0, 511);
    assertThat(Arrays.copyOfRange(read, disk.content.length, read.length))
        .isEqualTo(new byte[rest]);
  }

  private void change() {
    int size = SIZES.get(random.nextInt(SIZES.size()));
    disk.content = Arrays.copyOf(disk.content, random.nextBoolean() ? size : disk.content.length);
    for (int i = 0; i < 5 && disk.content.length > 0; i++) {
      int from = random.nextInt(disk.content.length);
      int to = from + random.nextInt(Math.min(200_000, disk.content.length - from) + 1);
      if (random.nextBoolean()) {
        Arrays.fill(disk.content, from, to, (byte) 0);
      } else {
        disk.content[from]++;
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void everyStateIsReadBackByQemuWhateverBecameOfTheDisk(Compression compression)
      throws IOException {
    for (int i = 0; i < 12; i++) {
      options = options(compression, i % 3 == 0 ? null : ClusterSize.of(4096L << (2 * (i % 4))));
      BackupResult result = backup();
      assertThat(result.manifest().kind())
          .isEqualTo(i == 0 ? Manifest.Kind.FULL : Manifest.Kind.REBASED);
      assertThat(result.manifest().sizeBytes()).isEqualTo(disk.content.length);
      isWhatTheDiskHolds(result);
      assertThat(disk.made).isEmpty();
      change();
    }
  }

  @Test
  void onlyWhatDiffersIsStored() throws IOException {
    backup();
    assertThat(backup().manifest().counts().storedBytes()).isZero();
    disk.content[MIB]++;
    BackupResult third = backup();
    assertThat(third.manifest().counts().storedBytes())
        .isEqualTo(third.manifest().file().clusterSizeBytes());
    isWhatTheDiskHolds(third);
  }

  @Test
  void aSourceThatBreaksOffOrSendsTooMuchOrSomethingElseMakesNoRestorePoint() throws IOException {
    backup();
    for (Integer sends : new Integer[] {0, MIB, disk.content.length - 1, disk.content.length + 1}) {
      disk.sends = sends;
      assertThatThrownBy(this::backup)
          .isInstanceOf(KedgeException.class)
          .hasMessageContaining(disk.identity().toString());
    }
    disk.sends = null;
    disk.proofFails = true;
    assertThatThrownBy(this::backup).hasMessageContaining("something else");
    disk.proofFails = false;
    disk.snapshotFails = true;
    assertThatThrownBy(this::backup).hasMessageContaining("no snapshot");
    disk.snapshotFails = false;
    assertThat(points()).hasSize(1);
    assertThat(disk.made).isEmpty();
    isWhatTheDiskHolds(backup());
  }

  @Test
  void whatAFailedBackupCouldNotRemoveIsRemovedByTheNext() {
    disk.sends = 1;
    disk.removalFails = true;
    assertThatThrownBy(this::backup).isInstanceOf(KedgeException.class);
    assertThat(disk.made).hasSize(1);
    disk.removalFails = false;
    disk.sends = null;
    assertThat(StreamBackup.cleanUp(disk, repository)).isEmpty();
    assertThat(disk.made).isEmpty();
  }

  @Test
  void whatABackupCouldNotRemoveFailsItNotAndIsRemovedByTheNext() {
    disk.removalFails = true;
    assertThat(backup().notes()).anyMatch(note -> note.contains("in use"));
    assertThat(disk.made).hasSize(1);
    disk.removalFails = false;
    assertThat(backup().notes()).isEmpty();
    assertThat(disk.made).isEmpty();
  }

  @Test
  void aWishToStopEndsItAndNothingStays() {
    try (StreamBackup prepared = prepare()) {
      prepared.takeSnapshot();
      cancel.cancel();
      assertThatThrownBy(prepared::complete)
          .isInstanceOfSatisfying(
              KedgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
    }
    assertThat(disk.made).isEmpty();
    assertThat(points()).isEmpty();
  }

  @Test
  void twoBackupsOfOneDiskAtATimeAreRefused() {
    try (StreamBackup prepared = prepare()) {
      prepared.takeSnapshot();
      assertThatThrownBy(this::prepare)
          .isInstanceOfSatisfying(
              KedgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY));
      prepared.complete();
    }
    assertThat(points()).hasSize(1);
  }
}
