package dev.kedge.openstack.cleanup;

import dev.kedge.base.KedgeException;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.Snapshot;
import dev.kedge.engine.SnapshotName;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cleanup.Leftover.Fate;
import dev.kedge.openstack.config.KedgeConfig;
import dev.kedge.openstack.config.PoolPlace;
import dev.kedge.openstack.disks.CephClusters;
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.PendingPoint;
import dev.kedge.repository.Repository;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The disks of deleted servers that Nova left in its pool, because it does not remove an image that
 * has snapshots of others. They go only where Nova itself says that the server was deleted, where
 * nobody has the image open, and where all its snapshots are of restore points of this repository;
 * the restore points stay. One use, one thread.
 */
public final class NovaLeftovers {
  // nova/virt/libvirt/imagebackend.py
  private static final Pattern NAME =
      Pattern.compile(
          "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_disk(?:\\.(?:local|eph\\d+|swap|config))?");
  private static final String OPERATOR = "admin";

  private final OpenStack cloud;
  private final KedgeConfig config;
  private final CephClusters clusters;
  private final Repository repository;

  /** Looks for disks that the repository has restore points of. */
  public NovaLeftovers(
      OpenStack cloud, KedgeConfig config, CephClusters clusters, Repository repository) {
    this.cloud = cloud;
    this.config = config;
    this.clusters = clusters;
    this.repository = repository;
  }

  /**
   * Removes them.
   *
   * @param dryRun whether only to say what would go
   * @return those of servers that are gone, or may be
   */
  public List<Leftover> run(boolean dryRun) {
    List<Leftover> found = new ArrayList<>();
    if (config.nova().isPresent()) {
      PoolPlace place = config.nova().get();
      String fsid = clusters.cluster(place.cluster()).fsid();
      try (RbdPool pool =
          clusters.cluster(place.cluster()).openPool(place.pool(), place.namespace())) {
        for (ImageStore store : repository.images()) {
          serverOf(store, place, fsid)
              .flatMap(server -> look(store, server, pool, dryRun))
              .ifPresent(found::add);
        }
      }
    }
    return found;
  }

  /** The server whose disk it is; empty for anything else. */
  private static Optional<String> serverOf(ImageStore store, PoolPlace place, String fsid) {
    ImageIdentity identity;
    try {
      identity = store.identity();
    } catch (KedgeException e) {
      // Damaged: nobody knows what it is of, so nothing of it is touched.
      return Optional.empty();
    }
    Matcher name = NAME.matcher(identity.name());
    return identity.clusterFsid().equals(fsid)
            && identity.pool().equals(place.pool())
            && identity.namespace().equals(place.namespace())
            && name.matches()
        ? Optional.of(name.group(1))
        : Optional.empty();
  }

  private Optional<Leftover> look(ImageStore store, String server, RbdPool pool, boolean dryRun) {
    String image = store.identity().name();
    boolean moved =
        store
            .latest()
            .filter(latest -> !latest.image().identity().equals(store.identity()))
            .isPresent();
    if (moved || !pool.exists(image)) {
      return Optional.empty();
    }
    String label = store.identity().toString();
    return switch (ServerFate.of(server, cloud.nova(), cloud.token().hasRole(OPERATOR))) {
      case EXISTS -> Optional.empty();
      case UNKNOWN ->
          Optional.of(
              new Leftover(
                  label,
                  Fate.UNKNOWN,
                  "Nova does not know server "
                      + server
                      + ", or not for this user: only an operator can tell whether it was deleted"));
      case DELETED -> {
        try {
          yield Optional.of(remove(store, pool, image, label, dryRun));
        } catch (KedgeException e) {
          yield Optional.of(new Leftover(label, Fate.LEFT, e.getMessage()));
        }
      }
    };
  }

  private static Leftover remove(
      ImageStore store, RbdPool pool, String image, String label, boolean dryRun) {
    // No backup and no restore of it runs while it goes.
    try (Lease lease = store.acquireLease()) {
      Optional<String> obstacle = obstacle(store, lease, pool, image);
      if (obstacle.isPresent()) {
        return new Leftover(label, Fate.LEFT, obstacle.get());
      }
      if (dryRun) {
        return new Leftover(label, Fate.REMOVABLE, "Nova deleted its server");
      }
      lease.assertHeld();
      try (RbdImage handle = pool.open(image)) {
        for (Snapshot snapshot : handle.snapshots()) {
          handle.removeSnapshot(snapshot.name());
        }
      }
      pool.remove(image);
      return new Leftover(label, Fate.REMOVED, "Nova deleted its server; its restore points stay");
    }
  }

  private static Optional<String> obstacle(
      ImageStore store, Lease lease, RbdPool pool, String image) {
    Set<String> ours =
        Stream.concat(
                store.points().points().stream().map(point -> point.snapshot().name()),
                // Those of killed backups.
                lease.inherited().stream().map(PendingPoint::snapshotName))
            .collect(Collectors.toSet());
    try (RbdImage handle = pool.openReadOnly(image, null)) {
      if (!handle.watchers().isEmpty()) {
        return Optional.of("somebody has it open, though Nova deleted its server");
      }
      return handle.allSnapshots().stream()
          .filter(snapshot -> !ours.contains(snapshot.name()))
          .findFirst()
          .map(snapshot ->
              "it has the snapshot %s, which %s: remove that first"
                  .formatted(
                      snapshot.name(),
                      SnapshotName.parse(snapshot.name()).isPresent()
                          ? "belongs to another target, or keeps the state before a restore in place"
                          : "somebody else made"));
    }
  }
}
