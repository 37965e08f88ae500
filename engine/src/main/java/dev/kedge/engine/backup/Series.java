package dev.kedge.engine.backup;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.CephCluster;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.Snapshot;
import dev.kedge.engine.RbdLocation;
import dev.kedge.engine.SnapshotName;
import dev.kedge.engine.undo.UndoStack;
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.MovedImage;
import dev.kedge.repository.PointListing;
import dev.kedge.repository.Repository;
import dev.kedge.repository.UndoPoint;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the restore points that a backup of an image goes on with: those under its name, or, where
 * it was moved, those under its earlier one. That it was moved is known where the image has the
 * snapshot of their newest restore point, which a renaming, a migration and a deep copy keep, or
 * where the user says so; and in either case only where no image has the earlier name any more. For
 * one thread.
 */
final class Series {
  private final CephCluster cluster;
  private final Repository repository;
  private final RbdLocation location;
  private final @Nullable RbdLocation movedFrom;
  private final Clock clock;
  private final ImageIdentity identity;

  Series(
      CephCluster cluster,
      Repository repository,
      RbdLocation location,
      @Nullable RbdLocation movedFrom,
      Clock clock) {
    this.cluster = cluster;
    this.repository = repository;
    this.location = location;
    this.movedFrom = movedFrom;
    this.clock = clock;
    this.identity = location.identity(cluster.fsid());
  }

  /** What the image is called now. */
  ImageIdentity identity() {
    return identity;
  }

  /** Where its restore points are, or will be; nothing is recorded yet. */
  ImageStore find(ImageSnapshots snapshots) {
    Optional<ImageStore> own = repository.existing(identity).filter(ImageStore::hasManifests);
    if (movedFrom != null) {
      ImageStore earlier = seriesOf(movedFrom);
      if (own.isPresent() && !own.get().imageId().equals(earlier.imageId())) {
        throw new KedgeException(
            ErrorCode.REFUSED,
            "%s has restore points of its own in %s, which do not go on with those of %s: leave --moved-from out"
                .formatted(location, repository.location(), movedFrom));
      }
      return earlier;
    }
    if (own.isPresent()) {
      return repository.image(identity);
    }
    return bySnapshot(snapshots.look()).orElseGet(() -> repository.image(identity));
  }

  // The cluster's own comes first: another cluster may have had an image of that name, too.
  private ImageStore seriesOf(RbdLocation earlier) {
    return repository
        .existing(earlier.identity(cluster.fsid()))
        .filter(ImageStore::hasManifests)
        .orElseGet(
            () -> repository.findImage(earlier.pool(), earlier.namespace(), earlier.image()));
  }

  private Optional<ImageStore> bySnapshot(ImageSnapshots.State found) {
    for (Snapshot snapshot : found.snapshots()) {
      Optional<SnapshotName> name = SnapshotName.parse(snapshot.name());
      if (name.isEmpty()) {
        continue;
      }
      for (ImageStore store : repository.images()) {
        if (isNewestOf(store, name.get(), found)
            && repository.ownFolder(identity).undoPoints().stream().allMatch(UndoPoint::released)) {
          return Optional.of(store);
        }
      }
    }
    return Optional.empty();
  }

  private boolean isNewestOf(ImageStore store, SnapshotName name, ImageSnapshots.State found) {
    try {
      return store.find(name.point()).isPresent()
          && store
              .latest()
              .filter(latest -> latest.id().equals(name.point()) && isProvenBy(latest, found))
              .isPresent();
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.VERIFICATION_FAILED) {
        throw e;
      }
      return false;
    }
  }

  /**
   * Under the lease, and before anything is changed: says that the image may go on with these
   * restore points, and records that it does.
   *
   * @return what the user should know
   * @throws KedgeException with REFUSED where they are another image's
   */
  List<String> join(
      ImageStore store,
      PointListing listing,
      ImageSnapshots snapshots,
      ImageSnapshots.State found,
      Lease lease) {
    Manifest latest = listing.latest().orElse(null);
    if (latest == null) {
      requireOwn(store);
      store.requireNotMoved(lease);
      return List.of();
    }
    ImageIdentity earlier = latest.image().identity();
    if (earlier.equals(identity)) {
      return List.of();
    }
    boolean recorded =
        repository.moved(identity).map(MovedImage::from).filter(earlier::equals).isPresent();
    if (!recorded) {
      requireMoved(latest, earlier, found);
      leaveOwnFolder(
          store, new MovedImage(identity, earlier, first(store, listing)), snapshots, found, lease);
    }
    List<String> notes = new ArrayList<>();
    notes.add(
        "it was moved from " + earlier + ", and goes on with the restore points under that name");
    store.undoPoints().stream()
        .filter(undo -> !undo.rbdId().equals(found.id()))
        .flatMap(undo -> found.find(undo.snapshotName()).stream())
        .map(snapshot ->
            "its snapshot "
                + snapshot.name()
                + " came along with it, and keeps what it held before a restore in place; Kedge cannot take it back any more: remove it with 'rbd snap rm' when you do not need it")
        .forEach(notes::add);
    return notes;
  }

  /** The name that the folder is of; its description may be damaged. */
  private static ImageIdentity first(ImageStore store, PointListing listing) {
    return listing.layers().stream()
        .map(layer -> layer.image().identity())
        .filter(name -> name.imageId().equals(store.imageId()))
        .findFirst()
        .orElseGet(store::identity);
  }

  private void requireOwn(ImageStore store) {
    if (movedFrom != null && !store.imageId().equals(identity.imageId())) {
      throw new KedgeException(
          ErrorCode.NOT_FOUND,
          "There is no restore point of %s in %s to go on with: leave --moved-from out"
              .formatted(movedFrom, repository.location()));
    }
  }

  private void requireMoved(Manifest latest, ImageIdentity earlier, ImageSnapshots.State found) {
    if (isProvenBy(latest, found)) {
      return;
    }
    if (movedFrom == null) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "The backups of %s in %s went on as those of %s, which was moved from there; %s was not backed up. If that one was moved back, add --moved-from %s; else use another target"
              .formatted(identity, repository.location(), earlier, identity, earlier));
    }
    if (!movedFrom.identity(earlier.clusterFsid()).equals(earlier)) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "The backups of %s in %s went on as those of %s: is it --moved-from %s?"
              .formatted(movedFrom, repository.location(), earlier, earlier));
    }
    if (isThere(earlier)) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "%s still exists, and its restore points are not another image's: remove or rename it first, or back %s up without --moved-from"
              .formatted(earlier, location));
    }
  }

  /** Whether the image has the snapshot of this restore point, and nothing else can be it. */
  private boolean isProvenBy(Manifest latest, ImageSnapshots.State found) {
    ImageIdentity earlier = latest.image().identity();
    if (!latest.snapshot().isOurs()
        || found.find(latest.snapshot().name()).isEmpty()
        || !earlier.clusterFsid().equals(cluster.fsid())
        || earlier.equals(identity)) {
      return false;
    }
    try {
      return !isThere(earlier);
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.PERMISSION_DENIED) {
        throw e;
      }
      return false;
    }
  }

  // What lies in another cluster cannot be looked at.
  private boolean isThere(ImageIdentity image) {
    if (!image.clusterFsid().equals(cluster.fsid())) {
      return false;
    }
    try (RbdPool pool = cluster.openPool(image.pool(), image.namespace())) {
      return pool.exists(image.name());
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      return false;
    }
  }

  /** What a killed backup left in the image's own folder goes first: nobody looks there again. */
  private void leaveOwnFolder(
      ImageStore store,
      MovedImage moved,
      ImageSnapshots snapshots,
      ImageSnapshots.State found,
      Lease lease) {
    if (store.imageId().equals(identity.imageId())) {
      return; // It was moved back.
    }
    ImageStore own = repository.ownFolder(identity);
    try (Lease ownLease = own.acquireLease()) {
      List<String> left =
          new ArrayList<>(new Janitor(own, ownLease, snapshots, clock).run(found.snapshots()));
      try (RbdPool pool = cluster.openPool(location.pool(), location.namespace())) {
        left.addAll(new UndoStack(own, ownLease, pool, location.image(), clock).tidy());
      }
      if (!left.isEmpty()) {
        throw new KedgeException(ErrorCode.BUSY, String.join("; ", left));
      }
      own.giveWayTo(store, moved, lease, ownLease);
    }
  }
}
