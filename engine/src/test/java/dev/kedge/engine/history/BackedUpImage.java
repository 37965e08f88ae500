package dev.kedge.engine.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.Snapshot;
import dev.kedge.ceph.testing.LabCeph;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.RbdLocation;
import dev.kedge.engine.SnapshotName;
import dev.kedge.engine.backup.Backup;
import dev.kedge.engine.backup.BackupRequest;
import dev.kedge.engine.backup.BackupResult;
import dev.kedge.engine.backup.LayerOptions;
import dev.kedge.engine.restore.Restore;
import dev.kedge.engine.restore.RestoreDestination;
import dev.kedge.engine.restore.inplace.InPlaceRequest;
import dev.kedge.engine.restore.inplace.InPlaceRestore;
import dev.kedge.engine.restore.inplace.InPlaceResult;
import dev.kedge.engine.restore.inplace.InPlaceUndo;
import dev.kedge.engine.restore.inplace.UndoResult;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.FoundPoint;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Repository;
import dev.kedge.repository.UndoPoint;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An image with its restore points on one target. Each backup is compared at once with what {@code
 * rbd export} says its snapshot holds, by our restore and by qemu-img, and remembered.
 */
final class BackedUpImage {
  private static final int WORKERS = 2;
  private static final int BLOCK_BYTES = 4096;

  private final LabCeph lab;
  private final RbdPool pool;
  private final RbdLocation location;
  private final Path folder;
  private final Repository repository;
  private final Map<UUID, Content> remembered = new LinkedHashMap<>();
  private final Map<UUID, Content> undoable = new HashMap<>();

  /** The image under this name, and a target in a folder of its own. */
  BackedUpImage(LabCeph lab, RbdPool pool, String image, Path folder) {
    this.lab = lab;
    this.pool = pool;
    this.location = new RbdLocation(pool.name(), pool.namespace(), image);
    this.folder = createFolder(folder);
    this.repository = Repository.openOrCreate(new DirectoryTarget(folder.resolve("target")));
  }

  /** An uncompressed increment where one can be had. */
  Manifest backUp() {
    return backUp(false, Compression.NONE, null).manifest();
  }

  /** An uncompressed increment with clusters of 2^bits bytes. */
  Manifest backUp(int clusterBits) {
    return backUp(false, Compression.NONE, new ClusterSize(clusterBits)).manifest();
  }

  BackupResult backUp(boolean full, Compression compression, @Nullable ClusterSize clusterSize) {
    List<Snapshot> before = foreignSnapshots();
    BackupRequest request =
        new BackupRequest(location, new LayerOptions(full, compression, clusterSize, 0, WORKERS));
    BackupResult result =
        new Backup(
                lab.cluster(),
                repository,
                request,
                Clock.systemUTC(),
                new BlindRandom(),
                Progress.NONE,
                new CancelToken())
            .run();
    assertThat(result.notes()).allMatch(note -> note.matches(".*(in-place restore|interrupted).*"));
    assertThat(result.notes()).hasSizeGreaterThanOrEqualTo(undoPoints().size());
    assertThat(ourSnapshots()).containsExactly(result.manifest().snapshot().name());
    assertThat(foreignSnapshots()).isEqualTo(before);
    compare(result);
    return result;
  }

  private void compare(BackupResult result) {
    byte[] exported = lab.export(spec() + "@" + result.manifest().snapshot().name());
    Content content = Content.of(exported);
    remembered.put(result.manifest().id(), content);
    Path qcow2 = Path.of(result.file());
    QemuImg.check(qcow2);
    Path raw = folder.resolve("qemu.raw");
    QemuImg.toRaw(qcow2, raw);
    if (!Content.of(raw).equals(Content.inSectors(exported))) {
      throw new AssertionError("qemu-img reads " + difference(raw, exported));
    }
    delete(raw);
    restoreToFile(result.manifest().id(), exported);
  }

  private void restoreToFile(UUID point, byte[] expected) {
    Path raw = folder.resolve("restored.raw");
    restore(point, new RestoreDestination.RawFile(raw), false);
    if (!Content.of(raw).equals(Content.of(expected))) {
      throw new AssertionError("the restore reads " + difference(raw, expected));
    }
    delete(raw);
  }

  /** Restores the newest restore point to a new image, and compares. */
  void restoreToNewImage() {
    String name = LabCeph.uniqueName("restored");
    lab.removeLater(pool, name);
    restoreToImage(name, false);
  }

  /** Restores the newest restore point over an image of this size full of something else. */
  void restoreOverImage(ImageSpec spec) {
    String name = lab.image(pool, spec);
    try (RbdImage image = pool.open(name);
        Arena arena = Arena.ofConfined()) {
      image.write(0, arena.allocate(spec.sizeBytes()).fill((byte) 'x'));
    }
    restoreToImage(name, true);
  }

  /** The same, into an image whose writes librbd does not copy. */
  void restoreOverImageWithoutCopies(ImageSpec spec) {
    String name = lab.image(pool, spec);
    lab.rbd("config", "image", "set", prefix() + name, "rbd_disable_zero_copy_writes", "false");
    restoreToImage(name, true);
  }

  private void restoreToImage(String name, boolean overwrite) {
    UUID point = newest();
    restore(
        point,
        new RestoreDestination.Rbd(new RbdLocation(pool.name(), pool.namespace(), name)),
        overwrite);
    byte[] restored = lab.export(prefix() + name);
    assertThat(Content.of(restored)).isEqualTo(remembered.get(point));
    pool.remove(name);
  }

  /** Restores every restore point once more, and compares each with what its snapshot held. */
  void everyRestorePointIsStillWhatItWas() {
    if (isEmpty()) {
      return;
    }
    Path raw = folder.resolve("again.raw");
    remembered.forEach((point, content) -> {
      restore(point, new RestoreDestination.RawFile(raw), false);
      assertThat(Content.of(raw)).as("restore point %s", point).isEqualTo(content);
      delete(raw);
    });
    assertThat(store().points().points()).hasSize(remembered.size());
  }

  private void restore(UUID point, RestoreDestination destination, boolean overwrite) {
    new Restore(store(), point, WORKERS, Progress.NONE, new CancelToken())
        .run(
            destination,
            overwrite,
            lab::cluster,
            Channels.newChannel(OutputStream.nullOutputStream()));
  }

  /** Takes the image back to a restore point, writing what differs, and compares. */
  InPlaceResult restoreInPlace(UUID point) {
    Content before = content();
    InPlaceResult planned = inPlace(point, false, true, Progress.NONE, new CancelToken());
    assertThat(content()).isEqualTo(before);
    InPlaceResult result = inPlace(point, false, false, Progress.NONE, new CancelToken());
    assertThat(content()).as("restored to %s, %s", point, result).isEqualTo(remembered.get(point));
    // A block at the image's end may get longer with the image.
    assertThat(result.writtenBytes())
        .isBetween(planned.differingBytes(), planned.differingBytes() + BLOCK_BYTES);
    UndoPoint undo = result.undoPoint();
    if (undo != null) {
      byte[] kept = lab.export(spec() + "@" + undo.snapshotName());
      assertThat(Content.of(kept)).isEqualTo(before);
      undoable.put(undo.id(), before);
    } else {
      assertThat(remembered.get(point)).isEqualTo(before);
    }
    return result;
  }

  /** The same without looking. */
  InPlaceResult inPlace(
      UUID point, boolean force, boolean dryRun, Progress progress, CancelToken cancel) {
    return run(point, new InPlaceRequest(location, force, dryRun, WORKERS), progress, cancel);
  }

  /** Takes another image of the pool to a restore point. */
  InPlaceResult inPlaceInto(String other, UUID point) {
    RbdLocation there = new RbdLocation(pool.name(), pool.namespace(), other);
    InPlaceRequest request = new InPlaceRequest(there, false, false, WORKERS);
    return run(point, request, Progress.NONE, new CancelToken());
  }

  private InPlaceResult run(
      UUID point, InPlaceRequest request, Progress progress, CancelToken cancel) {
    return new InPlaceRestore(
            lab.cluster(),
            repository,
            new FoundPoint(store(), store().point(point)),
            request,
            Clock.systemUTC(),
            new BlindRandom(),
            progress,
            cancel)
        .run();
  }

  /** What the undo of this undo point has to bring back is what the image holds now. */
  void rememberBefore(UUID undoPoint, Content before) {
    undoable.put(undoPoint, before);
  }

  /** Takes the latest restore back, and compares. */
  UndoResult undo() {
    UndoResult result = newUndo(location).run();
    assertThat(content()).as("%s", result).isEqualTo(undoable.get(result.point().id()));
    return result;
  }

  /** Takes the latest restore into another image of the pool back. */
  UndoResult undoOf(String other) {
    return newUndo(new RbdLocation(pool.name(), pool.namespace(), other)).run();
  }

  /** Lets all undo points go. */
  void discardUndo() {
    newUndo(location).discard();
    assertThat(undoPoints()).isEmpty();
  }

  private InPlaceUndo newUndo(RbdLocation image) {
    return new InPlaceUndo(
        lab.cluster(),
        repository,
        new InPlaceRequest(image, false, false, WORKERS),
        Clock.systemUTC(),
        new BlindRandom(),
        Progress.NONE,
        new CancelToken());
  }

  /** The undo points whose snapshots are there, the newest last. */
  List<UndoPoint> undoPoints() {
    List<String> present = snapshots().stream().map(Snapshot::name).toList();
    return isEmpty()
        ? List.of()
        : store().undoPoints().stream()
            .filter(point -> present.contains(point.snapshotName()))
            .toList();
  }

  /** The restore points, the oldest first. */
  List<UUID> points() {
    return List.copyOf(remembered.keySet());
  }

  /** What a restore point has to hold. */
  Content contentOf(UUID point) {
    return Objects.requireNonNull(remembered.get(point));
  }

  /** What the image holds now. */
  Content content() {
    return Content.of(lab.export(spec()));
  }

  /** The image's restore points on the target. */
  ImageStore store() {
    return repository.findImage(location.pool(), location.namespace(), location.image());
  }

  private UUID newest() {
    return store().latest().orElseThrow().id();
  }

  /** Whether there is no restore point yet. */
  boolean isEmpty() {
    return remembered.isEmpty();
  }

  /** The snapshot of the newest restore point. */
  String newestSnapshot() {
    return store().latest().orElseThrow().snapshot().name();
  }

  private List<String> ourSnapshots() {
    return snapshots().stream().filter(this::isOurs).map(Snapshot::name).toList();
  }

  /** Snapshots that this target knows nothing of. */
  List<Snapshot> foreignSnapshots() {
    return snapshots().stream().filter(snapshot -> !isOurs(snapshot)).toList();
  }

  private boolean isOurs(Snapshot snapshot) {
    return SnapshotName.parse(snapshot.name())
        .map(name -> Files.exists(folder.resolve("target/images").resolve(store(name))))
        .orElse(false);
  }

  // Where the manifest of that snapshot's restore point would be.
  private Path store(SnapshotName name) {
    List<ImageStore> images = repository.images();
    return Path.of(images.isEmpty() ? "none" : images.getFirst().imageId().toString())
        .resolve(name.point() + ".json");
  }

  private List<Snapshot> snapshots() {
    try (RbdImage image = pool.openReadOnly(location.image(), null)) {
      return image.snapshots();
    }
  }

  private String spec() {
    return prefix() + location.image();
  }

  private String prefix() {
    String namespace = pool.namespace();
    return pool.name() + "/" + (namespace.isEmpty() ? "" : namespace + "/");
  }

  private static String difference(Path file, byte[] expected) {
    try {
      byte[] actual = Files.readAllBytes(file);
      int at = 0;
      while (at < Math.min(actual.length, expected.length) && actual[at] == expected[at]) {
        at++;
      }
      String what =
          at < Math.min(actual.length, expected.length)
              ? actual[at] + " instead of " + expected[at]
              : "another length or tail";
      return what
          + " at offset "
          + at
          + " ("
          + actual.length
          + " bytes, the snapshot "
          + expected.length
          + ")";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path createFolder(Path folder) {
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
