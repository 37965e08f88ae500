package dev.kedge.engine.restore.inplace;

import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.Snapshot;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.backup.ImageDescription;
import dev.kedge.engine.backup.RestorePointLookup;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.plan.ChangeDetector;
import dev.kedge.engine.plan.ExtentList;
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Finds where an image may differ from a restore point. Ceph is asked with the fine diff alone,
 * object by object: that takes half a minute for each TiB, and does not have to believe an object
 * map, which a rollback deceives. Where the diff cannot be trusted the whole image is read.
 */
final class CandidatePlanner {
  private final ImageStore store;
  private final Manifest wanted;
  private final RandomGenerator random;
  private final Progress progress;
  private final CancelToken cancel;
  private long readBytes;

  CandidatePlanner(
      ImageStore store,
      Manifest wanted,
      RandomGenerator random,
      Progress progress,
      CancelToken cancel) {
    this.store = store;
    this.wanted = wanted;
    this.random = random;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * The ranges that may differ.
   *
   * @param identity where the image is, in Ceph
   * @param shortestBytes the least size that the image had since an interrupted restore began
   */
  CandidateRanges plan(RbdImage image, ImageIdentity identity, long shortestBytes)
      throws IOException {
    ExtentList candidates = new ExtentList();
    Optional<String> doubt = byDiff(image, identity, shortestBytes, candidates);
    if (doubt.isEmpty()) {
      try (RestorePointReader chain = RestorePointReader.open(store, wanted.id())) {
        doubt =
            SampleCheck.doubt(
                image,
                (offset, into) -> chain.read(offset, into.asByteBuffer()),
                wanted.sizeBytes(),
                candidates,
                random);
        if (doubt.isEmpty()) {
          return new CandidateRanges(
              candidates,
              CandidateRanges.Method.DIFF,
              "the snapshot of the latest restore point is there");
        }
      }
    }
    return new CandidateRanges(byChecksums(image), CandidateRanges.Method.CHECKSUMS, doubt.get());
  }

  /** How much of the image was read for the plan. */
  long readBytes() {
    return readBytes;
  }

  private Optional<String> byDiff(
      RbdImage image, ImageIdentity identity, long shortestBytes, ExtentList candidates) {
    Optional<Manifest> latest = store.latest();
    if (latest.isEmpty()) {
      return Optional.of("no restore point of this image can be read but the wanted one");
    }
    Manifest base = latest.get();
    Optional<String> doubt = doubtBeforehand(image, identity, base);
    if (doubt.isEmpty()) {
      doubt = new ChainDifference(store).add(wanted, base, candidates);
    }
    if (doubt.isPresent()) {
      return doubt;
    }
    long size = wanted.sizeBytes();
    new ChangeDetector(image)
        .changedSince(base.snapshot().name(), false)
        .forEach((offset, length, zero) ->
            candidates.add(offset, Math.min(length, size - offset), false));
    // A diff says nothing of what lies behind an end.
    long shortest = Math.min(shortestBytes, Math.min(image.sizeBytes(), base.sizeBytes()));
    candidates.add(shortest, size - shortest, false);
    candidates.normalise();
    return Optional.empty();
  }

  private static Optional<String> doubtBeforehand(
      RbdImage image, ImageIdentity identity, Manifest base) {
    ImageIdentity backedUp = base.image().identity();
    boolean samePlace =
        backedUp.clusterFsid().equals(identity.clusterFsid())
            && backedUp.pool().equals(identity.pool())
            && backedUp.namespace().equals(identity.namespace());
    if (!samePlace || !base.image().rbdId().equals(image.id())) {
      return Optional.of("this is not the image that was backed up");
    }
    List<Snapshot> snapshots = image.snapshots();
    if (snapshots.stream().noneMatch(s -> isOf(base, s))) {
      return Optional.of("the snapshot of restore point " + base.id() + " is no longer in Ceph");
    }
    // What a clone reads from its parent changes without its own objects.
    if (!Objects.equals(
        ImageDescription.cloneParent(image.parent().orElse(null)), base.image().parent())) {
      return Optional.of("what the clone reads from its parent has changed since");
    }
    return Optional.empty();
  }

  private static boolean isOf(Manifest base, Snapshot snapshot) {
    return snapshot.id() == base.snapshot().id() && snapshot.name().equals(base.snapshot().name());
  }

  private ExtentList byChecksums(RbdImage image) throws IOException {
    int clusterBytes = usualClusterBytes();
    try (RestorePointLookup lookup =
            new RestorePointLookup(RestorePointReader.open(store, wanted.id()), clusterBytes);
        ChecksumComparison comparison =
            new ChecksumComparison(
                image, lookup, clusterBytes, wanted.sizeBytes(), progress, cancel)) {
      ExtentList differing = comparison.run();
      readBytes += comparison.readBytes();
      return differing;
    }
  }

  // The checksums of clusters of another size are of no use: their content has to be read.
  private int usualClusterBytes() {
    return store.chain(wanted.id()).stream()
        .max(Comparator.comparingLong(layer -> layer.counts().storedBytes()))
        .orElse(wanted)
        .file()
        .clusterSizeBytes();
  }
}
